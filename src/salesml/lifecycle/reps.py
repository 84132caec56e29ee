"""Who the reps are, and how many hours a week each has."""

from __future__ import annotations

import math

from salesml.crm import CRM
from salesml.errors import Fault, UsageError


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
        When a table cannot be used.
    """
    reps = crm.relations().get("reps")
    if reps is None:
        raise UsageError(_no_reps("crm.yaml has no table `reps`"))
    known = "hours_per_week" in reps.columns
    if needed and not known:
        raise UsageError(_no_reps("The table `reps` of crm.yaml does not name `hours_per_week`"))
    hours = "hours_per_week" if known else "NULL"
    with crm.connect() as con:
        found = con.execute(f"SELECT id, {hours} FROM reps WHERE id IS NOT NULL").fetchall()
    return {str(rep): math.nan if value is None else float(value) for rep, value in found}


def _no_reps(found: str) -> Fault:
    return Fault(
        code="no-reps",
        found=found,
        allowed="Lists within each rep's hours need `reps` with `id` and `hours_per_week`",
        do="Add them to crm.yaml, or give --hours-per-rep",
        table="reps",
    )
