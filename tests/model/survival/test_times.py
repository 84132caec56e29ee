"""When rows left and how long they were watched; the rows that hazards are learned from."""

from __future__ import annotations

import numpy as np

from salesml.model.survival.intervals import Periods, reach, strong_enough
from salesml.model.survival.times import Times


def times(*rows: tuple[float | None, float]) -> Times:
    return Times(
        np.array([np.nan if left is None else left for left, _ in rows], dtype=float),
        np.array([seen for _, seen in rows], dtype=float),
    )


def test_gone_there_or_lost_from_sight() -> None:
    found = times((29, 90), (30, 90), (None, 90), (None, 20), (10, 90))
    assert found.gone(30).tolist() == [True, False, False, False, True]
    assert found.there(30).tolist() == [False, True, True, False, False]
    assert found.gone(11).tolist() == [False, False, False, False, True]


def test_what_was_known_earlier() -> None:
    then = times((29, 90), (60, 90), (None, 90)).watched_for(np.array([30.0, 60.0, 200.0]))
    assert then.seen.tolist() == [30, 60, 90]
    assert then.left[0] == 29
    assert np.isnan(then.left[1:]).all()


def test_a_row_tells_of_an_interval_it_was_watched_to_the_end_of() -> None:
    found = times((10, 90), (40, 50), (None, 50), (40, 90), (None, 90))
    # Those watched for 50 days are left out of the second interval, whether they left or not.
    assert found.exposure(0, 30).tolist() == [1, 1, 1, 1, 1]
    assert found.exposure(30, 60).tolist() == [0, 0, 0, 1, 1]


def test_where_nobody_knows_how_long_leavers_would_have_been_watched() -> None:
    found = times((40, np.inf), (None, 45), (10, np.inf), (None, 90))
    assert found.exposure(30, 60).tolist() == [1, 0.5, 0, 1]


def test_periods_are_the_rows_at_risk() -> None:
    found = Periods.of(times((10, 90), (40, 90), (None, 90)), (30, 60, 90), np.array([1.0, 2.0, 3.0]))
    rows = list(zip(found.interval.tolist(), found.row.tolist(), found.left.tolist(), strict=True))
    assert rows == [(0, 0, 1), (0, 1, 0), (0, 2, 0), (1, 1, 1), (1, 2, 0), (2, 2, 0)]
    assert found.weight.tolist() == [1, 2, 3, 2, 3, 3]


def many(*groups: tuple[int, float | None, float]) -> tuple[Times, np.ndarray]:
    rows = [(left, seen) for count, left, seen in groups for _ in range(count)]
    return times(*rows), np.arange(len(rows))


def test_how_far_the_data_reach() -> None:
    found, owner = many((100, None, 90), (39, None, 180))
    assert reach(found, (30, 90, 180), owner) == 90
    found, owner = many((100, None, 90), (40, None, 180))
    assert reach(found, (30, 90, 180), owner) == 180
    assert reach(found, (30, 90, 180), np.zeros(140, dtype=int)) == 0


def test_an_interval_with_few_leavers_is_joined_with_the_next() -> None:
    found, owner = many((30, 10, 180), (19, 40, 180), (30, 70, 180), (200, None, 180))
    assert strong_enough(found, (30, 60, 90, 180), owner, 90) == ((30, 90), {60: 19, 180: 0})
    whole, owner = many((20, 10, 180), (20, 40, 180), (20, 70, 180), (20, 170, 180), (200, None, 180))
    assert strong_enough(whole, (30, 60, 90, 180), owner, 90) == ((30, 60, 90, 180), {})


def test_the_models_own_horizon_always_stays() -> None:
    found, owner = many((30, 10, 180), (200, None, 180))
    assert strong_enough(found, (30, 90, 180), owner, 90)[0] == (90,)
    assert strong_enough(found, (90,), owner, 90) == ((90,), {})
    nobody, owner = many((200, None, 180))
    assert strong_enough(nobody, (30, 90, 180), owner, 90)[0] == (90,)
