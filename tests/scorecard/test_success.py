"""Success beside productivity: the index by hand, its interval over made companies, what is named."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.steadiness import COLUMNS
from salesml.scorecard.checks.success import success
from salesml.scorecard.estimate import Z
from salesml.scorecard.likelihood import of_ratios
from salesml.scorecard.shrink import shrink

YEAR = dt.date(2024, 1, 1)
NONE = pd.DataFrame(columns=list(COLUMNS))


def figure(metric: str, values: list[float], error: float, verdict: str = "same") -> pd.DataFrame:
    """A metric of reps r0, r1, … over all of the time; a negative error stands for none."""
    shrunk = np.array(values, dtype=float)
    return pd.DataFrame(
        {
            "metric": metric, "kind": "all", "start": pd.Timestamp(2022, 1, 1), "level": "rep",
            "id": [f"r{number}" for number in range(len(values))], "verdict": verdict, "shrunk": shrunk,
            "shrunk_low": shrunk - Z * error, "shrunk_high": shrunk + Z * error,
        }
    )  # fmt: skip


def turned_over(revenue: list[float]) -> pd.DataFrame:
    """Revenue of the year, as the margin of revenue holds it."""
    table = figure("margin_rate", [0.3] * len(revenue), 0.0)
    return table.assign(kind="year", start=pd.Timestamp(YEAR), denominator=[float(each) for each in revenue])


def points(*figures: pd.DataFrame, revenue: list[float], steadiness: pd.DataFrame = NONE) -> pd.DataFrame:
    table = pd.concat([turned_over(revenue), *figures], ignore_index=True)
    return success(table, steadiness, YEAR, "GBP", {"r0": "Ada"}).set_index("id")


REVENUE = [600.0, 500.0, 400.0, 300.0, 200.0, 100.0]


def test_the_index_is_the_mean_of_standardised_outcomes_with_their_good_direction():
    """Spreads: the deviation of the drawn values, and what is unknown of each, as squares. 0.1 and 0.1 are
    such that each outcome is divided by the root of 0.1 ** 2 + 0.1 ** 2."""
    won, lost = [0.3, 0.1] * 3, [0.1, 0.3, 0.3, 0.1, 0.2, 0.2]
    spread = np.sqrt([0.1**2 + 0.1**2, np.var(lost) + 0.1**2])
    found = points(figure("win_rate", won, 0.1), figure("defection", lost, 0.1), revenue=REVENUE)
    assert found.loc["r0", "y"] == pytest.approx((0.1 / spread[0] + 0.1 / spread[1]) / 2)
    assert found.loc["r1", "y"] == pytest.approx((-0.1 / spread[0] - 0.1 / spread[1]) / 2)
    # Wins and customers are other rows, whose errors do not go together.
    reach = Z * np.hypot(*(0.1 / spread)) / 2
    assert found.loc["r0", "high"] - found.loc["r0", "y"] == pytest.approx(reach)
    assert found.loc["r0", "made_of"] == "customers kept, win rate"
    assert list(found["x"]) == REVENUE
    assert (found.loc["r0", "name"], found.loc["r1", "name"]) == ("Ada", "r1")


def test_errors_of_outcomes_of_the_same_rows_go_together():
    lost = [0.1, 0.3] * 3
    found = points(figure("defection", lost, 0.1), figure("early_defection", lost, 0.1), revenue=REVENUE)
    assert found.loc["r0", "high"] - found.loc["r0", "y"] == pytest.approx(Z * 0.1 / np.hypot(0.1, 0.1))


def test_an_outcome_of_which_nothing_is_known_moves_nothing():
    won = figure("win_rate", [0.3, 0.1] * 3, 0.01)
    noise = figure("margin_per_selling_hour", [50.0, 50.1, 50.2] * 2, 20.0)
    alone, both = (
        points(won, figure("defection", [0.2, 0.1] * 3, 0.01), *more, revenue=REVENUE)
        for more in ([], [noise])
    )
    assert both.loc["r1", "y"] == pytest.approx(alone.loc["r1", "y"] * 2 / 3, abs=0.01)
    assert (both["high"] - both["low"]).min() > (alone["high"] - alone["low"]).max()


def test_every_verdict_and_its_words():
    won, kept = [0.3, 0.1, 0.2, 0.3, 0.1, 0.2], [0.1, 0.3, 0.2] * 2
    found = points(figure("win_rate", won, 0.01), figure("defection", kept, 0.01), revenue=REVENUE)
    verdicts = ["both", "rich but unproductive", "modest but productive", "neither"]
    # Those of whom something can be told come first.
    assert list(found["verdict"]) == [*verdicts, "cannot be told", "cannot be told"]
    assert found.loc["r1", "words"].startswith(
        "r1: £500 of revenue in 2024, no less than the middle of the reps"
    )
    assert found.loc["r1", "words"].endswith("below the mean by more than luck; no single figure stands out")
    assert found.loc["r2", "low"] < 0 < found.loc["r2", "high"]


def test_what_makes_the_rich_unproductive_is_named_only_where_it_is_real():
    won, kept = [0.1, 0.2, 0.3] * 2, [0.3, 0.2, 0.1] * 2
    discount, sick = (figure(name, [0.2] * 6, 0.1, "luck") for name in ("discount", "sick_days"))
    discount.loc[0, "verdict"] = "worse"
    found = points(
        figure("win_rate", won, 0.01), figure("defection", kept, 0.01), discount, sick,
        revenue=[3000.0, 500.0, 400.0, 300.0, 200.0, 100.0],
    )  # fmt: skip
    assert found.loc["r0", "verdict"] == "rich but unproductive"
    assert found.loc["r0", "weak_points"] == "high discounts, revenue that hangs on this one person"
    assert "what stands out: high discounts" in found.loc["r0", "words"]
    assert found.loc["r3", "weak_points"] == ""


def test_steadiness_counts_where_it_is_known_and_less_spread_is_better():
    dispersion = np.array([0.8, 4.0] * 3)
    steady = pd.DataFrame(
        {
            "level": "rep", "id": [f"r{number}" for number in range(6)], "verdict": "even", "months": 36,
            "dispersion": dispersion, "dispersion_low": dispersion / 1.2, "dispersion_high": dispersion * 1.2,
        }
    )  # fmt: skip
    won = figure("win_rate", [0.2, 0.2, 0.21] * 2, 0.01)
    found = points(won, revenue=REVENUE, steadiness=steady)
    assert found.loc["r0", "made_of"] == "win rate, steadiness"
    assert found.loc["r0", "y"] > found.loc["r1", "y"]


def test_reps_without_most_outcomes_or_below_five_are_not_placed():
    won, kept = figure("win_rate", [0.1, 0.2, 0.3] * 2, 0.01), figure("defection", [0.2, 0.1] * 3, 0.01)
    some = won[won["id"] != "r5"]
    assert "r5" not in points(some, kept, revenue=REVENUE).index
    assert points(won.head(4), kept.head(4), revenue=REVENUE[:4]).empty
    few = won.assign(verdict="too few")
    assert points(few, revenue=REVENUE).empty


def test_intervals_of_nine_in_ten_hold_the_true_index():
    """Outcomes of different rows with known true values, seen with error and drawn towards all."""
    signs = {"defection": -1, "cost_of_revenue": -1, "win_rate": 1, "fit_of_wins": 1}
    held = []
    for seed in range(40):
        luck = np.random.default_rng(seed)
        true, errors = luck.normal(0, 1, (4, 30)), luck.uniform(0.4, 1.5, (4, 30))
        figures = []
        for name, truth, error in zip(signs, true, errors, strict=True):
            drawn = shrink(of_ratios(truth + error * luck.normal(size=30), error**2, np.full(30, 1000.0)))
            table = figure(name, list(drawn.value), 0.0)
            figures.append(table.assign(shrunk_low=drawn.low, shrunk_high=drawn.high))
        found = points(*figures, revenue=[100.0] * 30)
        centred = (true - true.mean(axis=1, keepdims=True)) / true.std(axis=1, keepdims=True)
        index = pd.Series(np.array(list(signs.values())) @ centred / 4, [f"r{n}" for n in range(30)])
        held.append(float(index[found.index].between(found["low"], found["high"]).mean()))
    assert 0.87 <= np.mean(held) <= 0.955
