from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.special import logit
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from threadpoolctl import threadpool_limits

from salesml.errors import DataError, UsageError
from salesml.model import PropensityClassifier
from tests.model.tables import customers


@pytest.fixture(scope="module")
def fitted() -> PropensityClassifier:
    return PropensityClassifier().fit(*customers())


def test_probabilities_follow_the_truth(fitted: PropensityClassifier) -> None:
    X, y = customers(5000, seed=1)
    p = fitted.predict_proba(X)[:, 1]
    assert abs(p.mean() - y.mean()) < 0.05
    assert p[(X["plan"] == "basic") & X["late"]].mean() > 1.5 * p[X["plan"] == "pro"].mean()


def test_the_same_seed_gives_the_same_model_on_any_number_of_threads() -> None:
    X, y = customers()
    texts = {PropensityClassifier(random_state=3, n_jobs=jobs).fit(X, y).model_text_ for jobs in (1, 2, 5)}
    assert len(texts) == 1
    assert PropensityClassifier(random_state=4).fit(X, y).model_text_ not in texts


def test_threads_of_linear_algebra_change_nothing() -> None:
    X, y = customers(30_000)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            model = PropensityClassifier(max_trees=5, n_folds=2).fit(X, y)
        found.append((model.model_text_, model.calibration_, model.out_of_fold_.tobytes()))
    assert found[0] == found[1]


def test_a_training_that_fails_leaves_the_model_before_it() -> None:
    X, y = customers(200)
    model = PropensityClassifier().fit(X, y)
    before = model.predict_proba(X)
    others = X.rename(columns={"size": "other"}).assign(plan="gold")
    with pytest.raises(DataError):
        model.fit(others, (np.arange(200) == 5).astype(int))
    with pytest.raises(DataError, match="unseen at fit time"):
        model.predict_proba(others)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_contributions_add_up_to_the_logit(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    values = fitted.contributions(X)
    assert values.shape == (len(X), X.shape[1] + 1)
    np.testing.assert_allclose(values.sum(axis=1), logit(fitted.predict_proba(X)[:, 1]), atol=1e-9)


def test_a_row_scores_the_same_alone_and_in_a_batch(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    batch = fitted.predict_proba(X)[:, 1]
    alone = [fitted.predict_proba(X.iloc[[place]])[0, 1] for place in range(40)]
    np.testing.assert_array_equal(batch[:40], alone)


def test_explain_lists_the_strongest_first(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    reasons = fitted.explain(X.iloc[:5], top=2)
    assert list(reasons.columns) == [
        "row",
        "rank",
        "feature",
        "value",
        "contribution",
        "direction",
        "share",
    ]
    assert list(reasons["row"]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    values = fitted.contributions(X.iloc[:5])[:, :-1]
    first = reasons[reasons["rank"] == 1]
    assert list(first["feature"]) == [X.columns[place] for place in np.abs(values).argmax(axis=1)]
    assert ((reasons["contribution"] > 0) == (reasons["direction"] == "up")).all()
    row = reasons.iloc[0]
    assert row["value"] == X.iloc[0][row["feature"]]


def test_an_unseen_level_counts_as_missing(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    missing = fitted.predict_proba(X.assign(plan=None))
    np.testing.assert_array_equal(fitted.predict_proba(X.assign(plan="gold")), missing)


def test_an_array_where_a_frame_was_fitted_is_refused(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    with pytest.raises(DataError) as caught:
        fitted.predict_proba(X.to_numpy())
    assert caught.value.code == "array-for-frame"
    assert "in another order would change the scores" in str(caught.value)


def test_columns_in_another_order_are_refused(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    with pytest.raises(ValueError) as caught:
        fitted.predict_proba(X[X.columns[::-1]])
    assert "must be in the same order" in str(caught.value)
    assert "column 0: expected orders (90 days), found size" in str(caught.value)


def test_an_arrow_table_scores_like_its_frame(fitted: PropensityClassifier) -> None:
    X, _ = customers(seed=2)
    table = pa.Table.from_pandas(X, preserve_index=False)
    np.testing.assert_array_equal(fitted.predict_proba(table), fitted.predict_proba(X))


@pytest.mark.parametrize("labels", [["kept", "left"], [False, True], [-1, 1]])
def test_targets_of_any_two_values(labels: list[object]) -> None:
    X, y = customers(300)
    model = PropensityClassifier().fit(X, np.array(labels)[y])
    assert list(model.classes_) == labels
    assert set(model.predict(X)) <= set(labels)


def test_monotone_by_name() -> None:
    X, y = customers(600)
    model = PropensityClassifier(monotone={"orders (90 days)": -1}).fit(X, y)
    row = X.iloc[[0] * 12].assign(**{"orders (90 days)": np.arange(12.0)})
    assert (np.diff(model.predict_proba(row)[:, 1]) <= 1e-12).all()


def test_works_cloned_in_a_pipeline_and_in_cross_validation() -> None:
    X, y = customers(400)
    groups = np.arange(400) // 2
    pipeline = make_pipeline(FunctionTransformer(), PropensityClassifier())
    assert pipeline.fit(X, y).predict_proba(X).shape == (400, 2)
    assert clone(PropensityClassifier(num_leaves=5)).num_leaves == 5
    scores = cross_val_score(PropensityClassifier(), X, y, cv=3, scoring="roc_auc")
    assert scores.mean() > 0.65
    with config_context(enable_metadata_routing=True):
        model = PropensityClassifier().set_fit_request(groups=True)
        scores = cross_val_score(model, X, y, cv=GroupKFold(3), scoring="roc_auc", params={"groups": groups})
    assert scores.mean() > 0.65


def test_rows_of_weight_zero_change_nothing() -> None:
    X, y = customers(400)
    weight = (np.arange(400) % 4 != 0).astype(float)
    weighted = PropensityClassifier().fit(X, y, sample_weight=weight)
    without = PropensityClassifier().fit(X[weight > 0], y[weight > 0])
    assert weighted.model_text_ == without.model_text_


def test_early_stopping_watches_the_latest_date() -> None:
    X, y = customers(800)
    dates = np.where(np.arange(800) < 400, "2024-01-01", "2024-02-01")
    # Among the older rows the columns tell the outcome, among the latest they tell nothing.
    noisy = np.where(np.arange(800) < 400, y, np.random.default_rng(0).permutation(y))
    watched = PropensityClassifier().fit(X, noisy, as_of=dates).predict_proba(X)[:, 1]
    turned = PropensityClassifier().fit(X, noisy, as_of=dates[::-1]).predict_proba(X)[:, 1]
    assert np.std(logit(watched)) < np.std(logit(turned))


def test_early_stopping_watches_the_latest_date_of_the_rows_that_count() -> None:
    X, y = customers(1000)
    dates = np.where(np.arange(1000) < 600, "2024-01-01", "2024-02-01")
    weighted = PropensityClassifier().fit(X, y, as_of=dates, sample_weight=(dates < "2024-02").astype(float))
    without = PropensityClassifier().fit(X[:600], y[:600], as_of=dates[:600])
    assert weighted.model_text_ == without.model_text_


@pytest.mark.parametrize(
    ("y", "code", "words"),
    [
        (np.zeros(100), "one-class", "holds one class only, 0.0, in all 100 rows"),
        (np.arange(100) % 3, "not-binary", "It has 3 values"),
        (np.where(np.arange(100) == 7, np.nan, np.arange(100) % 2), "missing-target", "missing in 1 rows"),
        ((np.arange(100) == 5).astype(int), "too-few", "1 accounts have the outcome and 99 have not"),
    ],
)
def test_targets_that_cannot_be_learned(y: np.ndarray, code: str, words: str) -> None:
    X, _ = customers(100)
    with pytest.raises(DataError) as caught:
        PropensityClassifier().fit(X, y)
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (np.full(100, -1.0), "negative in 100 rows"),
        (np.zeros(100), "zero in every row"),
        (np.full(100, np.nan), "missing or infinite"),
        (np.ones(99), "shape (99,) for 100 rows"),
        (customers(100)[1] == 0, "one class only, 0, in all 61 rows that count, by their weights"),
        (np.where(customers(100)[1] == 0, 1.0, 1e-20), "one class only, 0, in all 61 rows that count"),
    ],
)
def test_weights_that_cannot_be(weight: np.ndarray, words: str) -> None:
    X, y = customers(100)
    with pytest.raises(DataError) as caught:
        PropensityClassifier().fit(X, y, sample_weight=weight)
    assert words in str(caught.value)


def test_all_rows_of_one_account_cannot_be_checked() -> None:
    X, y = customers(100)
    with pytest.raises(DataError) as caught:
        PropensityClassifier().fit(X, y, groups=np.zeros(100))
    assert "At least two of each are needed" in str(caught.value)


def test_a_missing_group_is_refused() -> None:
    X, y = customers(100)
    groups = np.array([None if place == 3 else str(place) for place in range(100)], dtype=object)
    with pytest.raises(DataError) as caught:
        PropensityClassifier().fit(X, y, groups=groups)
    assert "groups is missing in 1 rows" in str(caught.value)


def test_every_bad_parameter_is_named_at_once() -> None:
    X, y = customers(100)
    with pytest.raises(UsageError) as caught:
        PropensityClassifier(monotone=[1, 0], n_jobs="two", learning_rate=np.inf, random_state=-1).fit(X, y)
    for words in ("monotone is [1, 0]", "n_jobs is 'two'", "learning_rate is inf", "random_state is -1"):
        assert words in str(caught.value)
    with pytest.raises(UsageError) as caught:
        PropensityClassifier(n_folds=1, learning_rate=-0.1, num_leaves=2.5, monotone={"plan": 2}).fit(X, y)
    text = str(caught.value)
    assert "4 faults" in text
    for words in ("n_folds is 1", "learning_rate is -0.1", "num_leaves is 2.5", "monotone['plan'] is 2"):
        assert words in text


def test_monotone_of_an_unknown_column_or_a_category_is_refused() -> None:
    X, y = customers(100)
    with pytest.raises(UsageError) as caught:
        PropensityClassifier(monotone={"plan": 1, "nothing": 1}).fit(X, y)
    assert "'nothing', which is not a column" in str(caught.value)
    assert "'plan', which is a category" in str(caught.value)


def test_constant_empty_and_odd_columns_do_no_harm() -> None:
    X, y = customers(300)
    X = X.assign(**{"same": 1.0, "nothing": None, 'a "quoted", {odd} name': X["size"]})
    model = PropensityClassifier().fit(X, y)
    values = model.contributions(X)
    assert not values[:, list(X.columns).index("same")].any()
    assert not values[:, list(X.columns).index("nothing")].any()


def test_lightgbm_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    PropensityClassifier().fit(*customers(200))
    assert capfd.readouterr() == ("", "")


def test_a_tiny_firm_gets_a_model() -> None:
    X, y = customers(40)
    p = PropensityClassifier().fit(X, y).predict_proba(pd.concat([X, X]))[:, 1]
    assert 0.05 < p.min() <= p.max() < 0.95


@pytest.mark.parametrize("scale", [1e-3, 1e-200, 1e200])
def test_only_the_ratios_of_weights_count(scale: float) -> None:
    X, y = customers(200)
    weighted = PropensityClassifier().fit(X, y, sample_weight=np.full(200, scale))
    assert weighted.model_text_ == PropensityClassifier().fit(X, y).model_text_


def test_a_frame_whose_columns_have_no_names_goes_by_position() -> None:
    X, y = customers(200)
    X = X.set_axis(range(4), axis=1)
    model = PropensityClassifier().fit(X, y)
    assert not hasattr(model, "feature_names_in_")
    assert model.predict_proba(X).shape == (200, 2)


def test_repeated_columns_are_named() -> None:
    X, y = customers(100)
    with pytest.raises(DataError) as caught:
        PropensityClassifier().fit(pd.concat([X, X[["plan"]]], axis=1), y)
    assert "occur more than once: plan" in str(caught.value)


def test_a_thousand_columns_of_which_most_are_empty() -> None:
    X, y = customers(200)
    empty = pd.DataFrame(np.nan, index=range(200), columns=[f"empty {place}" for place in range(990)])
    model = PropensityClassifier().fit(pd.concat([X, empty], axis=1), y)
    assert not model.contributions(pd.concat([X, empty], axis=1))[:, 4:-1].any()


def test_no_rows_give_no_scores(fitted: PropensityClassifier) -> None:
    X, _ = customers(5)
    assert fitted.predict_proba(X.iloc[:0]).shape == (0, 2)
    assert len(fitted.explain(X.iloc[:0])) == 0


def test_copies_of_rows_do_not_flatter_when_nobody_says_whose_they_are() -> None:
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.normal(size=(150, 5)), 3, axis=0), np.repeat(np.arange(150) % 2, 3)
    assert PropensityClassifier().fit(X, y).evaluation_.metrics["auc"].value < 0.65


@pytest.mark.parametrize("light", [1e-6, 1e-300])
def test_rows_that_hardly_count_do_no_harm(light: float) -> None:
    X, y = customers(300)
    model = PropensityClassifier().fit(X, y, sample_weight=np.where(np.arange(300) % 2, 1.0, light))
    p = model.predict_proba(X)[:, 1]
    assert 0 < p.min() < p.max() < 1
    assert np.isfinite(model.out_of_fold_).all()


def test_an_account_of_one_outcome_only_leaves_the_others_something_to_learn() -> None:
    # Account 0 has the outcome only, 1 both, 2 never: two folds, of which none may hold all of an outcome.
    X, y = customers(300)
    alternate = np.arange(300) % 2
    groups = np.where(y == 1, alternate, 2 - alternate)
    p = PropensityClassifier().fit(X, y, groups=groups).predict_proba(X)[:, 1]
    assert 0 < p.min() < p.max() < 1
