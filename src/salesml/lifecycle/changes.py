"""What moved scores between two dates, from the tables: two snapshots, one or two models, one table."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from salesml.config import Spec, Tracking
from salesml.crm import CRM
from salesml.errors import Fault, UsageError
from salesml.lifecycle.meaning import refuse_other_meaning
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty, refuse_nobody
from salesml.lifecycle.score import champion
from salesml.scoring import changes, check_quarantine, check_target, write
from salesml.scoring.changes.table import COMPARED, GONE, NEW, NOT_SCORED, SCHEMA
from salesml.snapshots import take
from salesml.tracking import load


@dataclass(frozen=True)
class Changed:
    """A table of changes that has been written."""

    path: Path
    counts: dict[str, int]
    versions: tuple[str, str]

    def text(self) -> str:
        """The result as a person reads it."""
        old, new = self.versions
        models = f"with {new}" if old == new else f"from {old} to {new}"
        counts = ", ".join(f"{self.counts.get(kind, 0):,} {kind}" for kind in (COMPARED, NEW, GONE))
        unscored, rows = self.counts.get(NOT_SCORED, 0), sum(self.counts.values())
        left = f", {unscored:,} {NOT_SCORED} (see their problem)" if unscored else ""
        return f"Wrote {rows:,} rows to {self.path} {models}: {counts}{left}"


def score_changes(
    spec: Spec,
    crm: CRM,
    since: dt.date,
    as_of: dt.date,
    out: Path,
    *,
    model: str | None = None,
    since_model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    say: Say = quiet,
) -> Changed:
    """Write what moved each score from one date to another.

    The rows of the earlier date are taken again, as they were known then. Where the tables do not say
    when each row became known, rows that came late stand in them, and a chance may differ from the one
    that was published.

    Parameters
    ----------
    since, as_of : datetime.date
        The dates before and now; the same one compares two models.
    model, since_model : str, optional
        The models now and before: a bundle's folder or an MLflow address. The registered champion, and
        the model of now, when left out.
    top : int
        Most reasons per account and part.

    Raises
    ------
    UsageError
        ``bad-value`` when there is nothing to compare; when the file exists already.
    DataError
        As :func:`salesml.lifecycle.score.score`.
    ModelError
        ``other-meaning`` when the spec or the contract is not that of either training.
    """
    check_target(out)
    _refuse_no_time(since, as_of)
    address = model or champion(spec.name, tracking)
    refuse_faulty(crm, say, as_of, spec)
    new = load(address, tracking)
    old = new if since_model in (None, address) else load(since_model, tracking)
    for scorer in dict.fromkeys((new, old)):
        refuse_other_meaning(scorer.bundle.meaning, spec, crm.contract)
    if since == as_of and old.bundle.digest == new.bundle.digest:
        raise _nothing_to_compare(f"--as-of and --since are both {as_of}, and the models are the same")
    days = dict.fromkeys((since, as_of))
    say(f"Taking the rows of {' and '.join(map(str, days))}")
    snapshot = take(spec, crm, [*days], labels=False)
    before, now = (snapshot.table.filter(pc.equal(snapshot.table["as_of"], day)) for day in (since, as_of))
    refuse_nobody(now.num_rows, snapshot.entity.many)
    say(f"Comparing {before.num_rows:,} {snapshot.entity.many} with {now.num_rows:,}")
    table = changes(old, before, new, now, top, withheld=(*spec.protected, *spec.used))
    if snapshot.unscorable is not None:
        table = pa.concat_tables([table, _unscorable(snapshot.unscorable, table, as_of)])
    check_quarantine(table, new.bundle)
    write(table.to_batches(), SCHEMA, out)
    return Changed(out, dict(Counter(table["status"].to_pylist())), (old.version, new.version))


def _unscorable(found: pa.Table, table: pa.Table, as_of: dt.date) -> pa.Table:
    """Rows for those who cannot be scored now, and stand nowhere else."""
    found = found.filter(pc.equal(found["as_of"], as_of))
    found = found.filter(pc.invert(pc.is_in(found["entity_id"], table["entity_id"])))
    size = found.num_rows
    same = {name: pa.repeat(table[name][0], size) for name in ("model", "task", "model_version")}
    columns = {name: found[name] for name in found.column_names} | same
    columns["status"] = pa.repeat(NOT_SCORED, size)
    arrays = [columns.get(field.name, pa.nulls(size, field.type)) for field in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def _refuse_no_time(since: dt.date, as_of: dt.date) -> None:
    if since > as_of:
        raise _nothing_to_compare(f"--since {since} is after --as-of {as_of}")


def _nothing_to_compare(found: str) -> UsageError:
    return UsageError(
        Fault(
            code="bad-value",
            found=found,
            allowed="A change leads from an earlier date to a later one, or from one model to another",
            do="Name an earlier date with --since, or the model of before with --since-model",
        )
    )
