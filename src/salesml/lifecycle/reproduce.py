"""Training once more from what a run recorded: is the model the same, and if not, what differs?"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Spec, Tracking, read_spec
from salesml.config.spec import AsOfRule
from salesml.errors import Fault, ModelError, UsageError
from salesml.lifecycle.fit import versions
from salesml.lifecycle.ordered import Order
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.train import fit_run
from salesml.lifecycle.train_table import train_table
from salesml.model.bundle import Bundle
from salesml.tracking.git import without_secrets

if TYPE_CHECKING:
    from salesml.crm import CRM
    from salesml.tracking.recorded import Recorded

PARTS = {
    "features": "the features",
    "coding": "how columns become numbers",
    "calibration": "the calibration",
    "training": "the rows learned from",
    "meaning": "what rows and outcomes mean",
    "cutoffs": "the bands",
}
"""Parts of a bundle that are named where they differ, in this order."""


@dataclass(frozen=True)
class Reproduced:
    """A training that was done again.

    Attributes
    ----------
    name : str
    then, now : str
        Digests of the bundle as it was recorded and as it came out.
    differences : tuple of str
        Sentences: first what went in otherwise than it did then, after that what came out otherwise.
    """

    name: str
    then: str
    now: str
    differences: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it is the same model, to the last bit of what decides a score and its words."""
        return self.then == self.now

    def text(self) -> str:
        """The result as a person reads it."""
        if self.same:
            return f"The same model: its digest is {self.now[:12]} again"
        head = f"Not the same model: its digest was {self.then[:12]} and is {self.now[:12]}"
        return "\n".join([head, *(f"- {each}" for each in self.differences)])

    def as_dict(self) -> dict[str, Any]:
        """For another program to read."""
        return asdict(self) | {"same": self.same}


def reproduce(
    run: str | Path,
    crm: CRM | None = None,
    *,
    table: Path | None = None,
    tracking: Tracking | None = None,
    say: Say = quiet,
) -> Reproduced:
    """Train again as a run was trained, and compare the digests; nothing is kept, logged or moved.

    Spec, as-of dates, exclusions and, for a flat table, its columns are those of the run; the rows are
    what the tables hold now.

    Parameters
    ----------
    run : str or Path
        A run's folder, ``runs:/RUN_ID`` or ``models:/NAME@ALIAS``.
    crm : CRM, optional
        The company's tables, for a run that was trained from them.
    table : Path, optional
        The flat table, for a run that was trained from one.

    Raises
    ------
    ModelError
        ``no-record`` where the run did not record enough.
    UsageError
        ``needs-tables`` where neither tables nor a table fit what it was trained from.
    DataError
        As :func:`salesml.train`.
    """
    from salesml.tracking.recorded import recorded

    was = recorded(run, tracking or Tracking())
    name = str(was.run["name"])
    with tempfile.TemporaryDirectory(prefix="salesml-reproduced-") as place:
        if was.run["params"].get("train_as_of"):
            now, before = _from_tables(was, crm, Path(place), say)
        else:
            now, before = _from_table(was, table, Path(place), say)
    return Reproduced(
        name, was.bundle.digest, now.digest, () if now.digest == was.bundle.digest else
        (*before, *_other_packages(was.bundle), *_other_parts(was.bundle, now, bool(before))),
    )  # fmt: skip


def _from_tables(was: Recorded, crm: CRM | None, place: Path, say: Say) -> tuple[Bundle, list[str]]:
    if crm is None:
        raise _needs("the tables of crm.yaml", "--crm")
    spec = _spec(was, place)
    fit = spec.task == "fit"  # past accounts are each looked at on a day of its own
    spec = spec if fit else replace(spec, as_of=_dates(was.run["params"]))
    return fit_run(spec, crm, say=say).bundle, _other_inputs(was, crm)


def _from_table(was: Recorded, table: Path | None, place: Path, say: Say) -> tuple[Bundle, list[str]]:
    if table is None:
        raise _needs("a flat table", "--table")
    asked = was.asked
    if not asked or "id_column" not in asked:
        raise _not_recorded("which columns of the flat table it was trained with")
    told: dict[str, Any] = {key: value for key, value in asked.items() if key not in ("order", "as_of")}
    spec_path = None
    if "spec.yaml" in was.texts:
        spec_path = _written(was, place)
        own = read_spec(spec_path)
        for key in ("exclude", "allow"):
            told[key] = [each for each in asked.get(key, ()) if each not in getattr(own, key)]
    trained = train_table(
        str(was.run["name"]), table, **told,
        order=Order(**asked["order"]) if "order" in asked else None,
        as_of=dt.date.fromisoformat(asked["as_of"]) if "as_of" in asked else None,
        spec_path=spec_path, log=False, into=place / "run", say=say,
    )  # fmt: skip
    other = trained.bundle.fingerprint != was.bundle.fingerprint
    return trained.bundle, ["The table holds other bytes than it did then"] if other else []


def _spec(was: Recorded, place: Path) -> Spec:
    if not was.texts.get("spec.yaml"):
        raise _not_recorded("its spec")
    spec = read_spec(_written(was, place))
    asked = was.asked or {}
    return replace(
        spec, exclude=tuple(asked.get("exclude", spec.exclude)), allow=tuple(asked.get("allow", spec.allow))
    )


def _written(was: Recorded, place: Path) -> Path:
    """The spec as a file of its name, as it is read."""
    path = place / f"{was.run['name']}.yaml"
    path.write_text(was.texts["spec.yaml"], encoding="utf-8")
    return path


def _dates(params: Mapping[str, Any]) -> AsOfRule:
    """The recorded dates, whatever the rule would choose of the tables now."""

    def dates(key: str) -> tuple[dt.date, ...]:
        return tuple(dt.date.fromisoformat(each) for each in str(params.get(key, "")).split(",") if each)

    return AsOfRule(train_dates=dates("train_as_of"), test_dates=dates("test_as_of"))


def _other_inputs(was: Recorded, crm: CRM) -> list[str]:
    if crm.fingerprint() == was.bundle.fingerprint:
        return []
    if was.texts.get("crm.yaml", "") != without_secrets(crm.contract.text):
        return ["crm.yaml is not as it was then; the run keeps the one it was trained with"]
    return [
        (
            "The tables hold other bytes than they did then: rows that came since about days before the "
            "as-of dates were not known to it"
        )
    ]


def _other_packages(bundle: Bundle) -> list[str]:
    now = versions()
    return [
        f"{package} was {then} and is {now.get(package, 'missing')}"
        for package, then in sorted(bundle.versions.items())
        if now.get(package) != then
    ]


def _other_parts(then: Bundle, now: Bundle, other_data: bool) -> list[str]:
    """What of the model itself came out otherwise."""
    was, became = then.as_dict(), now.as_dict()
    found = [words for key, words in PARTS.items() if was.get(key) != became.get(key)]
    if then.booster != now.booster:
        found.insert(0, "the trees")
    if not found and other_data:
        return ["Trees, calibration, features and bands are the same all the same"]
    if found:
        return [f"Of the model differ: {', '.join(found)}"]
    return ["Nothing else that was recorded differs: look at the machine it was trained on"]


def _needs(what: str, option: str) -> UsageError:
    return UsageError(
        Fault(
            code="needs-tables",
            found=f"The run was trained from {what}, and none is given",
            do=f"Name it with {option}",
        )
    )


def _not_recorded(what: str) -> ModelError:
    return ModelError(
        Fault(
            code="no-record",
            found=f"The run did not record {what}",
            allowed="Runs of this version of salesml or later, other than those of a list of best customers",
            do="Train again: the new run can be reproduced",
        )
    )
