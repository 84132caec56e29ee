from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from salesml.model.blending import LEAST, blend


def sample(rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, rows))
    y = (rng.random(rows) < 1 / (1 + np.exp(-(1.2 * one + 0.4 * two)))).astype(np.int8)
    return np.array([one, two]), y


def test_weights_are_the_coefficients_of_a_logistic_regression() -> None:
    scores, y = sample()
    found = blend(scores, y, np.ones(len(y)))
    reference = LogisticRegression(C=np.inf).fit(scores.T, y).coef_[0]
    np.testing.assert_allclose(found, reference / reference.sum(), atol=0.01)


def test_noise_is_left_out_and_its_weight_given_to_the_others() -> None:
    scores, y = sample()
    noise = np.random.default_rng(1).normal(size=len(y))
    found = blend(np.array([scores[0], noise, -scores[1]]), y, np.ones(len(y)))
    assert found.tolist() == [1.0, 0.0, 0.0]


def test_few_rows_weigh_the_parts_alike() -> None:
    scores, y = sample(12)
    assert blend(scores, y, np.ones(12)) == pytest.approx([0.5, 0.5], abs=0.2)


def test_rows_of_no_weight_have_no_say() -> None:
    scores, y = sample()
    doubled = np.hstack([scores, -scores]), np.append(y, y), np.repeat([1.0, 0.0], len(y))
    np.testing.assert_allclose(blend(*doubled), blend(scores, y, np.ones(len(y))), atol=0.01)


def test_every_part_that_is_kept_counts() -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 300).astype(np.int8)
    found = blend(rng.normal(size=(4, 300)), y, np.ones(300))
    assert found.sum() == pytest.approx(1.0)
    assert all(weight == 0 or weight >= LEAST for weight in found)
