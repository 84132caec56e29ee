"""Effects that were planted are found, and what reps chose is not taken for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesml.payoffs.effects import Design, effects
from salesml.payoffs.figure import (
    CONTACT,
    CONTACTED,
    HOURS,
    IF_LISTED,
    IF_NOT,
    LISTING,
    MARGIN,
    MONEY,
    OBSERVED,
    ORDER,
    OUTCOME,
    PER_HOUR,
    find,
)
from salesml.payoffs.listed import Clusters, clusters_of
from tests.payoffs.made import listed, simulated

BIG = {"lists": 60, "dates": 4, "rows": 30, "places": 8, "explore": 0.25}


def test_calls_that_help_are_found_and_choice_flatters_them() -> None:
    made = simulated(1, effect=0.2, **BIG)
    figures = list(effects(made.design))
    listing, late = find(figures, LISTING), find(figures, CONTACT)
    assert listing is not None
    assert late is not None
    assert listing.low < made.listing < listing.high
    assert listing.clear
    assert listing.method == "lots-again"
    assert late.low < made.contact < late.high
    chosen = find(figures, OBSERVED)
    assert chosen is not None
    assert chosen.value > made.contact
    assert not chosen.causal
    before, after = find(figures, IF_NOT), find(figures, IF_LISTED)
    assert before is not None
    assert after is not None
    assert after.value - before.value == pytest.approx(listing.value)
    assert {each.outcome for each in figures if each.estimand == LISTING} == {
        OUTCOME,
        MONEY,
        CONTACTED,
        HOURS,
    }
    for kind in (PER_HOUR, ORDER, MARGIN):
        assert find(figures, kind) is not None


def test_calls_that_do_nothing_are_not_found_though_the_called_do_better() -> None:
    figures = list(effects(simulated(2, **BIG).design))
    listing, chosen = find(figures, LISTING), find(figures, OBSERVED)
    assert listing is not None
    assert chosen is not None
    assert not listing.clear
    assert chosen.low > 0


def test_lists_that_nobody_minds_tell_nothing_of_contacts() -> None:
    late = find(effects(simulated(3, effect=0.1, obeys=0.0, **BIG).design), CONTACT)
    assert late is not None
    assert not late.bounded


def test_the_hajek_difference_by_hand() -> None:
    """Four rows: two listed with chances 1/2 and 1/4, two not with 1/2 and 3/4."""
    rows = listed(
        4, listed=np.array([True, True, False, False]), chance=np.array([0.5, 0.25, 0.5, 0.75]),
        label=np.array([1.0, 0.0, 1.0, 0.0]),
    )  # fmt: skip
    found = find(effects(Design(rows, Clusters(np.arange(4), 4))), LISTING)
    assert found is not None
    assert found.value == pytest.approx(2 / 6 - 2 / 6)
    rows = replace(rows, label=np.array([1.0, 0.0, 0.0, 1.0]))
    found = find(effects(Design(rows, Clusters(np.arange(4), 4))), LISTING)
    assert found is not None
    assert found.value == pytest.approx(2 / 6 - 4 / 6)
    assert not found.bounded


def test_certain_rows_have_no_part_in_it() -> None:
    rows = listed(200, label=np.tile([1.0, 0.0, 0.0, 1.0], 50))
    sure = replace(
        listed(100), chance=np.ones(100), listed=np.ones(100, dtype=bool), label=np.ones(100),
        list=np.array([f"S{place}" for place in range(100)], dtype=object),
    )  # fmt: skip
    both = type(rows)(**{
        name: None if (one := getattr(rows, name)) is None else np.concatenate([one, getattr(sure, name)])
        for name in rows.__dataclass_fields__
    })  # fmt: skip
    alone = find(effects(Design(rows, Clusters(np.arange(200), 200))), LISTING)
    with_sure = find(effects(Design(both, Clusters(np.arange(300), 300))), LISTING)
    assert alone is not None
    assert with_sure is not None
    assert (alone.value, alone.low) == (pytest.approx(with_sure.value), pytest.approx(with_sure.low))


def test_rows_that_come_again_within_the_horizon_are_one_cluster() -> None:
    apart = simulated(5, apart=100).design.rows
    again = simulated(5, apart=30).design.rows
    assert clusters_of(apart, 90, drawn_again=True).number == 24
    found = clusters_of(again, 90, drawn_again=True)
    assert (found.number, found.joined, found.recurring) == (12, True, 240)
    few = again.where(np.isin(again.list, ["R0", "R1"]))
    assert clusters_of(few, 90, drawn_again=True).number == 4
    assert clusters_of(few, 90, drawn_again=False).number == 2


def test_shares_are_no_further_apart_than_one() -> None:
    """Few rows in a band, and chances near nothing, would allow of more."""
    ends = set()
    for seed in range(6):
        for each in effects(simulated(seed, lists=6, dates=1, rows=12, places=3, explore=0.4).design):
            if each.estimand == LISTING and each.outcome == OUTCOME and each.bounded:
                ends |= {each.low, each.high}
    assert min(ends) == -1.0
    assert max(ends) == 1.0
