"""Who the reps are, and how many hours a week each has."""

from __future__ import annotations

import math
from collections import Counter

from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError


def hours_of_reps(crm: CRM, *, needed: bool = True) -> dict[str, float]:
    """Hours a week by rep, NaN where they are not known.

    Parameters
    ----------
    needed : bool
        Whether hours must be there at all, or only the names of reps are asked for.

    Raises
    ------
    UsageError
        ``no-reps`` when crm.yaml has no table ``reps``, or hours are needed and it does not name them.
    DataError
        ``duplicate-key`` when a rep stands in several rows, or a table cannot be used.
    """
    table = crm.contract.tables.get("reps")
    if table is None:
        raise UsageError(_no_reps("crm.yaml has no table `reps`"))
    if needed and "hours_per_week" not in table.columns:
        raise UsageError(_no_reps("The table `reps` of crm.yaml does not name `hours_per_week`"))
    with crm.connect() as con:
        found = con.execute("SELECT id, hours_per_week FROM reps WHERE id IS NOT NULL").fetchall()
    twice = sorted(rep for rep, number in Counter(rep for rep, _ in found).items() if number > 1)
    if twice:
        raise DataError(
            Fault(
                code="duplicate-key",
                found="1 id stands in several rows"
                if len(twice) == 1
                else f"{len(twice):,} ids stand in several rows",
                do="Keep one row for each rep",
                table="reps",
                column="id",
                count=len(twice),
                examples=tuple(twice[:5]),
            )
        )
    return {rep: math.nan if hours is None else float(hours) for rep, hours in found}


def _no_reps(found: str) -> Fault:
    return Fault(
        code="no-reps",
        found=found,
        allowed="Lists within each rep's hours need `reps` with `id` and `hours_per_week`",
        do="Add them to crm.yaml, or give --hours-per-rep",
        table="reps",
    )
