"""What is wrong with the input of a ranking: some stops it, the rest is told beside the lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.scoring.rank.capacity import Capacity
from salesml.scoring.rank.rows import EVERYONE, NOBODY, Rows


def refuse_unknown_hours(rows: Rows, capacity: Capacity) -> None:
    """That hours can be given out at all.

    Raises
    ------
    DataError
        ``no-expected-hours`` when no scored row says how many hours it takes.
    """
    if capacity.unit != "hours" or not rows.scored.any() or not np.isnan(rows.hours[rows.scored]).all():
        return
    raise DataError(
        Fault(
            code="no-expected-hours",
            found="No row says how many hours it takes",
            allowed="Lists within hours need `expected_hours` above 0, learned from the table `activities`",
            do="Name the hours of activities in crm.yaml and train again, or give --places-per-rep",
            column="expected_hours",
        )
    )


def warnings(rows: Rows, capacity: Capacity, expected: str) -> list[Fault]:
    """What a reader of the lists should know."""
    found = [*_values(rows, expected), *_reps(rows, capacity)]
    if capacity.unit == "hours":
        found += _hours(rows)
    return found


def _values(rows: Rows, expected: str) -> Iterable[Fault]:
    known = rows.scored & ~np.isnan(rows.expected)
    if known.any() and not rows.expected[known].any():
        yield Fault(
            code="all-zero",
            found=f"Every {expected} that is known is 0",
            do="Look at `value` in the model's yaml; until then the score alone decides the order",
            fatal=False,
            column=expected,
            count=int(known.sum()),
        )
    below = known & (rows.expected < 0)
    if below.any():
        yield Fault(
            code="below-zero",
            found=f"{expected} is below 0 for {_rows(below)}",
            do="Look at how their value comes about, if you did not expect it",
            fatal=False,
            column=expected,
            count=int(below.sum()),
        )


def _hours(rows: Rows) -> Iterable[Fault]:
    bad = rows.scored & rows.bad_hours
    missing = rows.scored & np.isnan(rows.hours) & ~rows.bad_hours
    for where, words in ((bad, "0 or less"), (missing, "missing")):
        if where.any():
            yield Fault(
                code="hours-unknown",
                found=f"expected_hours is {words} for {_rows(where)}",
                allowed="A row needs hours above 0 to stand in a list within hours",
                do="They are kept in the table, in no list",
                fatal=False,
                column="expected_hours",
                count=int(where.sum()),
                examples=_some(rows.entity[where]),
            )


def _reps(rows: Rows, capacity: Capacity) -> Iterable[Fault]:
    named: set[str] = set(rows.lists) - {EVERYONE, NOBODY}
    strange = sorted(named - set(capacity.reps)) if capacity.reps is not None else []
    if strange:
        yield _rep_fault(
            "unknown-rep",
            strange,
            "in the scores, but not among the reps that are known",
            "Bring them into the table `reps` of crm.yaml",
        )
    if isinstance(capacity.each, Mapping):
        idle = sorted(name for name in named - set(strange) if not capacity.of(name))
        if idle:
            yield _rep_fault(
                "rep-without-hours",
                idle,
                "without hours above 0",
                "Fill in their hours, unless they are away; until then nothing is listed for them",
            )


def _rep_fault(code: str, reps: list[str], words: str, do: str) -> Fault:
    number = "1 rep" if len(reps) == 1 else f"{len(reps):,} reps"
    return Fault(
        code=code,
        found=f"{number} {words}: {', '.join(reps[:5])}",
        do=do,
        fatal=False,
        examples=tuple(reps[:5]),
    )


def _rows(where: NDArray[np.bool_]) -> str:
    number = int(where.sum())
    return "1 row" if number == 1 else f"{number:,} rows"


def _some(entities: NDArray[np.object_] | Collection[str]) -> tuple[str, ...]:
    return tuple(str(each) for each in list(entities)[:5])
