"""Features whose ranks go together make one reason, by a rule that is written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from salesml.model.feature_groups import ROWS, joined
from salesml.snapshots.feature import Feature

Floats = NDArray[np.float64]


def groups(columns: dict[str, Floats], registry: dict[str, str] | None = None, **kinds: str) -> list[str]:
    features = [
        Feature(name=name, group=(registry or {}).get(name, name), kind=kinds.get(name, "number"))  # type: ignore[arg-type]
        for name in columns
    ]
    return [feature.group for feature in joined(features, np.column_stack(list(columns.values())))]


def noise(size: int = 2000, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=size)


def test_twins_are_joined_and_others_are_not() -> None:
    x = noise()
    assert groups({"seats": x, "users": -np.exp(x), "age": noise(seed=1)}) == [
        "seats + users", "seats + users", "age",
    ]  # fmt: skip


def test_the_limit_is_on_the_ranks() -> None:
    x, other = noise(), noise(seed=1)
    for share in (0.3, 0.45, 0.48, 0.5, 0.6):
        y = x + share * other
        alike = abs(spearmanr(x, y).statistic) >= 0.9
        assert (groups({"x": x, "y": y})[0] == "x + y") is bool(alike), share


def test_a_chain_does_not_join_its_ends() -> None:
    x, step = noise(5000), noise(5000, seed=1)
    chain = {"a": x, "b": x + 0.4 * step, "c": x + 0.9 * step}
    assert abs(spearmanr(chain["a"], chain["c"]).statistic) < 0.9
    assert abs(spearmanr(chain["b"], chain["c"]).statistic) >= 0.9
    found = groups(chain)
    assert found in (["a", "b + c", "b + c"], ["a + b", "a + b", "c"])


def test_each_feature_of_either_group_needs_a_twin() -> None:
    short, long = noise(), noise(seed=1)
    columns = {"sum_30": short, "sum_365": long, "count_30": short * 2, "count_365": long * 2}
    registry = {name: name.split("_")[0] for name in columns}
    assert set(groups(columns, registry)) == {"sum + count"}
    assert set(groups({**columns, "count_365": noise(seed=2)}, registry)) == {"sum", "count"}


def test_missing_values_rank_below_all() -> None:
    x = noise()
    gaps = np.where(noise(seed=1) > 0.5, np.nan, x)
    assert set(groups({"x": x, "y": gaps})) == {"x", "y"}
    assert set(groups({"x": gaps, "y": 2 * gaps})) == {"x + y"}


def test_what_cannot_be_compared_is_left_alone() -> None:
    x = noise(50)
    assert groups({"x": x, "y": x}, y="category") == ["x", "y"]
    assert groups({"x": np.ones(50), "y": np.ones(50), "z": np.full(50, np.nan)}) == ["x", "y", "z"]
    assert groups({"x": np.empty(0), "y": np.empty(0)}) == ["x", "y"]


def test_features_without_a_group_are_joined_by_name() -> None:
    x = noise()
    assert groups({"x": x, "y": x, "z": noise(seed=3)}, {"x": "", "y": "", "z": ""}) == ["x + y", "x + y", ""]


def test_many_rows_are_compared_on_the_same_sample() -> None:
    x = noise(3 * ROWS)
    assert groups({"x": x, "y": x + 0.01 * noise(3 * ROWS, seed=1)}) == ["x + y", "x + y"]


def test_the_names_of_what_was_joined() -> None:
    assert Feature(name="x", group="sum + count").groups == {"sum", "count"}
    assert Feature(name="x").groups == set()


def test_many_columns_are_compared_at_once() -> None:
    random = np.random.default_rng(0)
    base = random.normal(size=(200, 300))
    columns = {f"x{place}": base[:, place // 3] for place in range(900)}
    found = groups(columns)
    assert all(found[place] == f"x{place} + x{place + 1} + x{place + 2}" for place in range(0, 900, 3))
    assert joined([], np.empty((5, 0))) == ()
