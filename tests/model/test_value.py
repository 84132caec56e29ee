from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salesml.errors import DataError
from salesml.model import Evaluation, evaluate

RNG = np.random.default_rng(0)
P = RNG.beta(1, 3, 2000)
Y = (RNG.random(2000) < P).astype(np.int8)
VALUE = RNG.lognormal(4, 1, 2000)


def test_money_expected_and_lost() -> None:
    found = evaluate(Y, P, value=VALUE, resamples=200).metrics
    assert found["value_expected"].value == pytest.approx((P * VALUE).sum())
    assert found["value_lost"].value == pytest.approx((Y * VALUE).sum())
    assert found["value_ratio"].value == pytest.approx((P * VALUE).sum() / (Y * VALUE).sum())
    assert found["value_auc"].value == pytest.approx(roc_auc_score(Y, P, sample_weight=VALUE))


def test_true_probabilities_expect_what_is_lost_as_often_as_the_interval_says() -> None:
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p, value = rng.beta(1, 3, 800), rng.lognormal(4, 0.7, 800)
        y = (rng.random(800) < p).astype(np.int8)
        ratio = evaluate(y, p, value=value, resamples=100).metrics["value_ratio"]
        held += ratio.low <= 1 <= ratio.high
    assert 51 <= held <= 60


def test_money_too_high_is_seen_where_the_rate_is_right() -> None:
    dear = np.median(VALUE) < VALUE
    p = np.clip(np.where(dear, P * 1.6, P * 0.4), 0, 1)
    found = evaluate(Y, p, value=VALUE, resamples=200).metrics
    assert found["value_ratio"].low > 1.05
    assert abs(found["drift"].value) < 0.05


def test_the_bands_share_out_all_that_was_lost() -> None:
    found = evaluate(Y, P, value=VALUE, bands={"A": 0.1, "B": 0.5}, resamples=50).metrics
    first = np.sort(P)[::-1][199] <= P
    assert found["value_lost_A"].value == pytest.approx((Y * VALUE)[first].sum())
    assert found["value_expected_A"].value == pytest.approx((P * VALUE)[first].sum())
    shares = [found[f"value_share_{band}"].value for band in "ABC"]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] > 0.2
    assert "value_share_D" not in found


def test_values_below_zero_count_as_zero_and_missing_ones_are_left_out() -> None:
    value = VALUE.copy()
    value[:100], value[100:300] = -50.0, np.nan
    found = evaluate(Y, P, value=value, resamples=50)
    kept = evaluate(Y[300:], P[300:], value=VALUE[300:], resamples=50).metrics
    assert found.valued == 1800
    assert found.rows == 2000
    assert found.metrics["value_lost"].value == pytest.approx(kept["value_lost"].value)
    assert found.metrics["value_auc"].value == pytest.approx(kept["value_auc"].value)
    text = found.text()
    assert "an account that costs more than it brings counting as zero" in text
    assert "200 rows of unknown value left out" in text
    assert "share of all that was lost" in text


def test_without_values_nothing_is_said_of_money() -> None:
    found = evaluate(Y, P, resamples=20)
    assert found.valued == 0
    assert "money" not in found.text()


def test_intervals_go_by_account() -> None:
    tiled = {"value": np.tile(VALUE, 4), "resamples": 200}
    by_row = evaluate(np.tile(Y, 4), np.tile(P, 4), **tiled)  # type: ignore[arg-type]
    owner = np.tile(np.arange(2000), 4)
    by_account = evaluate(np.tile(Y, 4), np.tile(P, 4), groups=owner, **tiled)  # type: ignore[arg-type]
    wide, narrow = by_account.metrics["value_ratio"], by_row.metrics["value_ratio"]
    assert wide.high - wide.low > 1.6 * (narrow.high - narrow.low)


def test_an_evaluation_with_values_survives_json() -> None:
    found = evaluate(Y, P, value=VALUE, weight=np.r_[np.zeros(5), np.ones(1995) * 2], resamples=20)
    assert Evaluation.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_values_that_cannot_be() -> None:
    with pytest.raises(DataError) as caught:
        evaluate(Y, P, value=np.zeros(2000), resamples=10)
    assert "None of the values is above zero" in str(caught.value)
    assert "one that is missing is left out" in str(caught.value)
