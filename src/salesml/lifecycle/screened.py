"""The checks before training: said, refused where nothing may be learned, and kept with the run."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from salesml.config import Spec
from salesml.config.section import nearest
from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.fit import Tested
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows
from salesml.model.screening import Comparison, Finding, Screening, compare_groups, of_prospects, screen
from salesml.snapshots import Snapshot
from salesml.snapshots.entity import PROSPECT, entity_of

REFUSED = "Leave it out with --exclude, or insist with --allow"


@dataclass(frozen=True)
class Screened:
    """What was found before training, by protected attribute after it, and against what reps answered."""

    screening: Screening
    comparisons: tuple[Comparison, ...] = ()
    answers: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those after training last."""
        after = (f for part in self.comparisons for f in part.findings)
        return (*self.screening.findings, *self.answers, *after)

    def json(self, spec: Spec) -> str:
        """``findings.json`` of a run folder."""
        data = {
            "findings": [finding.as_dict() for finding in self.findings],
            "by_group": [comparison.as_dict() for comparison in self.comparisons],
            "excluded": list(spec.exclude),
            "allowed": list(spec.allow),
        }
        return json.dumps(_finite(data), indent=2) + "\n"

    def card(self) -> str:
        """The part of the model card."""
        lines = [
            f"- **{finding.severity}** `{finding.code}` ({finding.sure_words}): {finding}"
            for finding in self.findings
        ]
        text = "\n".join(lines) or "Nothing was found."
        tables = [f"### By {part.attribute}\n\n{part.text()}" for part in self.comparisons]
        return "\n\n".join([f"## Checks before training\n\n{text}", *tables]) + "\n"


def screen_rows(
    spec: Spec,
    rows: Rows,
    say: Say,
    *,
    later: Rows | None = None,
    dated: Collection[str] = (),
    attributes: pd.DataFrame | None = None,
    kept_in: str = "model_card.md",
) -> Screening:
    """Check rows before training, say what warns, refuse what stops.

    Parameters
    ----------
    later : Rows, optional
        Rows of later dates, compared with the others.
    dated : collection of str
        Features that cannot be a leak.
    attributes : DataFrame, optional
        Protected attributes of the rows, which are no features.
    kept_in : str
        The file that has the notes in full, which are only counted here.

    Raises
    ------
    DataError
        With one fault for each finding that stops.
    """
    dates = rows.as_of if not np.isnat(rows.as_of).any() else None
    screening = screen(
        rows.X, rows.y, groups=rows.entity, as_of=dates,
        scoring=None if later is None else later.X,
        scoring_groups=None if later is None else later.entity,
        dated=dated, allow=spec.allow, protected=attributes,
    )  # fmt: skip
    if entity_of(spec) is PROSPECT:
        screening = of_prospects(screening, rows.X, rows.y, dated=dated, allow=spec.allow)
    if screening.findings:
        say(screening.text(notes=bool(screening.stops), kept_in=kept_in))
    if screening.stops:
        raise DataError([_fault(finding) for finding in screening.stops])
    return screening


def kept_together(rows: Rows, screening: Screening) -> Rows:
    """The rows with folds to go by repeated rows, where any were found."""
    if not any(finding.code.endswith("duplicate-rows") for finding in screening.warnings):
        return rows
    return replace(rows, entity=np.array([f"group {number}" for number in screening.groups], dtype=object))


def compared(tested: Tested, rows: Rows, attributes: pd.DataFrame | None, say: Say) -> tuple[Comparison, ...]:
    """The errors of a tested model by group of each checked attribute."""
    if attributes is None:
        return ()
    p = tested.classifier.calibration_.probability(tested.unseen)
    found = tuple(
        compare_groups(rows.y, p, attributes.iloc[:, place], tested.weight)
        for place in range(attributes.shape[1])
    )
    for comparison in found:
        for finding in comparison.findings:
            say(f"{finding.severity} [{finding.code}, {finding.sure_words}] {finding}")
    return found


def without(snapshot: Snapshot, spec: Spec) -> Snapshot:
    """A snapshot without the features that the spec excludes, by their own name or their column's.

    Raises
    ------
    UsageError
        ``missing-column`` for a name that is neither.
    """
    known = {name for feature in snapshot.features for name in (feature.name, feature.column) if name}
    refuse_unknown(spec, known)
    out = set(spec.exclude)
    features = tuple(f for f in snapshot.features if f.name not in out and f.column not in out)
    return replace(snapshot, features=features)


def refuse_unknown(spec: Spec, known: Collection[str], *, protected: bool = False) -> None:
    """That every column to exclude or to allow is there.

    Parameters
    ----------
    protected : bool
        Whether every protected attribute must be there as well: in a flat table every column is learned
        from, and one that is misspelt here would be too.
    """
    attributes = (*spec.protected, *spec.used) if protected else ()
    faults = [
        Fault(
            code="missing-column",
            found=f"{what} names {name!r}, which is no column",
            allowed=nearest(name, sorted(known)),
            column=name,
        )
        for what, names in (("exclude", spec.exclude), ("allow", spec.allow), ("protected", attributes))
        for name in names
        if name not in known
    ]
    if faults:
        raise UsageError(faults)


def checked_attributes(crm: CRM, spec: Spec, rows: Rows) -> pd.DataFrame | None:
    """The attributes that are checked, as they are now, for each row.

    Raises
    ------
    UsageError
        ``missing-column`` when an attribute is not listed in crm.yaml.
    """
    if not spec.checked:
        return None
    table = entity_of(spec).table
    with crm.connect() as con:
        entities = con.sql(f'SELECT * FROM "{table}"').df().set_index("id")
    missing = [name for name in spec.checked if f"a_{name}" not in entities]
    if missing:
        known = [str(name).removeprefix("a_") for name in entities if str(name).startswith("a_")]
        raise UsageError(
            Fault(
                code="missing-column",
                found=f"{spec.name}.yaml checks {', '.join(missing)}, which is no attribute in crm.yaml",
                allowed=nearest(missing[0], known) if known else f"Attributes are listed under {table}",
                do=f"List it under {table}.attributes; being protected, it is no feature",
                table=table,
                column=missing[0],
            )
        )
    found = entities[[f"a_{name}" for name in spec.checked]].set_axis(list(spec.checked), axis=1)
    return pd.DataFrame(found.reindex(list(rows.entity)).reset_index(drop=True))


def _fault(finding: Finding) -> Fault:
    return Fault(
        code=finding.code,
        found=finding.what,
        allowed="A column is known before the outcome is",
        do=REFUSED,
        column=", ".join(finding.columns),
        count=finding.rows,
    )


def _finite(data: Any) -> Any:
    """Plain data with null for what is no number: JSON has no NaN."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not np.isfinite(data) else data
