"""A snapshot written to a file, for whoever wants the rows themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from salesml.config import Spec, read_spec
from salesml.crm import CRM
from salesml.lifecycle.refuse import refuse_nobody
from salesml.scoring import check_target, write
from salesml.snapshots import Snapshot, take


def snapshot(name: str, crm: CRM, as_of: dt.date | str | Sequence[dt.date | str]) -> Snapshot:
    """Features of a model's cohort as known before one or several dates, without outcomes.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml.
    as_of : date or text such as "2026-01-31", or several of them

    Raises
    ------
    UsageError, DataError
        When the spec, the contract and the tables do not fit.
    """
    spec = read_spec(crm.folder / "models" / f"{name}.yaml")
    dates = [as_of] if isinstance(as_of, dt.date | str) else as_of
    return take(spec, crm, [_date(day) for day in dates], labels=False)


def _date(day: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(day) if isinstance(day, str) else day


def save_snapshot(spec: Spec, crm: CRM, as_of: dt.date, out: Path) -> str:
    """Write the features of a date, without outcomes, and say what came of it.

    Raises
    ------
    UsageError
        When the file exists already.
    DataError
        ``nobody-to-score`` when the cohort is empty on that date.
    """
    check_target(out)
    taken = take(spec, crm, [as_of], labels=False)
    refuse_nobody(taken.table.num_rows, taken.entity.many)
    rows = write(taken.table.to_batches(), taken.table.schema, out)
    return f"{taken.summary()}\nWrote {rows:,} rows and {len(taken.features)} features to {out}"
