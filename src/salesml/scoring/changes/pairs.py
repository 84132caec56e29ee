"""Which rows are of the same account, before and now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.scoring.frame import Rows


@dataclass(frozen=True)
class Pairs:
    """Rows of a table of changes: those of now in their order, then those that are gone.

    Parameters
    ----------
    before, now : ndarray of shape (pairs,)
        Number of the row before, and now; -1 where there is none.
    """

    before: NDArray[np.intp]
    now: NDArray[np.intp]


def pair(before: Rows, now: Rows) -> Pairs:
    """Match rows by ``entity_id``; a row without one has nobody to be matched with.

    Raises
    ------
    DataError
        ``repeated-entity`` when somebody stands in several rows of one table.
    """
    faults = [
        fault for name, rows in (("old_rows", before), ("new_rows", now)) for fault in _repeated(name, rows)
    ]
    if faults:
        raise DataError(faults)
    place = {entity: row for row, entity in enumerate(before.entity_id) if entity is not None}
    matched = [-1 if entity is None else place.get(entity, -1) for entity in now.entity_id]
    here = set(matched)
    gone = [row for row in range(len(before)) if row not in here]
    return Pairs(
        np.array([*matched, *gone], dtype=np.intp),
        np.array([*range(len(now)), *([-1] * len(gone))], dtype=np.intp),
    )


def _repeated(name: str, rows: Rows) -> list[Fault]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for entity in rows.entity_id:
        if entity is not None:
            if entity in seen:
                twice[entity] = None
            seen.add(entity)
    if not twice:
        return []
    return [
        Fault(
            code="repeated-entity",
            found=f"{len(twice):,} accounts stand in several rows of {name}",
            allowed="A change is that of one row of an account into another",
            do="Hand over the rows of one as-of date each",
            table=name,
            column="entity_id",
            count=len(twice),
            examples=tuple(twice)[:5],
        )
    ]
