from __future__ import annotations

import json
import time

import numpy as np
import pytest

from salesml.errors import DataError
from salesml.model import Evaluation, evaluate


def scores(rows: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 4, rows)
    return (rng.random(rows) < p).astype(np.int8), p


def test_true_probabilities_look_calibrated() -> None:
    y, p = scores()
    found = evaluate(y, p, resamples=100).metrics
    assert found["calibration_slope"].low < 1 < found["calibration_slope"].high
    assert found["calibration_intercept"].low < 0 < found["calibration_intercept"].high
    assert found["drift"].low < 0 < found["drift"].high
    assert found["calibration_error"].value < 0.03


def test_differences_to_a_baseline_are_paired() -> None:
    y, p = scores()
    near = np.clip(p + 1e-4 * np.sin(np.arange(len(p))), 0, 1)
    found = evaluate(y, p, baselines={"near": near, "rate": np.full(len(y), y.mean())}, resamples=200)
    apart = found.metrics["auc"].high - found.metrics["auc"].low
    paired = found.gains["near"]["auc"].high - found.gains["near"]["auc"].low
    assert paired < apart / 20
    assert found.gains["rate"]["log_loss"].low > 0
    assert found.gains["rate"]["auc"].value == pytest.approx(found.metrics["auc"].value - 0.5)
    assert found.baselines["rate"]["auc"].value == 0.5


def test_value_is_counted_where_it_lies() -> None:
    y = np.r_[np.ones(10), np.zeros(90)].astype(np.int8)
    value = np.r_[100.0, np.ones(99)]
    p = np.full(100, 0.1)
    found = evaluate(y, p, value=value, resamples=20).metrics
    assert found["value_gain_1"].value == pytest.approx(100 / 109)
    costly = evaluate(y, p, value=np.r_[value[:99], -50.0], resamples=20).metrics
    assert costly["value_gain_1"].value == pytest.approx(100 / 109)


def test_accounts_widen_the_interval() -> None:
    y, p = scores(400)
    y, p, owner = np.tile(y, 5), np.tile(p, 5), np.tile(np.arange(400), 5)
    by_row = evaluate(y, p, resamples=200).metrics["auc"]
    by_account = evaluate(y, p, groups=owner, resamples=200).metrics["auc"]
    assert by_account.high - by_account.low > 1.7 * (by_row.high - by_row.low)


def test_a_whole_evaluation_survives_json() -> None:
    y, p = scores(300)
    found = evaluate(y, p, baselines={"half": p / 2}, value=np.ones(300), resamples=20)
    assert Evaluation.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_the_text_gives_every_figure_with_its_interval() -> None:
    y, p = scores(300)
    text = evaluate(y, p, baselines={"half": p / 2}, value=np.ones(300), resamples=20).text()
    assert "300 rows of 300 accounts" in text
    for words in ("AUC", "calibration error (10 equal-mass bins)", "model better by", "95 % interval"):
        assert words in text
    assert "times the average rate in the top 5 %" in text
    assert "share of the lost value in the top 10 %" in text


def test_the_same_seed_gives_the_same_intervals() -> None:
    y, p = scores(300)
    assert evaluate(y, p, seed=1, resamples=50) == evaluate(y, p, seed=1, resamples=50)
    assert evaluate(y, p, seed=1, resamples=50) != evaluate(y, p, seed=2, resamples=50)


def test_twenty_thousand_rows_take_seconds() -> None:
    y, p = scores(20_000)
    start = time.process_time()
    evaluate(y, p, baselines={"half": p / 2}, resamples=500)
    assert time.process_time() - start < 20


def test_too_few_rows_say_how_many_are_needed() -> None:
    with pytest.raises(DataError) as caught:
        evaluate(np.r_[1, np.zeros(50)], np.full(51, 0.1))
    assert caught.value.code == "cannot-evaluate"
    assert "1 of 51 rows" in str(caught.value)
    assert "rows for an AUC known to within 0.05" in str(caught.value)


def test_every_bad_input_is_named_at_once() -> None:
    with pytest.raises(DataError) as caught:
        evaluate([0, 1, 2], [0.1, 0.2, 1.3], baselines={"rate": [0.5]})
    text = str(caught.value)
    assert "the model gives values outside 0 to 1" in text
    assert "rate has shape (1,) for 3 rows" in text
    assert "other values than 0 and 1" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"groups": [None, *range(99)]}, "groups is missing in 1 rows"),
        ({"weight": np.full(100, -1)}, "sample_weight is negative in 100 rows"),
        ({"value": np.full(100, np.nan)}, "None of the values is above zero"),
        ({"value": np.r_[np.inf, np.ones(99)]}, "1 of the values are infinite"),
        ({"value": np.ones(3)}, "shape (3,) for 100 rows"),
    ],
)
def test_what_comes_beside_is_checked(arguments: dict[str, object], words: str) -> None:
    y, p = scores(100)
    with pytest.raises(DataError) as caught:
        evaluate(y, p, resamples=10, **arguments)  # type: ignore[arg-type]
    assert words in str(caught.value)
