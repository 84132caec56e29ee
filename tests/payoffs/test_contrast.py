"""Differences and variances, against sums written out and a weighted regression."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.payoffs.contrast import contrast, sums


def test_it_is_the_weighted_regression_with_errors_by_cluster() -> None:
    rng = np.random.default_rng(0)
    n, clusters = 300, 25
    code = rng.integers(0, clusters, n)
    p = rng.uniform(0.1, 0.9, n)
    z = rng.random(n) < p
    y, x = rng.normal(size=n) + z, rng.random(n)
    made = contrast(sums(z / p, y, x, code, clusters), sums(~z / (1 - p), y, x, code, clusters))
    theta = 0.7
    outcome = y - theta * x
    weight = np.where(z, 1 / p, 1 / (1 - p))
    design = np.stack([np.ones(n), z], axis=1)
    bread = np.linalg.inv(design.T @ (design * weight[:, None]))
    beta = bread @ design.T @ (weight * outcome)
    scores = design * (weight * (outcome - design @ beta))[:, None]
    by_cluster = np.stack([scores[code == each].sum(axis=0) for each in range(clusters)])
    meat = by_cluster.T @ by_cluster * clusters / (clusters - 1)
    error = np.sqrt((bread @ meat @ bread)[1, 1])
    assert float(made.t(theta)) == pytest.approx(abs(beta[1]) / error)
    assert float(made.y - theta * made.x) == pytest.approx(beta[1])


def test_a_side_without_rows_tells_nothing() -> None:
    code = np.array([0, 1])
    nothing = sums(np.zeros(2), np.ones(2), np.ones(2), code, 2)
    made = contrast(sums(np.ones(2), np.ones(2), np.ones(2), code, 2), nothing)
    assert float(made.t(0.0)) == np.inf


def test_clusters_without_weight_do_not_count() -> None:
    rng = np.random.default_rng(1)
    y, z, code = rng.normal(size=40), np.arange(40) % 2 == 0, np.arange(40) // 4
    few = [sums(side * 1.0, y, y, code, 10) for side in (z, ~z)]
    many = [sums(side * 1.0, y, y, code, 50) for side in (z, ~z)]
    assert float(contrast(*few).yy) == pytest.approx(float(contrast(*many).yy))
