"""Lists within hours: who stands in them, at which place, with what probability, and why not."""

from __future__ import annotations

import datetime as dt
import math
import warnings as python_warnings

import numpy as np
import pandas as pd
import pytest

from salesml.scoring import rank
from salesml.scoring.rank.capacity import Capacity
from salesml.scoring.rank.pick import pick
from salesml.scoring.rank.rows import Rows
from tests.scoring.rank.made import drawn, of, prospects

NAN = math.nan


def test_the_greatest_return_per_hour_first_until_the_hours_are_used() -> None:
    ranked = rank(prospects([100, 90, 30, 10, 8], [10, 3, 1, 4, 1]), hours_per_rep=8)
    assert of(ranked, "rank") == {"p001": 1, "p002": 2, "p004": 3, "p000": pd.NA, "p003": pd.NA} | {
        key: value for key, value in of(ranked, "rank").items() if pd.isna(value)
    }
    assert list(ranked["entity_id"][:3]) == ["p001", "p002", "p004"]
    why = of(ranked, "unlisted")
    assert why["p000"] == "it takes more hours than its list has"
    assert why["p003"] == "others filled the list"
    assert of(ranked, "pick_probability") == {"p001": 1, "p002": 1, "p004": 1, "p000": 0, "p003": 0}
    assert set(ranked["picked"].dropna()) == {"rank"}


def test_every_list_stays_within_its_own_hours() -> None:
    scores = drawn(900, 3, ["ann", "bob", "cy"])
    hours = {"ann": 40.0, "bob": 7.5, "cy": 0.0}
    for explore in (0.0, 0.05, 0.5):
        ranked = rank(scores, hours_per_rep=hours, explore=explore, seed=4)
        listed = ranked[ranked["rank"].notna()]
        used = listed.groupby("list")["expected_hours"].sum()
        assert set(used.index) == {"ann", "bob"}
        assert all(used[name] <= hours[name] + 1e-6 for name in used.index)
        for _, part in listed.groupby("list"):
            assert part["rank"].tolist() == list(range(1, len(part) + 1))
        assert len(ranked) == len(scores)
        assert set(ranked["entity_id"]) == set(scores["entity_id"])
    assert set(ranked.loc[ranked["list"] == "cy", "unlisted"]) == {"its list has no hours"}


def test_hours_add_up_exactly() -> None:
    ranked = rank(prospects([3, 2, 1], [0.1, 0.1, 0.1]), hours_per_rep=0.3)
    assert ranked["rank"].tolist() == [1, 2, 3]


def test_what_is_not_known_comes_last_with_the_reason() -> None:
    scores = prospects(
        [NAN, 5, 5, 5, -4, 0, 9],
        [1, NAN, 0, -2, 1, 1, 1],
        raw_score=[1.0, 0, 0, 0, 9, 2, 0],
        status=["scored"] * 6 + ["not scored"],
    )
    ranked = rank(scores, hours_per_rep=10)
    assert of(ranked, "unlisted") == {
        "p005": ranked["unlisted"][0],
        "p000": ranked["unlisted"][1],
        "p001": "the hours it takes are not known",
        "p002": "the hours it takes are not above 0",
        "p003": "the hours it takes are not above 0",
        "p004": "it is expected to bring less than nothing",
        "p006": "it could not be scored",
    }
    assert ranked["unlisted"][:2].isna().all()
    assert list(ranked["entity_id"][:2]) == ["p005", "p000"]
    assert ranked["entity_id"].iloc[-1] == "p006"
    tight = of(rank(scores, hours_per_rep=1), "unlisted")
    assert tight["p000"] == "what it brings is not known, and others filled the list"


def test_all_values_zero_leave_the_order_to_the_score() -> None:
    ranked = rank(prospects([0, 0, 0], [2, 1, 1], raw_score=[1.0, 2.0, 3.0]), hours_per_rep=3)
    assert list(ranked["entity_id"]) == ["p002", "p001", "p000"]
    assert ranked["rank"].notna().tolist() == [True, True, False]
    assert [warning["code"] for warning in ranked.attrs["rules"]["warnings"]] == ["all-zero"]


def test_places_instead_of_hours() -> None:
    ranked = rank(drawn(300, 1), places_per_rep=10)
    counts = ranked[ranked["rank"].notna()].groupby("list").size()
    assert counts["ann"] == counts["bob"] == 10
    ann = ranked[(ranked["list"] == "ann") & ranked["rank"].notna()]
    assert ann["expected_value"].is_monotonic_decreasing
    assert (
        ann["expected_value"].min()
        > ranked.loc[(ranked["list"] == "ann") & ranked["rank"].isna(), "expected_value"].max()
    )


def test_rows_without_a_rep_stand_in_order_without_a_limit() -> None:
    ranked = rank(drawn(300, 1), hours_per_rep=10, explore=0.1)
    nobody = ranked[ranked["list"] == "unassigned"]
    assert nobody["rank"].tolist() == list(range(1, len(nobody) + 1))
    assert (nobody["pick_probability"] == 1).all()
    per_hour = nobody["expected_value"] / nobody["expected_hours"]
    assert per_hour.is_monotonic_decreasing
    limited = rank(drawn(300, 1), hours_per_rep={"ann": 10, "bob": 10, "unassigned": 4})
    some = limited[(limited["list"] == "unassigned") & limited["rank"].notna()]
    assert 0 < some["expected_hours"].sum() <= 4


def test_where_nobody_has_a_rep_the_one_list_has_all_hours() -> None:
    scores = drawn(200, 2, [None])
    alone = rank(scores, hours_per_rep=10)
    several = rank(scores, hours_per_rep=10, reps=["ann", "bob", "cy"])
    assert set(alone["list"]) == {"all"}
    assert 9 < alone.loc[alone["rank"].notna(), "expected_hours"].sum() <= 10
    assert 29 < several.loc[several["rank"].notna(), "expected_hours"].sum() <= 30


def test_rows_drawn_by_lot_are_marked_and_spread_over_the_list() -> None:
    ranked = rank(drawn(2000, 6, ["ann"]), places_per_rep=50, explore=0.2, seed=1)
    listed = ranked[ranked["rank"].notna()]
    lots = listed[listed["picked"] == "explore"]
    assert len(listed) == 50
    assert len(lots) == 10
    assert (lots["pick_probability"] < 0.01).all()
    assert (listed.loc[listed["picked"] == "rank", "pick_probability"] == 1).all()
    gaps = np.diff(lots["rank"])
    assert gaps.min() >= 4
    assert gaps.max() <= 6
    by_rank = listed[listed["picked"] == "rank"]["expected_value"]
    assert by_rank.is_monotonic_decreasing


def test_lots_depend_on_the_seed_and_not_on_the_order_of_rows() -> None:
    scores = drawn(400, 5)
    first = rank(scores, hours_per_rep=20, explore=0.2, seed=3)
    shuffled = scores.sample(frac=1, random_state=np.random.RandomState(1))
    pd.testing.assert_frame_equal(first, rank(shuffled, hours_per_rep=20, explore=0.2, seed=3))
    others = [rank(scores, hours_per_rep=20, explore=0.2, seed=seed) for seed in range(4, 9)]
    marked = [set(each.loc[each["picked"] == "explore", "entity_id"]) for each in [first, *others]]
    assert len({frozenset(each) for each in marked}) == len(marked)


def test_types_of_ids_and_dates_do_not_matter() -> None:
    scores = drawn(400, 5, ["1", "2"])
    first = rank(scores, hours_per_rep={"1": 20, "2": 10}, explore=0.2)
    stamped = scores.assign(as_of=pd.Timestamp("2026-01-01"), rep_id=scores["rep_id"].astype(int))
    again = rank(stamped, hours_per_rep={1: 20, 2: 10}, explore=0.2)  # type: ignore[dict-item]
    for column in ("entity_id", "rank", "list", "picked", "pick_probability"):
        pd.testing.assert_series_equal(first[column], again[column])
    assert not again.attrs["rules"]["warnings"]


def test_each_date_draws_anew() -> None:
    scores = drawn(400, 5, ["ann"])
    later = scores.assign(as_of=dt.date(2026, 2, 1))
    ranked = rank(pd.concat([scores, later]), places_per_rep=40, explore=0.5, seed=3)
    lots = ranked[ranked["picked"] == "explore"].groupby("as_of")["entity_id"].agg(set)
    assert len(lots.iloc[0]) == len(lots.iloc[1]) == 20
    assert lots.iloc[0] != lots.iloc[1]


@pytest.mark.parametrize("capacity", [Capacity("hours", 25.0), Capacity("places", 5)])
def test_weights_of_one_over_the_probability_are_unbiased(capacity: Capacity) -> None:
    """Sums over listed rows, weighted, meet those over all rows; without weights they are far off."""
    scores = drawn(150, 9, ["ann", "bob"])
    rows = Rows.of(scores, "conversion")
    y, runs = np.log(rows.expected) + rows.raw, 1500
    weighted, sizes, plain = np.zeros(runs), np.zeros(runs), np.zeros(runs)
    frequency, expected, variance = (np.zeros(len(rows)) for _ in range(3))
    for seed in range(runs):
        picks = pick(rows, capacity, 0.3, seed)
        p = picks.columns["pick_probability"].to_numpy()
        listed = picks.columns["rank"].notna().to_numpy()
        weighted[seed] = (y[picks.order] / np.where(listed, p, np.inf)).sum()
        sizes[seed] = (1 / p[listed]).sum()
        plain[seed] = y[picks.order][listed].mean()
        frequency[picks.order] += listed
        expected[picks.order] += p
        variance[picks.order] += p * (1 - p)
    possible = expected > 0
    error = math.sqrt(runs)
    assert abs(weighted.mean() - y[possible].sum()) < 4 * weighted.std() / error
    assert abs(sizes.mean() - possible.sum()) < 4 * sizes.std() / error
    assert abs(plain.mean() - y[possible].mean()) > 10 * plain.std() / error
    open_ = variance > 1e-9
    assert abs((frequency - expected)[open_] / np.sqrt(variance[open_])).max() < 4.5
    np.testing.assert_allclose(frequency[~open_], expected[~open_], rtol=1e-9)


def test_the_share_is_kept_on_average() -> None:
    scores = drawn(300, 11, ["ann"])
    rows, explored = Rows.of(scores, "conversion"), np.zeros(600)
    for seed in range(len(explored)):
        picks = pick(rows, Capacity("hours", 20.0), 0.1, seed)
        explored[seed] = rows.hours[picks.order][picks.columns["picked"] == "explore"].sum()
    assert abs(explored.mean() - 2) < 4 * explored.std() / math.sqrt(len(explored))


def test_without_a_limit_nothing_is_drawn_and_all_are_listed() -> None:
    ranked = rank(drawn(50, 1).assign(status=["not scored"] + ["scored"] * 49))
    assert (ranked.loc[ranked["rank"].notna(), "picked"] == "rank").all()
    assert ranked["pick_probability"].isna().sum() == 1
    assert ranked["unlisted"].dropna().tolist() == ["it could not be scored"]


def test_no_rows_and_one_row() -> None:
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("error")
        empty = rank(drawn(1, 1).iloc[:0], hours_per_rep=5, explore=0.1)
        assert len(empty) == 0
        one = rank(prospects([3], [2]), hours_per_rep=5, explore=0.1)
    assert one["rank"].tolist() == [1]
    assert one["pick_probability"].tolist() == [1.0]
