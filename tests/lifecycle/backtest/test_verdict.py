"""The rule that a backtest is judged by, and its words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.special import expit, logit

from salesml.lifecycle.backtest.pooled import Pooled, Trend, pool
from salesml.lifecycle.backtest.replay import PREVIOUS, Played
from salesml.lifecycle.backtest.stability import Stability
from salesml.lifecycle.backtest.verdict import Outlook, judge_backtest
from salesml.model import Estimate
from tests.lifecycle.backtest.made import series

STEP = Stability(
    accounts=300,
    order=Estimate(0.7, 0.6, 0.8),
    top=Estimate(0.5, 0.4, 0.6),
    model_order=Estimate(0.95, 0.9, 0.97),
    model_top=Estimate(0.9, 0.8, 0.95),
    features=Estimate(0.98, 0.95, 1.0),
)


def judged(
    auc: tuple[float, float, float] = (0.0, -0.01, 0.01),
    lift: tuple[float, float, float] = (0.0, -1.0, 1.0),
    *,
    played: list[Played] | None = None,
    steps: tuple[Stability, ...] = (STEP,),
    **changes: object,
) -> Outlook:
    played = played or series([0.8] * 4, unripe=0)
    pooled = pool(played, reach_days=30, resamples=20)
    assert pooled is not None
    trends = {name: Trend(change=Estimate(*values), dates=4, overlap=1.0) for name, values in
              (("auc", auc), ("lift_10", lift), ("drift", (0.0, -0.1, 0.1)))}  # fmt: skip
    made: Pooled = replace(pooled, **{"trends": trends, **changes})  # type: ignore[arg-type]
    return judge_backtest(played, steps, made)


def test_steady_is_shown_not_supposed() -> None:
    outlook = judged((0.01, -0.02, 0.04))
    assert outlook.kind == "steady"
    assert outlook.text.startswith("Steady. From the first date to the last the AUC changes by +0.010,")
    assert "interval -0.020 to +0.040 for the 3 trends that are looked at" in outlook.text


def test_a_small_certain_change_is_steady() -> None:
    assert judged((-0.01, -0.02, -0.001)).kind == "steady"


def test_falling_and_rising() -> None:
    assert judged((-0.1, -0.2, -0.01)).kind == "falling"
    assert "it ranks worse than it did" in judged((-0.1, -0.2, -0.01)).text
    assert judged((0.1, 0.01, 0.2)).kind == "rising"
    by_lift = judged((0.0, -0.2, 0.2), (-2.0, -3.0, -1.0))
    assert by_lift.kind == "falling"
    assert "The lift of the first tenth changes by -2.0" in by_lift.text


def test_a_wide_interval_tells_nothing() -> None:
    outlook = judged((-0.01, -0.2, 0.18))
    assert outlook.kind == "too few dates to tell"
    assert "anything in that interval may be true" in outlook.text


def test_three_dates_are_too_few() -> None:
    outlook = judged(played=series([0.8] * 3), trends={})
    assert outlook.kind == "too few dates to tell"
    assert "from 4 dates on; 3 dates could be tested" in outlook.text


def test_nothing_tested() -> None:
    outlook = judge_backtest(series([0.8], unripe=1), (), None)
    assert outlook.kind == "not tested"
    assert "No date could be tested" in outlook.text


def test_probabilities_that_miss_are_named_by_date() -> None:
    dates = series([0.8] * 4)
    assert "at no date do they miss" in judged(played=dates).text
    wrong = series([0.8] * 4, shift=1.5)
    text = judged(played=[*dates[:3], wrong[3]]).text
    assert f"they are too high at {wrong[3].as_of}." in text


def test_the_season_is_told_or_not() -> None:
    assert "a season cannot be told from a trend" in judged(season=None).text
    assert "differs between the months of the year (probability by chance 0.010)" in judged(season=0.01).text
    assert "does not differ between the months" in judged(season=0.4).text


def test_what_is_kept_is_said() -> None:
    text = judged().text
    assert "rank correlation of 0.70, and 50% of the first tenth were in it before" in text
    assert "orders.recency moves the scores most at 4 of 4 dates" in text
    assert "stayed above 0.9" in text
    shaken = replace(STEP, model_order=Estimate(0.5, 0.4, 0.6), features=Estimate(0.7, 0.6, 0.8))
    text = judged(steps=(STEP, shaken)).text
    assert "a part of the change comes from the model and not from the customers" in text
    assert "fell below 0.9 once" in text


def test_whether_training_anew_gains() -> None:
    def told(*values: float) -> str:
        return judged(gains={PREVIOUS: {"log_loss": Estimate(*values)}}).text

    assert "gained on keeping" in told(0.01, 0.001, 0.02)
    assert "lost against keeping" in told(-0.01, -0.02, -0.001)
    assert "not shown to gain" in told(0.01, -0.001, 0.02)


def test_dates_without_outcome_or_model_are_named() -> None:
    dates = series([0.8] * 5, unripe=1)
    failed = replace(dates[1], status="no model", problem="The target holds one class", evaluation=None)
    text = judged(played=[dates[0], failed, *dates[2:]]).text
    assert f"The outcome of {dates[4].as_of} is not known yet" in text
    assert f"{failed.as_of}: no model, the target holds one class." in text


@pytest.mark.parametrize(("times", "words"), [(2.0, "too extreme"), (0.5, "too timid"), (1.0, "")])
def test_probabilities_too_far_apart_or_too_close_are_named(times: float, words: str) -> None:
    dates = [replace(each, p=expit(times * logit(each.p))) for each in series([0.8] * 5, rows=600)]
    outlook = judge_backtest(dates, [], pool(dates, reach_days=30))
    said = [word for word in ("too extreme", "too timid") if word in outlook.text]
    assert said == ([words] if words else [])
