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


def test_the_others_are_all_other_rows_of_named_groups() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(["a", "b", "c"], [800, 100, 100])
    p = np.r_[rng.uniform(0.4, 0.6, 800), rng.uniform(0.05, 0.1, 100), rng.uniform(0.9, 0.95, 100)]
    y = (rng.random(1_000) < p).astype(np.int8)
    findings = compare_groups(y, p, pd.Series(group, name="group")).findings
    told = [finding.what for finding in findings if finding.code == "unequal-list"]
    assert any(what.startswith("0.0% [0.0%, 3.7%] of group b") and ", 11.1% [" in what for what in told)
    assert not any("[-" in what for what in told)


def test_rows_that_stand_for_others_count_so() -> None:
    """Sampled at 50 %, used at 5 %: probabilities are right there, for both groups."""
    rng = np.random.default_rng(1)
    p = rng.beta(0.5, 9.5, 200_000)
    y = (rng.random(len(p)) < p).astype(np.int8)
    kept = np.r_[np.flatnonzero(y == 1)[:4_000], np.flatnonzero(y == 0)[:4_000]]
    weight = np.where(y[kept] == 1, y.mean() / 0.5, (1 - y.mean()) / 0.5)
    gender = pd.Series(rng.choice(["f", "m"], len(kept)), name="gender")
    comparison = compare_groups(y[kept], p[kept], gender, weight)
    for part in comparison.parts:
        assert abs(part.observed - y.mean()) < 0.01
        assert part.miss[1] < 0 < part.miss[2]
        assert part.top[1] < 0.1 < part.top[2]
    plain = compare_groups(y[kept], p[kept], gender)
    assert all(part.miss[2] < -0.2 for part in plain.parts)


def test_groups_too_small_to_compare_are_said_to_be() -> None:
    y, p, _ = _scored(4)
    rare = pd.Series(["a"] * 3_990 + ["b"] * 10, name="faith")
    text = compare_groups(y, p, rare).text()
    assert text == "Fewer than two groups of faith have 20 rows: nothing can be compared."
