"""The estimator keeps scikit-learn's contract."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from salesml.model import PropensityClassifier

WEIGHTS = (
    "repeating a row changes how rows fall into folds and bins, "
    "so it equals a weight of two only in the long run"
)


def expected(estimator: Any) -> dict[str, str]:
    return {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}


@parametrize_with_checks([PropensityClassifier(n_jobs=1)], legacy=True, expected_failed_checks=expected)
def test_scikit_learn_checks(estimator: Any, check: Any) -> None:
    check(estimator)
