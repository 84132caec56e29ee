from __future__ import annotations

import numpy as np
import pytest

from salesml.model import evaluate, judge
from salesml.model.verdict import Verdict, contribution_shares


def verdict(rows: int, strength: float, *, column: float = 0.0, drift: float = 0.0, seed: int = 0) -> Verdict:
    """A verdict on true probabilities of some strength, of which a column alone knows a part."""
    rng = np.random.default_rng(seed)
    part, rest = rng.normal(size=rows) * column, rng.normal(size=rows) * strength
    y = rng.random(rows) < 1 / (1 + np.exp(-(part + rest - 1)))
    baselines = {
        "base rate": np.full(rows, y.mean()),
        "best single column": 1 / (1 + np.exp(-(part - 1))),
    }
    p = 1 / (1 + np.exp(-(part + rest - 1 + drift)))
    found = evaluate(y.astype(int), p, baselines=baselines, resamples=200)
    return judge(found, best_column="Tenure", train_rate=0.3)


def test_a_strong_model_is_usable() -> None:
    found = verdict(3000, 1.5)
    assert found.kind == "usable"
    assert found.text.startswith("Usable. It ranks rows it has not seen: AUC 0.")
    assert "better than the best single column (Tenure)" in found.text


def test_noise_is_no_usable_signal() -> None:
    found = verdict(3000, 0.01)
    assert found.kind == "no usable signal"
    assert "does not rank better than chance" in found.text


def test_what_few_rows_do_not_show_is_not_denied() -> None:
    found = verdict(150, 0.3)
    assert found.kind == "no usable signal"
    assert "The model is not shown to rank better than chance" in found.text
    assert "Logistic regression" not in found.text


def test_a_column_that_does_it_alone_makes_the_model_weak_and_is_named() -> None:
    found = verdict(3000, 0.001, column=1.0)
    assert found.kind == "weak"
    assert "the best single column (Tenure) alone ranks as well" in found.text


def test_a_faint_signal_that_a_column_has_too_is_no_usable_signal() -> None:
    found = verdict(12000, 0.001, column=0.17)
    assert found.kind == "no usable signal"
    assert "hardly any signal" in found.text


def test_a_small_signal_is_weak() -> None:
    found = verdict(4000, 0.3)
    assert found.kind == "weak"
    assert "The signal is weak" in found.text


def test_one_feature_that_explains_nearly_all_is_suspicious_and_named() -> None:
    rng = np.random.default_rng(0)
    y = rng.random(2000) < 0.3
    p = np.clip(np.where(y, 0.9, 0.1) + rng.normal(size=2000) * 0.15, 0.01, 0.99)
    found = evaluate(y.astype(int), p, baselines={"best single column": p}, resamples=100)
    by_column = judge(found, best_column="closed_reason")
    assert by_column.kind == "suspicious"
    assert "closed_reason, reaches alone" in by_column.text
    by_share = judge(found, shares={"churn_note": 0.8, "age": 0.2})
    assert "churn_note, makes 80% of all contributions" in by_share.text
    assert "only after the outcome" in by_share.text


def test_drift_of_the_base_rate_is_named() -> None:
    found = verdict(3000, 1.5, drift=1.0)
    assert found.kind == "usable"
    assert "The base rate has drifted" in found.text
    assert "(in training 30.0%)" in found.text
    assert "too high" in found.text
    assert "drifted" not in verdict(3000, 1.5).text


def test_few_rows_say_how_many_are_needed() -> None:
    found = verdict(60, 0.6, seed=3)
    assert "Little can be known from 60 rows" in found.text
    assert "rows are needed for an AUC known to within 0.05" in found.text


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_never_called_usable(seed: int) -> None:
    assert verdict(400, 0.0, seed=seed).kind == "no usable signal"


def test_shares_leave_out_the_base_value() -> None:
    shares = contribution_shares(np.array([[1.0, -3.0, 50.0], [1.0, 3.0, 50.0]]), ["a", "b"])
    assert shares == {"b": 0.75, "a": 0.25}
    assert next(iter(shares)) == "b"


def test_a_dated_feature_that_explains_nearly_all_is_no_leak() -> None:
    rng = np.random.default_rng(0)
    y = rng.random(2000) < 0.3
    p = np.clip(np.where(y, 0.7, 0.3) + rng.normal(size=2000) * 0.2, 0.01, 0.99)
    found = evaluate(y.astype(int), p, baselines={"best single column": p}, resamples=100)
    shares = {"orders_recency": 0.9}
    assert 0.9 < found.metrics["auc"].value < 0.985
    assert judge(found, shares=shares, best_column="orders_recency").kind == "suspicious"
    assert judge(found, shares=shares, best_column="orders_recency", dated=["orders_recency"]).kind == "weak"


def test_few_outcomes_are_weak_at_best_however_well_they_are_ranked() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(300) < 19
    p = np.clip(0.2 + 0.3 * y + rng.normal(size=300) * 0.15, 0.01, 0.99)
    found = judge(evaluate(y.astype(int), p, resamples=200))
    assert found.kind == "weak"
    assert "tested on 19 outcomes in 300 rows: at least 20 of either kind are needed" in found.text


def test_a_wide_interval_is_weak_at_best() -> None:
    rng = np.random.default_rng(1)
    y = np.arange(50) < 25
    p = np.clip(0.4 + 0.22 * y + rng.normal(size=50) * 0.15, 0.01, 0.99)
    found = evaluate(y.astype(int), p, resamples=500, folds=5)
    auc = found.metrics["auc"]
    assert auc.high - auc.low > 0.3
    assert auc.low > 0.6
    assert "How well it ranks is hardly known" in judge(found).text
    assert judge(found).kind == "weak"


def test_few_outcomes_say_plainly_what_can_be_read() -> None:
    found = verdict(200, 1.0, seed=1)
    assert "What can be read: of 100 pairs of a row with the outcome and one without, it puts about" in (
        found.text
    )
    assert "50 is chance" in found.text
    assert "In the first fifth of its list the outcome came about" in found.text
    assert "What can be read" not in verdict(3000, 1.5).text


def test_chance_is_named_where_it_cannot_be_ruled_out() -> None:
    assert "50 is chance, which cannot be ruled out" in verdict(100, 0.01, seed=2).text


def test_a_perfect_order_of_a_handful_of_rows_is_not_suspicious() -> None:
    few = evaluate(np.array([0, 0, 0, 0, 1, 1]), np.linspace(0.1, 0.9, 6), folds=2, resamples=60)
    assert few.metrics["auc"].value == 1
    assert judge(few).kind == "no usable signal"
    assert "is not shown to rank better than chance: AUC 1.000" in judge(few).text
    y = np.repeat([0, 1], 20)
    many = evaluate(y, np.linspace(0.1, 0.9, 40), folds=5, resamples=60)
    assert judge(many).kind == "suspicious"
