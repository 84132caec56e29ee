"""All checks of a date: silent while nothing changes, and each finds what it is there for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from salesml.model.bootstrap import Estimate
from salesml.monitoring.attributions import agreement
from salesml.monitoring.dated import Dated, Floats
from salesml.monitoring.expected import expected
from salesml.monitoring.finding import SCHEMA, Finding, as_table
from salesml.monitoring.levels import watch_levels
from salesml.monitoring.watch import Model, watch
from tests.monitoring.made import COLUMNS, months, with_outcomes

GROUPS = tuple(column.name for column in COLUMNS)


def findings(dates: list[Dated], own: int = 6, promised: float | None = None) -> list[Finding]:
    """A look at the newest of some dates, of a model of the oldest ones."""
    model = Model(
        columns=COLUMNS, groups=GROUPS, own=[each.as_of for each in dates[:own]],
        promised=Estimate(promised, promised - 0.03, promised + 0.03) if promised else None, reach_days=90,
    )  # fmt: skip
    return watch(dates, [replace(each, learned=True) for each in dates[:own]], model)


def alarms(found: list[Finding]) -> set[tuple[str, str]]:
    return {(each.check, each.feature) for each in found if each.alarm}


def test_nothing_is_said_while_nothing_changes() -> None:
    assert [alarms(findings(months(20, seed=seed))) for seed in range(4)] == [set()] * 4


def test_a_feature_that_moved_is_named_with_its_medians() -> None:
    def fewer(coded: Floats, rng: np.random.Generator) -> None:
        coded[:, 0] = np.floor(coded[:, 0] / 3)

    found = findings(months(20, last=fewer))
    assert ("feature", "orders") in alarms(found)
    assert ("scores", "") in alarms(found)
    line = next(each for each in found if each.feature == "orders")
    assert line.sentence.startswith("orders in the last 90 days: median 1, was 5")
    assert line.usual_high is not None
    assert line.value > line.usual_high
    assert line.p_value is not None


def test_months_in_which_the_tables_began_are_no_yardstick() -> None:
    def fewer(coded: Floats, rng: np.random.Generator) -> None:
        coded[:, 0] = np.floor(coded[:, 0] / 2)

    dates = months(26, last=fewer)
    for n, each in enumerate(dates[:6]):
        each.coded[:, 0] = np.floor(each.coded[:, 0] * n / 6)
        each.p[:] = expit(-0.5 - 0.35 * (each.coded[:, 0] - 6))
    begun = dates[6].as_of
    since = tuple(replace(each, since=begun) if each.name == "orders" else each for each in COLUMNS)
    blind, seeing = (
        watch(
            dates,
            [replace(each, learned=True) for each in dates[10:16]],
            Model(
                columns=columns, groups=GROUPS, own=[each.as_of for each in dates[10:16]], promised=None,
                reach_days=90, whole=whole,
            ),
        )
        for columns, whole in ((COLUMNS, None), (since, begun))
    )  # fmt: skip
    assert not {("feature", "orders"), ("scores", "")} & alarms(blind)
    assert {("feature", "orders"), ("scores", "")} <= alarms(seeing)


def test_a_column_that_is_whole_on_the_newest_date_alone_is_left_out() -> None:
    dates = months(20)
    late = tuple(replace(each, since=dates[-1].as_of) if each.name == "orders" else each for each in COLUMNS)
    model = Model(columns=late, groups=GROUPS, own=[dates[0].as_of], promised=None, reach_days=90)
    found = watch(dates, [replace(dates[0], learned=True)], model)
    assert {each.feature for each in found if each.check == "feature"} == {"gap", "country"}


def test_a_feature_that_is_empty_is_told_as_missing() -> None:
    def lost(coded: Floats, rng: np.random.Generator) -> None:
        coded[rng.random(len(coded)) < 0.3, 1] = np.nan

    found = findings(months(20, last=lost))
    assert ("missing", "gap") in alarms(found)
    assert ("missing", "orders") not in alarms(found)
    assert "empty in" in next(each for each in found if each.feature == "gap").sentence


def test_features_that_no_longer_go_together_are_told_apart() -> None:
    def torn(coded: Floats, rng: np.random.Generator) -> None:
        coded[:, 0], coded[:, 1] = np.sort(coded[:, 0]), np.sort(coded[:, 1])

    found = findings(months(20, rows=800, last=torn))
    assert ("apart", "") in alarms(found)
    assert not {each for each in alarms(found) if each[0] == "feature"}


def test_the_calendar_is_not_watched() -> None:
    assert "month" not in {each.feature for each in findings(months(20))}


def test_a_season_that_comes_every_year_is_no_change() -> None:
    dates = months(26)
    for each in dates:
        if each.as_of.month == dates[-1].as_of.month:
            each.coded[:, 0] = np.floor(each.coded[:, 0] / 2)
    assert ("feature", "orders") not in alarms(findings(dates))


def test_with_a_short_past_only_what_is_severe_is_told() -> None:
    def slightly(coded: Floats, rng: np.random.Generator) -> None:
        coded[:, 0] = np.floor(coded[:, 0] * 0.8)

    def severely(coded: Floats, rng: np.random.Generator) -> None:
        coded[:, 0] *= 100

    assert alarms(findings(months(5, last=slightly), own=2)) == set()
    assert ("feature", "orders") in alarms(findings(months(5, last=severely), own=2))


def test_with_a_short_past_what_always_moves_is_no_change() -> None:
    dates = months(5)
    for number, each in enumerate(dates):
        each.coded[:, 1] += 20 * number
    found = findings(dates, own=2)
    line = next(each for each in found if each.feature == "gap")
    assert line.value > 0.25
    assert not line.alarm


def test_another_ranking_of_what_moves_the_scores() -> None:
    dates = months(20)
    turned = [*dates[:-1], replace(dates[-1], size=np.array([0.1, 1.0, 4.0, 2.0]))]
    assert ("attributions", "") in alarms(findings(turned))
    line = next(each for each in findings(turned) if each.check == "attributions")
    assert "orders 56% to 1%" in line.sentence
    assert agreement(np.array([3.0, 2.0, 1.0]), np.array([30.0, 20.0, 10.0])) == pytest.approx(1.0)


def test_expected_quality_is_what_outcomes_of_such_probabilities_give() -> None:
    rng = np.random.default_rng(1)
    p = np.round(rng.beta(1, 3, 400), 2).clip(0.01, 0.99)
    draws = [(rng.random(400) < p).astype(int) for _ in range(400)]
    assert expected(p)["auc"] == pytest.approx(np.mean([roc_auc_score(y, p) for y in draws]), abs=0.004)
    loss = [-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() for y in draws]
    assert expected(p)["log_loss"] == pytest.approx(np.mean(loss), abs=0.003)


def test_quality_that_kept_its_promise_raises_nothing() -> None:
    found = findings(months(20), promised=0.8)
    assert not {each for each in alarms(found) if each[0] in ("auc_kept", "rate_kept")}
    auc = [each for each in found if each.check == "auc"]
    assert len(auc) == 20 - 6 - 3
    assert all("expected of the probabilities" in each.sentence for each in auc)


def test_outcomes_that_have_nothing_to_do_with_the_scores() -> None:
    def by_lot(each: Dated) -> np.ndarray:
        return (np.random.default_rng(each.as_of.toordinal()).random(len(each)) < each.p.mean()).astype(
            np.int8
        )

    found = findings(with_outcomes(months(20), by_lot, 6), promised=0.8)
    assert ("auc_kept", "") in alarms(found)
    assert ("rate_kept", "") not in alarms(found)


def test_a_rate_that_more_than_doubled() -> None:
    def more(each: Dated) -> np.ndarray:
        rng = np.random.default_rng(each.as_of.toordinal())
        return (rng.random(len(each)) < np.maximum(each.p, 0.95)).astype(np.int8)

    found = findings(with_outcomes(months(20), more, 3))
    assert ("rate_kept", "") in alarms(found)
    line = next(each for each in found if each.check == "rate_kept" and each.alarm)
    assert "times as often as said" in line.sentence


def test_what_the_model_learned_from_is_not_measured() -> None:
    dates = [replace(each, learned=True) for each in months(20)]
    assert not [each for each in findings(dates) if each.check in ("auc", "auc_kept")]


def test_levels_that_training_did_not_know() -> None:
    def renamed(coded: Floats, rng: np.random.Generator) -> None:
        coded[coded[:, 3] == 1, 3] = np.nan

    shares = {"country": {"GB": 0.6, "FR": 0.3, "DE": 0.1, "": 0.0}}
    (line,) = watch_levels(months(2, last=renamed)[-1], COLUMNS, shares, 12)
    assert line.alarm
    assert "unknown to the model, or empty, in 3" in line.sentence
    assert not watch_levels(months(2)[-1], COLUMNS, shares, 12)[0].alarm


def test_the_table_has_its_written_schema() -> None:
    table = as_table(findings(months(12)))
    assert table.schema == SCHEMA
    assert table.num_rows > 10
    assert table["sentence"].null_count == 0
    assert {"as_of", "check", "feature", "value", "usual_low", "usual_high", "threshold", "alarm"} <= set(
        table.column_names
    )
