"""Splits of a change add up, feature by feature, whatever either model has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.errors import ModelError
from salesml.explain.changes import Explained, of_data, of_model

NAMES = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1)


def made(names: list[str], seed: int, rows: int = 4) -> Explained:
    values = np.random.default_rng(seed).normal(size=(rows, len(names) + 1))
    return Explained(names, [name.upper() for name in names], values)


@given(NAMES, NAMES, st.integers(0, 1000))
def test_parts_add_up(one: list[str], two: list[str], seed: int) -> None:
    before, now, other = made(one, seed), made(one, seed + 1), made(two, seed + 2)
    before.values[:, -1] = now.values[:, -1]
    data, model = of_data(before, now), of_model(now, other)
    whole = other.values.sum(axis=1) - before.values.sum(axis=1)
    assert np.allclose(data.values.sum(axis=1) + model.values.sum(axis=1), whole, rtol=0, atol=1e-12)
    assert (data.values[:, -1] == 0).all()
    assert list(model.names) == [*two, *(name for name in one if name not in two)]
    assert list(model.groups) == [name.upper() for name in model.names]
    for place, name in enumerate(model.names):
        theirs = now.values[:, one.index(name)] if name in one else 0
        ours = other.values[:, two.index(name)] if name in two else 0
        assert (model.values[:, place] == ours - theirs).all()


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ModelError, match="Contributions of shape"):
        Explained(["a"], ["a"], np.zeros((2, 3)))
    with pytest.raises(ModelError, match="are to be compared"):
        of_data(made(["a"], 0), made(["b"], 0))
    with pytest.raises(ModelError, match="Explain the same accounts"):
        of_model(made(["a"], 0, 3), made(["a"], 0, 4))
