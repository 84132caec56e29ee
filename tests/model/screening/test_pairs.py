"""Two columns that tell the outcome together only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def _start(y: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 1500, len(y)).astype(float)


def _gap(y: np.ndarray) -> pd.DataFrame:
    gap = np.where(y == 1, 1, -1) * np.random.default_rng(2).integers(1, 60, len(y))
    return pd.DataFrame({"a": _start(y), "b": _start(y) + gap})


def _xor(y: np.ndarray) -> pd.DataFrame:
    flag = np.random.default_rng(3).integers(0, 2, len(y))
    return pd.DataFrame({"a": flag, "b": flag ^ y})


def _paid(y: np.ndarray) -> pd.DataFrame:
    bill = np.exp(np.random.default_rng(4).normal(4, 1, len(y))).round(2)
    return pd.DataFrame({"a": bill, "b": np.where(y == 1, bill * 0.6, bill)})


def _owner(y: np.ndarray) -> pd.DataFrame:
    names = np.array([f"rep {number}" for number in range(20)])
    one = np.random.default_rng(5).integers(0, 20, len(y))
    return pd.DataFrame({"a": names[one], "b": names[(one + 3 * y) % 20]})


def _until(y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"a": _start(y), "b": 2000 - _start(y) - 50 * y})


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_gap, "difference|ratio"),
        (_xor, "a and b together"),
        (_paid, "ratio|difference"),
        (_owner, "are the same"),
        (_until, "sum"),
    ],
)
def test_a_pair_is_named_with_how_it_tells(plant, words: str) -> None:  # type: ignore[no-untyped-def]
    X, y = honest()
    (finding,) = found(screen(pd.concat([X, plant(y)], axis=1), y), "pair-tells-outcome")
    assert set(finding.columns) == {"a", "b"}
    assert any(word in finding.what.replace("b and a", "a and b") for word in words.split("|"))


def test_a_product_of_two_columns_is_no_leak() -> None:
    X, y = honest()
    X["total"] = (X["age"] * X["spend"]).round(2)
    assert alarms(screen(X, y)) == []
