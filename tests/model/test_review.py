from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.model import PropensityClassifier
from tests.model.tables import customers


def test_a_model_with_signal_is_judged_on_rows_it_had_not_seen() -> None:
    X, y = customers(1500)
    model = PropensityClassifier().fit(X, y)
    assert model.verdict_.kind == "usable"
    assert "best single column (orders (90 days))" in model.verdict_.text
    assert model.evaluation_.rows == 1500
    assert set(model.evaluation_.baselines) == {"base rate", "best single column"}
    assert model.out_of_fold_.mean() - y.mean() < 1e-3


def test_noise_is_said_to_be_noise() -> None:
    X, y = customers(1500)
    model = PropensityClassifier().fit(X, np.random.default_rng(0).permutation(y))
    assert model.verdict_.kind == "no usable signal"
    p = model.predict_proba(X)[:, 1]
    assert p.std() < 0.05


def test_a_leak_is_suspicious_and_named() -> None:
    X, y = customers(1500)
    rng = np.random.default_rng(0)
    note = np.where(rng.random(1500) < 0.95, np.where(y == 1, "closed", "open"), "open")
    model = PropensityClassifier().fit(pd.concat([X, pd.Series(note, name="status note")], axis=1), y)
    assert model.verdict_.kind == "suspicious"
    assert "status note" in model.verdict_.text


def test_few_rows_say_how_many_are_needed() -> None:
    model = PropensityClassifier().fit(*customers(60))
    assert "Little can be known from 60 rows" in model.verdict_.text


@pytest.mark.parametrize("column", [[1.0] * 301, ["same"] * 301, [None] * 301, [f"K{i}" for i in range(301)]])
def test_columns_that_tell_nothing_are_said_to(column: list[object]) -> None:
    model = PropensityClassifier().fit(pd.DataFrame({"c": column}), np.arange(301) % 3 == 0)
    assert model.verdict_.kind == "no usable signal"
    assert "every row gets the same probability" in model.verdict_.text
    assert "What can be read" not in model.verdict_.text
    assert np.ptp(model.predict_proba(pd.DataFrame({"c": column}))[:, 1]) == 0


@pytest.mark.parametrize("kind", ["rows", "copies", "accounts"])
def test_shuffled_outcomes_have_no_usable_signal(kind: str) -> None:
    aucs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame(rng.normal(size=(160, 3)), columns=list("abc")).assign(d=rng.choice(list("xy"), 160))
        y = rng.permutation(np.arange(160) % 4 == 0)
        groups = None
        if kind == "copies":
            X, y = pd.concat([X] * 2), np.tile(y, 2)
        elif kind == "accounts":
            X, groups = pd.concat([X] * 2).assign(noise=rng.normal(size=320)), np.tile(np.arange(160), 2)
            y = np.tile(y, 2)
        model = PropensityClassifier(max_trees=60).fit(X, y, groups=groups)
        assert model.verdict_.kind == "no usable signal", seed
        aucs.append(model.evaluation_.metrics["auc"].value)
    assert abs(np.mean(aucs) - 0.5) < 0.05
