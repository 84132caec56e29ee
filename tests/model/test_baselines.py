from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from salesml.errors import DataError
from salesml.model import fit_baselines
from tests.model.tables import customers


def test_each_baseline_is_fitted_on_the_same_rows() -> None:
    X, y = customers(3000)
    fitted = fit_baselines(X, y, recency="size", plain=["orders (90 days)", "plan"])
    found = fitted.predict(customers(3000, seed=1)[0])
    assert list(found) == [
        "base rate",
        "best single column",
        "recency",
        "logistic regression",
        "plain LightGBM",
    ]
    assert fitted.best_column == "orders (90 days)"
    np.testing.assert_allclose(found["base rate"], y.mean())
    truth = customers(3000, seed=1)[1]
    aucs = {name: roc_auc_score(truth, p) for name, p in found.items()}
    assert aucs["logistic regression"] > aucs["best single column"] > aucs["recency"] + 0.1
    assert all(((p > 0) & (p < 1)).all() for p in found.values())


def test_a_column_of_many_levels_does_not_win_by_chance() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"noise": rng.integers(0, 40, 1500).astype(str), "real": rng.normal(size=1500)})
    y = (rng.random(1500) < 1 / (1 + np.exp(-0.5 * X["real"]))).to_numpy().astype(int)
    assert fit_baselines(X, y).best_column == "real"


def test_missing_values_and_unseen_levels_are_scored() -> None:
    X, y = customers(600)
    fitted = fit_baselines(X, y, plain=["plan"])
    odd = pd.DataFrame({"orders (90 days)": [np.nan], "plan": ["gold"], "late": [None], "size": [np.nan]})
    assert all(np.isfinite(p).all() for p in fitted.predict(odd).values())


def test_empty_and_constant_columns_do_no_harm() -> None:
    X, y = customers(300)
    fitted = fit_baselines(X.assign(nothing=None, same=2.0), y)
    assert fitted.best_column not in ("nothing", "same")


def test_unknown_columns_are_named_together() -> None:
    X, y = customers(100)
    with pytest.raises(DataError) as caught:
        fit_baselines(X, y, recency="days", plain=["money"])
    assert "no column 'days'" in str(caught.value)
    assert "no column 'money'" in str(caught.value)


def test_huge_numbers_do_not_overflow() -> None:
    X, y = customers(300)
    found = fit_baselines(X.assign(size=X["size"] * 1e140), y).predict(X)
    assert all(np.isfinite(p).all() for p in found.values())
