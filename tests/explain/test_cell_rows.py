"""Cell tables against LightGBM's own SHAP values, and against Shapley's definition."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesml.explain import Explainer, cell_kernels, cells, strongest
from salesml.explain.cell_model import CellModel
from salesml.explain.cell_rows import CellRows
from salesml.explain.checks import checked_trees
from tests.explain.random_models import FEATURES, learned, odd_rows, written
from tests.explain.test_contributions import shapley

NEAR = 1e-5
"""Of the largest contribution."""

seeds = st.integers(0, 2**32 - 1)
many = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))


def tables(text: str) -> CellRows:
    return CellRows(CellModel.build(checked_trees(text)), FEATURES)


def agrees(text: str, X: np.ndarray) -> None:
    booster = lgb.Booster(model_str=text)
    expected = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
    found = tables(text).contributions(X, threads=1)
    largest = np.abs(expected[:, :-1]).max(initial=1e-12)
    np.testing.assert_allclose(found, expected, atol=NEAR * largest, rtol=0)
    raw = np.asarray(booster.predict(X, raw_score=True, num_threads=1))
    np.testing.assert_allclose(found.sum(axis=1), raw, atol=NEAR * max(largest, np.abs(raw).max()), rtol=0)


@many
@given(learned(), seeds)
def test_models_as_they_are_learned(text: str, seed: int) -> None:
    agrees(text, odd_rows(np.random.default_rng(seed), 40))


@many
@given(written(), seeds)
def test_models_of_any_shape(text: str, seed: int) -> None:
    agrees(text, odd_rows(np.random.default_rng(seed), 40))
