"""Errors by group of a protected attribute, and features that tell it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import compare_groups, screen
from tests.model.screening.made import found, honest


def _scored(seed: int) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.6, 4_000)
    return (rng.random(4_000) < p).astype(np.int8), p, pd.Series(rng.choice(["f", "m"], 4_000), name="gender")


def test_a_model_that_errs_alike_is_no_finding() -> None:
    named = [bool(compare_groups(*_scored(seed)).findings) for seed in range(20)]
    assert sum(named) <= 4


def test_a_group_whose_probabilities_are_off_is_named() -> None:
    y, p, gender = _scored(1)
    off = np.where(gender == "f", p * 0.6, p)
    comparison = compare_groups(y, off, gender)
    finding = comparison.findings[0]
    assert (finding.code, finding.severity) == ("unequal-error", "warn")
    assert "Probabilities miss the observed rate by -" in finding.what
    assert "for gender f, by " in finding.what
    part = comparison.parts[0]
    women = (gender == "f").to_numpy()
    assert part.group == "f"
    assert np.isclose(part.miss[0], off[women].mean() - y[women].mean())
    assert "| f | " in comparison.text()


def test_an_auc_is_that_of_the_group() -> None:
    from sklearn.metrics import roc_auc_score

    y, p, gender = _scored(2)
    men = (gender == "m").to_numpy()
    part = compare_groups(y, p, gender).parts[1]
    assert np.isclose(part.auc[0], roc_auc_score(y[men], p[men]))
    assert part.auc[1] < part.auc[0] < part.auc[2]


def test_numbers_are_cut_at_the_median_and_small_groups_left_out() -> None:
    y, p, _ = _scored(3)
    age = pd.Series(np.arange(4_000) % 50 + 20.0, name="age")
    assert [part.group for part in compare_groups(y, p, age).parts] == ["under 44.5", "44.5 and over"]
    rare = pd.Series(["a"] * 3_990 + ["b"] * 10, name="x")
    assert [part.group for part in compare_groups(y, p, rare).parts] == ["a"]


def test_features_that_tell_a_protected_attribute_are_named() -> None:
    X, y = honest()
    gender = pd.DataFrame({"gender": np.where(X["usage"] > 0, "f", "m")})
    (finding,) = found(screen(X, y, protected=gender), "proxy")
    assert finding.columns == ("usage",)
    assert "usage (AUC 1.00)" in finding.what
