"""Repeated rows: found beyond chance, kept together, and left alone where chance explains them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.model.screening import duplicate_groups, screen
from tests.model.screening.made import alarms, found, honest


def _copied(X: pd.DataFrame, y: np.ndarray, rows: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    origin = np.random.default_rng(7).permutation(len(y))[:rows]
    return pd.concat([X, X.iloc[origin]], ignore_index=True), np.r_[y, y[origin]], origin


def test_copies_are_found_and_kept_together() -> None:
    X, y = honest()
    wide, outcome, origin = _copied(X, y, 60)
    screening = screen(wide, outcome)
    (finding,) = found(screening, "duplicate-rows")
    assert finding.severity == "warn"
    assert "60 rows repeat an earlier row" in finding.what
    assert "60 of them with the same outcome" in finding.what
    assert (screening.groups[len(y) :] == screening.groups[origin]).all()


def test_copies_under_new_identifiers_are_found() -> None:
    X, y = honest()
    wide, outcome, origin = _copied(X, y, 60)
    wide["record"] = np.random.default_rng(1).permutation(len(wide))
    screening = screen(wide, outcome)
    assert "in all columns but the identifiers" in found(screening, "duplicate-rows")[0].what
    assert (screening.groups[len(y) :] == screening.groups[origin]).all()


def test_copies_changed_a_little_are_found() -> None:
    X, y = honest()
    wide, outcome, _ = _copied(X, y, 100)
    changed = np.arange(len(y), len(wide))
    wide.loc[changed, "usage"] += 1e-4
    wide.loc[changed, "paperless"] = np.random.default_rng(2).choice(["no", "yes"], 100)
    (finding,) = found(screen(wide, outcome), "near-duplicate-rows")
    assert finding.rows >= 150
    assert "nearly the same" in finding.what


def test_rows_of_few_values_repeat_by_themselves() -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.integers(0, 2, (3_000, 8)))
    screening = screen(X, rng.integers(0, 2, 3_000))
    (finding,) = found(screening, "duplicate-rows")
    assert finding.severity == "note"
    assert "by chance" in finding.what
    assert len(np.unique(screening.groups)) == 3_000


def test_rows_of_one_account_may_repeat_one_another() -> None:
    X, y = honest()
    wide, outcome, origin = _copied(X, y, 60)
    account = np.r_[np.arange(len(y)), origin]
    assert alarms(screen(wide, outcome, groups=account)) == []


def test_other_outcomes_of_equal_rows_are_counted() -> None:
    X, y = honest()
    wide, outcome, _ = _copied(X, y, 60)
    outcome[len(y) :] = 1 - outcome[len(y) :]
    assert (
        "120 rows have an equal with the other outcome"
        in found(screen(wide, outcome), "duplicate-rows")[0].what
    )


@pytest.mark.parametrize("copies", [0, 50])
def test_groups_of_a_coded_matrix(copies: int) -> None:
    coded = np.random.default_rng(4).normal(size=(1_000, 6)).round(3)
    coded[::7, 2] = np.nan
    coded[1000 - copies :] = coded[:copies]
    groups = duplicate_groups(coded)
    assert len(np.unique(groups)) == 1_000 - copies
    assert (groups[1000 - copies :] == groups[:copies]).all()


def test_groups_take_zeros_of_either_sign_as_one_and_leave_chance_alone() -> None:
    coded = np.random.default_rng(5).normal(size=(500, 6))
    coded[:, 0] = 0.0
    coded[250:] = coded[:250]
    coded[250:, 0] = -0.0
    assert len(np.unique(duplicate_groups(coded))) == 250
    binary = np.random.default_rng(6).integers(0, 2, (500, 6)).astype(float)
    assert len(np.unique(duplicate_groups(binary))) == 500


def test_a_few_copies_are_not_put_down_to_chance() -> None:
    X, y = honest()
    one, _, _ = _copied(X, y, 1)
    (finding,) = found(screen(one, np.r_[y, y[_copied(X, y, 1)[2]]]), "duplicate-rows")
    assert finding.severity == "note"
    assert "1 row repeats an earlier row" in finding.what
    assert "2 rows have an equal, where about 0 would by chance" in finding.what
    assert "by themselves" not in finding.do
    assert "too few to matter" in finding.do


def test_of_many_equal_rows_those_beyond_chance_are_counted() -> None:
    rng = np.random.default_rng(5)
    common = pd.DataFrame(rng.integers(0, 2, (3_000, 8)))
    rare = pd.DataFrame(rng.normal(size=(100, 8)))
    X = pd.concat([common, rare, rare], ignore_index=True)
    (finding,) = found(screen(X, rng.integers(0, 2, len(X))), "duplicate-rows")
    assert finding.severity == "warn"
    assert "200 rows have one that chance does not explain" in finding.what
