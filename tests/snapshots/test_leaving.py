"""When accounts left: by contract and by silence, against plain loops and against the label."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from salesml.snapshots import take
from salesml.snapshots.take import snapshot_sql
from tests.snapshots.company import Row, crm_of, day, order, spec_of

QUIET = 20


def left(table: object, as_of: dt.date | None = None) -> dict[str, int | None]:
    rows = table.select(["entity_id", "as_of", "left_day"]).to_pylist()  # type: ignore[attr-defined]
    return {row["entity_id"]: row["left_day"] for row in rows if as_of in (None, row["as_of"])}


def test_a_contract_ends_on_its_day_however_far_away(tmp_path: Path) -> None:
    ends = {"a": None, "b": 35, "c": 54, "d": 55, "e": 89, "f": 90}
    table: list[Row] = [
        {"id": name, "since": day(0), "gone": None if at is None else day(at)} for name, at in ends.items()
    ]
    crm = crm_of(tmp_path, {"accounts": table}, observed_until=day(90))
    spec = spec_of(tmp_path, label={"kind": "contract"}, horizon_days=20, gap_days=5)
    snapshot = take(spec, crm, [day(30)], leaving=True)
    # The clock starts on day 35; what ends on day 90 is not known yet.
    assert left(snapshot.table) == {"a": None, "b": 0, "c": 19, "d": 20, "e": 54, "f": None}
    assert snapshot.observed_until == day(90)


def test_left_is_who_was_silent_for_long_enough_since_the_clock_started(tmp_path: Path) -> None:
    orders = [order(name, 25) for name in "abcdefg"]
    orders += [order("b", 49), order("c", 50), order("d", 30), order("d", 40), order("d", 61)]
    orders += [order("e", 45), order("e", 65), order("e", 84, back=True), order("f", 45), order("f", 60)]
    orders += [order("g", 30), order("g", 75), order("z", 99)]
    snapshot = take(spec_of(tmp_path), crm_of(tmp_path, {"orders": orders}), [day(30)], leaving=True)
    found = left(snapshot.table)
    # Quiet on days 30 to 49; b ordered on the last of them, c a day later, which is too late.
    assert (found["a"], found["b"], found["c"]) == (19, 39, 19)
    # d: 40, then nothing until 61, which are 20 days of silence, the last of them day 60.
    assert found["d"] == 30
    # e: 45, 65 are 19 apart in between; a return is no event; the silence ends with day 85.
    assert found["e"] == 55
    assert (found["f"], found["g"]) == (50, 20)
    labels = dict(
        zip(snapshot.table["entity_id"].to_pylist(), snapshot.table["label"].to_pylist(), strict=True)
    )
    assert labels == {name: int(t is not None and t < QUIET) for name, t in found.items()}


def by_loops(days: list[int], start: int, until: int) -> int | None:
    """The first day, counted from the start, that ends a silence of ``QUIET`` days since the start."""
    active = set(days)
    for last in range(start + QUIET - 1, until):
        if not active & set(range(last - QUIET + 1, last + 1)):
            return last - start
    return None


@pytest.mark.parametrize("seed", range(2))
def test_the_same_as_day_by_day(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    days = {f"a{n}": sorted(draw.sample(range(160), draw.randint(1, 16))) for n in range(40)}
    days["z"] = [159]
    orders = [order(name, at) for name, found in days.items() for at in found]
    spec, crm = spec_of(tmp_path), crm_of(tmp_path, {"orders": orders})
    dates = [40, 70, 110, 140]
    snapshot = take(spec, crm, [day(at) for at in dates], leaving=True)
    compared = 0
    for at in dates:
        for name, found in left(snapshot.table, day(at)).items():
            assert found == by_loops(days[name], at, 160), (name, at)
            compared += 1
    assert compared > 60


def test_nothing_is_asked_that_is_not_wanted(tmp_path: Path) -> None:
    spec, crm = spec_of(tmp_path), crm_of(tmp_path, {"orders": [order("a", 25), order("z", 99)]})
    assert "left_day" not in take(spec, crm, [day(30)]).table.column_names
    assert "left_day" not in take(spec, crm, [day(30)], labels=False, leaving=True).table.column_names
    assert "left_day" not in snapshot_sql(spec, crm, [day(30)])
