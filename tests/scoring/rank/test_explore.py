"""Lots: every probability is exact, and the work stays within the limit whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.scoring.rank.capacity import fill
from salesml.scoring.rank.explore import Deal, bundled, deal, lot, lots


def dealt(costs: list[int], limit: int, quota: float, seed: int) -> tuple[Deal, np.ndarray]:
    array = np.array(costs, dtype=np.int64)
    free = array <= limit
    numbers = lots(seed, "2026-01-01", "ann", [str(row) for row in range(len(costs))])
    return deal(array, free, fill(array, free, limit), limit, quota, numbers), array


def every_draw(deal: Deal) -> list[tuple[float, float]]:
    """A number for each outcome of the draw, and how probable that is."""
    number = len(deal.sizes)
    outcomes = [((bundle + 0.5) * deal.each, deal.each) for bundle in range(number)]
    left = 1 - number * deal.each
    return [*outcomes, (1 - left / 2, left)] if left > 1e-12 else outcomes


cases = given(
    st.lists(st.integers(1, 30), min_size=1, max_size=40),
    st.integers(1, 80),
    st.floats(0.01, 0.9),
    st.integers(0, 5),
)


@settings(deadline=None, max_examples=300)
@cases
def test_probabilities_are_those_of_all_draws_counted_out(
    costs: list[int], limit: int, share: float, seed: int
) -> None:
    made, _ = dealt(costs, limit, share * limit, seed)
    counted = np.zeros(len(costs))
    for number, probability in every_draw(made):
        draw = made.draw(number)
        assert not (draw.kept & draw.drawn).any()
        counted += probability * (draw.kept | draw.drawn)
    np.testing.assert_allclose(made.probability, counted, atol=1e-9)


@settings(deadline=None, max_examples=300)
@cases
def test_no_draw_exceeds_the_limit_and_bundles_take_the_share_at_most(
    costs: list[int], limit: int, share: float, seed: int
) -> None:
    made, array = dealt(costs, limit, share * limit, seed)
    explored = 0.0
    for number, probability in every_draw(made):
        draw = made.draw(number)
        assert array[draw.kept | draw.drawn].sum() <= limit
        explored += probability * array[draw.drawn].sum()
    assert explored <= share * limit + 1e-9


@settings(deadline=None, max_examples=200)
@cases
def test_every_row_that_fits_can_be_picked(costs: list[int], limit: int, share: float, seed: int) -> None:
    made, array = dealt(costs, limit, share * limit, seed)
    assert ((made.probability > 1e-9) == (array <= limit)).all()


def test_small_rows_leave_the_top_of_the_list_alone() -> None:
    made, _ = dealt([1] * 100, 20, 2.0, 1)
    assert made.probability[:18].tolist() == [1.0] * 18
    assert made.probability[18:] == pytest.approx(1 / 41)
    assert len(made.sizes) == 41


def test_a_quota_below_one_row_is_spent_now_and_then() -> None:
    made, _ = dealt([5] * 40, 20, 1.0, 1)
    assert len(made.sizes) == 37
    assert made.each == pytest.approx(1 / (5 * 37))
    assert made.probability[:3].tolist() == [1.0] * 3
    # The last of the list gives way to a draw, or is drawn itself.
    assert made.probability[3] == pytest.approx(1 - 36 * made.each)
    assert made.probability[4:] == pytest.approx(made.each)


def test_nothing_gives_way_where_everything_fits() -> None:
    made, _ = dealt([4, 5, 3], 20, 2.0, 1)
    assert made.draw(0.0).kept.all()
    assert made.probability.tolist() == [1.0] * 3


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), max_size=60), st.integers(1, 20))
def test_bundles_hold_what_the_share_allows_or_one_row(costs: list[int], size: int) -> None:
    numbers = bundled(costs, size)
    assert sorted(set(numbers.tolist())) == list(range(len(set(numbers.tolist()))))
    for bundle in set(numbers.tolist()):
        held = [cost for cost, number in zip(costs, numbers, strict=True) if number == bundle]
        assert sum(held) <= size or len(held) == 1


def test_lots_depend_on_seed_date_list_and_entity_alone() -> None:
    assert lots(1, "d", "ann", ["a", "b"]).tolist() == lots(1, "d", "ann", ["b", "a"])[::-1].tolist()
    several = {lots(seed, day, name, ["a"])[0] for seed in (1, 2) for day in "de" for name in ("x", "y")}
    assert len(several) == 8
    assert lot(1, "d", "ann") == lot(1, "d", "ann") != lot(2, "d", "ann")
    # As they were when this was written: a list can be drawn again from its seed for ever.
    assert lot(0, "2026-01-01", "ann") == 0.2782644438063495
    assert lots(0, "2026-01-01", "ann", ["p1"]).tolist() == [17262057608368501270]


def test_lots_are_spread_evenly() -> None:
    drawn = np.array([lot(seed, "2026-01-01", "ann") for seed in range(4000)])
    counts, _ = np.histogram(drawn, bins=20, range=(0, 1))
    chi_square = ((counts - 200) ** 2 / 200).sum()
    assert chi_square < 43.8  # the 0.999 quantile with 19 degrees of freedom
