from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from salesml.model import Coding
from salesml.model.linear import BINS, MOST_ROWS, MOST_TERMS, Regression, Terms
from salesml.model.merging import merge
from tests.model.tables import customers
from tests.model.test_steps import head


def table(rows: int = 800) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"spend": rng.lognormal(size=rows), "plan": rng.choice(list("abc"), rows)})
    X.loc[X.index[::7], "spend"] = np.nan
    chance = 0.2 + 0.3 * (X["plan"] == "b") + 0.2 * X["spend"].isna()
    return X, (rng.random(rows) < chance).astype(np.int8)


def test_a_ridge_regression_is_what_scikit_learn_finds() -> None:
    X, y = table()
    terms = Terms.learn(Coding.learn(X).encode(X), Coding.learn(X))
    bins = terms.bins(Coding.learn(X).encode(X))
    matrix = terms.matrix(bins)
    weight = np.random.default_rng(0).random(len(y)) + 0.5
    weight *= len(y) / weight.sum()
    regression = Regression(terms, bins, y, weight, np.random.default_rng(0))
    for penalty in (100.0, 3.0):
        found, intercept = regression.fit(penalty)
        reference = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=1000)
        reference.fit(matrix, y, sample_weight=weight)
        np.testing.assert_allclose(found, reference.coef_[0], atol=2e-3)
        assert intercept == pytest.approx(reference.intercept_[0], abs=2e-3)


def test_its_trees_say_what_it_says() -> None:
    X, y = table()
    coding = Coding.learn(X)
    coded = coding.encode(X)
    terms = Terms.learn(coded, coding)
    bins = terms.bins(coded)
    found, intercept = Regression(terms, bins, y, np.ones(len(y)), np.random.default_rng(0)).fit(3.0)
    text = merge(head([1]), [(terms.trees(found, intercept), 1.0)])
    scores = lgb.Booster(model_str=text).predict(coded, raw_score=True)
    np.testing.assert_allclose(scores, terms.matrix(bins) @ found + intercept, atol=1e-9)
    np.testing.assert_allclose(scores, terms.scores(bins, found, intercept), atol=1e-9)


def test_columns_that_hardly_matter_get_no_tree() -> None:
    X, _ = customers(1000)
    coding = Coding.learn(X)
    terms = Terms.learn(coding.encode(X), coding)
    width = terms.matrix(terms.bins(coding.encode(X))).shape[1]
    only_first = np.zeros(width)
    only_first[0] = 1.0
    assert len(terms.trees(only_first, 0.0)) == 2
    assert len(terms.trees(np.zeros(width), 0.5)) == 1


def test_extremes_do_not_run_away() -> None:
    X, _ = table()
    coding = Coding.learn(X)
    terms = Terms.learn(coding.encode(X), coding)
    far = X.assign(spend=1e12)
    assert np.abs(terms.matrix(terms.bins(coding.encode(far)))).max() < 10


def test_many_columns_and_values_are_kept_within_bounds() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 450))
    y = (X[:, 7] + rng.normal(size=300) > 0).astype(np.int8)
    coding = Coding.learn(X)
    terms = Terms.learn(X, coding)
    assert max(len(column.steps.counts) for column in terms.columns) <= BINS + 1
    regression = Regression(terms, terms.bins(X), y, np.ones(300), rng)
    assert len(regression.chosen) == MOST_TERMS
    found, _ = regression.fit(30.0)
    assert np.count_nonzero(found) <= MOST_TERMS
    assert int(np.argmax(np.abs(found))) in (14, 15)


def test_empty_and_constant_columns_have_no_terms() -> None:
    X = pd.DataFrame({"a": [np.nan] * 40, "b": [3.0] * 40, "c": ["x"] * 40})
    coding = Coding.learn(X)
    assert Terms.learn(coding.encode(X), coding).columns == ()


def test_terms_are_chosen_as_from_the_whole_matrix() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({f"c{place}": rng.integers(0, 60, 2000).astype(str) for place in range(9)})
    coding = Coding.learn(X)
    terms = Terms.learn(coding.encode(X), coding)
    bins = terms.bins(coding.encode(X))
    matrix = terms.matrix(bins)
    assert matrix.shape[1] > MOST_TERMS
    y, weight = (X["c3"].astype(int) + rng.normal(0, 20, 2000) > 30).to_numpy(np.int8), rng.random(2000)
    centred = matrix - np.average(matrix, axis=0, weights=weight)
    away = weight * (y - np.average(y, weights=weight))
    strength = np.abs(away @ centred) / np.maximum(np.sqrt(weight @ centred**2), 1e-12)
    chosen = terms.strongest(bins, y, weight)
    assert chosen.tolist() == sorted(np.argsort(-strength)[:MOST_TERMS])
    np.testing.assert_array_equal(terms.matrix(bins, chosen), matrix[:, chosen])


def test_a_rare_outcome_is_learned_from_among_many_rows() -> None:
    rows = 5 * MOST_ROWS
    coded = np.random.default_rng(1).normal(size=(rows, 1))
    y = np.zeros(rows, dtype=np.int8)
    y[np.argsort(-coded[:, 0])[:5]] = 1
    coding = Coding.learn(coded)
    terms = Terms.learn(coded, coding)
    for seed in range(5):
        bins = terms.bins(coded)
        regression = Regression(terms, bins, y, np.ones(rows), np.random.default_rng(seed))
        assert regression.rate == pytest.approx(5 / rows)
        found, intercept = regression.fit(1.0)
        scores = terms.scores(bins, found, intercept)
        assert scores[y == 1].min() > np.quantile(scores, 0.98)
