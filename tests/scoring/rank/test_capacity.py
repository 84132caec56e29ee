"""What fits into a list, and how near that comes to the best there could be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.errors import UsageError
from salesml.scoring.rank.capacity import Capacity, capacity_of, fill, upper_bound


def plain_fill(costs: list[int], free: list[bool], limit: int) -> list[bool]:
    """Row by row, as one would with pencil and paper."""
    taken = []
    for cost, may in zip(costs, free, strict=True):
        fits = may and cost <= limit
        taken.append(fits)
        limit -= cost if fits else 0
    return taken


def knapsack(costs: list[int], values: list[float], limit: int) -> float:
    """The optimum, by dynamic programming over every limit up to this one."""
    best = [0.0] * (limit + 1)
    for cost, value in zip(costs, values, strict=True):
        for room in range(limit, cost - 1, -1):
            best[room] = max(best[room], best[room - cost] + value)
    return best[limit]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=40), st.integers(0, 120))
def test_rows_are_taken_as_by_hand(rows: list[tuple[int, bool]], limit: int) -> None:
    costs, free = [cost for cost, _ in rows], [may for _, may in rows]
    taken = fill(np.array(costs, dtype=np.int64), np.array(free, dtype=bool), limit)
    assert taken.tolist() == plain_fill(costs, free, limit)


def test_a_large_row_is_passed_over_for_later_ones_that_fit() -> None:
    taken = fill(np.array([3, 9, 4, 5, 3]), np.ones(5, dtype=bool), 10)
    assert taken.tolist() == [True, False, True, False, True]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 1000)), min_size=1, max_size=30),
    st.integers(1, 60),
)
def test_what_is_lost_against_the_best_list_has_a_bound(rows: list[tuple[int, int]], limit: int) -> None:
    rows = sorted(rows, key=lambda row: -row[1] / row[0])
    costs = np.array([cost for cost, _ in rows], dtype=np.int64)
    values = np.array([float(value) for _, value in rows])
    free = costs <= limit
    greedy = values[fill(costs, free, limit)].sum()
    best = knapsack(costs[free].tolist(), values[free].tolist(), limit)
    bound = upper_bound(costs, values, free, limit)
    assert greedy <= best + 1e-9
    assert best <= bound + 1e-9
    passed_over = free & (np.cumsum(np.where(free, costs, 0)) > limit)
    first = values[passed_over][0] if passed_over.any() else 0.0
    assert best - greedy <= first + 1e-9


def test_little_is_lost_where_rows_are_small_beside_the_limit() -> None:
    random = np.random.default_rng(5)
    shares = []
    for _ in range(60):
        costs = np.rint(random.gamma(2, 6, 120)).astype(np.int64) + 1
        values = random.lognormal(5, 1, 120)
        order = np.argsort(-values / costs)
        costs, values = costs[order], values[order]
        greedy = values[fill(costs, costs <= 300, 300)].sum()
        shares.append(greedy / knapsack(costs.tolist(), values.tolist(), 300))
    assert min(shares) > 0.985
    assert np.mean(shares) > 0.998


def test_the_lists_of_reps_of_nobody_and_of_everyone() -> None:
    same = Capacity("hours", 20.0)
    assert (same.of("ann"), same.of("unassigned"), same.of("all")) == (20, None, 20)
    assert Capacity("hours", 20.0, reps={"ann", "bob"}).of("all") == 40
    own = Capacity("hours", {"ann": 30.0, "bob": float("nan"), "cy": -2.0, "unassigned": 5.0})
    assert [own.of(name) for name in ("ann", "bob", "cy", "dora", "unassigned", "all")] == [
        30,
        0,
        0,
        0,
        5,
        30,
    ]
    assert Capacity().of("ann") is None


@pytest.mark.parametrize(
    ("hours", "places", "explore", "codes"),
    [
        (0, None, 0, ["bad-hours"]),
        (-3.0, None, 1.0, ["bad-hours", "bad-share"]),
        (float("nan"), None, -0.1, ["bad-hours", "bad-share"]),
        (float("inf"), None, float("nan"), ["bad-hours", "bad-share"]),
        (None, 0, 0, ["bad-places"]),
        (None, 2.5, 0, ["bad-places"]),
        (20, 5, 0, ["two-limits"]),
        (None, None, 0.05, ["explore-without-limit"]),
        ({}, None, 0, ["no-hours"]),
        ({"ann": 0.0, "bob": float("nan")}, None, 0, ["no-hours"]),
    ],
)
def test_limits_that_are_none(hours, places, explore, codes) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError) as caught:
        capacity_of(hours, places, None, explore)
    assert [fault.code for fault in caught.value.faults] == codes
    assert all(fault.do for fault in caught.value.faults)


def test_the_words_of_a_wrong_share() -> None:
    with pytest.raises(UsageError, match=r"share to explore is 5\. It must be 0 or more and below 1"):
        capacity_of(20, None, None, 5)


def test_a_seed_that_no_column_can_hold() -> None:
    with pytest.raises(UsageError, match=r"The seed is 1180591620717411303424\. It must be a whole number"):
        capacity_of(None, None, None, 0, 2**70)
