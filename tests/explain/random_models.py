"""Random model texts: whatever a LightGBM ensemble of one score may hold, written by LightGBM or by hand."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
from hypothesis import strategies as st

from salesml.model.merging import merge, trees_of
from salesml.model.tree_text import bits, in_text

FEATURES = 6
CATEGORIES = [4, 5]


DEEP = 24
"""Features of trees with long ways."""


def rows(rng: np.random.Generator, size: int, features: int = FEATURES) -> np.ndarray:
    """Numbers, one of them the same twice, one mostly 0, and two categories; all with missing values."""
    X = rng.normal(size=(size, features)).round(rng.integers(0, 3))
    X[:, 1] = X[:, 0]
    X[rng.random(size) < 0.6, 2] = 0.0
    X[:, 4] = rng.integers(0, 5, size)
    X[:, 5] = rng.integers(0, 40, size)
    X[rng.random(X.shape) < rng.choice([0.0, 0.2])] = np.nan
    return X


def odd_rows(rng: np.random.Generator, size: int, features: int = FEATURES) -> np.ndarray:
    """As rows, with values that no training row had: infinite, tiny, unknown and negative categories."""
    X = rows(rng, size, features)
    strange = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e300, -1e300, 2.0**20])
    at = rng.random(X.shape) < 0.15
    X[at] = rng.choice(strange, at.sum())
    X[:, CATEGORIES] = np.where(np.isinf(X[:, CATEGORIES]), -3.0, X[:, CATEGORIES])
    X[:, CATEGORIES] = np.where(np.abs(X[:, CATEGORIES]) > 2.0**30, 1e6, X[:, CATEGORIES])
    return X


@st.composite
def learned(draw: st.DrawFn) -> str:
    """As LightGBM learns it, or several of them merged."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(60, 300))
    X = rows(rng, size)
    known = np.nan_to_num(X)
    lean = known[:, 0] - known[:, 2] * known[:, 3] + (known[:, 5] % 7 > 3)
    y = lean + rng.normal(size=size) > draw(st.sampled_from([0.0, 0.7]))
    params = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "num_leaves": draw(st.sampled_from([2, 3, 7, 15, 31])),
        "max_depth": draw(st.sampled_from([-1, 2, 4])),
        "learning_rate": draw(st.sampled_from([0.05, 0.3, 1.0])),
        "min_data_in_leaf": draw(st.sampled_from([1, 5])),
        "min_data_per_group": 1,
        "cat_smooth": 1.0,
        "max_cat_to_onehot": draw(st.sampled_from([1, 8])),
        "use_missing": draw(st.booleans()),
        "zero_as_missing": draw(st.booleans()),
        "bagging_fraction": draw(st.sampled_from([0.6, 1.0])),
        "bagging_freq": 1,
        "boost_from_average": draw(st.booleans()),
    }
    weight = rng.random(size) + 0.1 if draw(st.booleans()) else None
    categories = CATEGORIES if draw(st.booleans()) else []
    texts = []
    for part in range(draw(st.integers(1, 2))):
        data = lgb.Dataset(X, y, weight=weight, categorical_feature=categories, params={"min_data_in_bin": 1})
        booster = lgb.train(params | {"seed": part}, data, draw(st.integers(1, 8)))
        texts.append(booster.model_to_string())
    if len(texts) == 1 and draw(st.booleans()):
        return texts[0]
    factors = draw(st.lists(st.sampled_from([0.1, 0.5, 1.7]), min_size=len(texts), max_size=len(texts)))
    return merge(texts[0], [(trees_of(text), factor) for text, factor in zip(texts, factors, strict=True)])


def grown(seed: int, trees: int, leaves: int, features: int = FEATURES) -> str:
    """Trees of random shape with random questions and values."""
    rng = np.random.default_rng(seed)
    return merge(_head(features), [([_tree(rng, leaves, features) for _ in range(trees)], 1.0)])


@st.composite
def written(draw: st.DrawFn) -> str:
    """Trees of any shape and question: chains, repeated features, all types of missing, sets, constants."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    trees = [_tree(rng, draw(st.integers(1, 20))) for _ in range(draw(st.integers(1, 6)))]
    return merge(_head(FEATURES), [(trees, 1.0)])


@st.composite
def deep(draw: st.DrawFn) -> str:
    """Trees of many features, on whose ways a leaf may ask for all of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    trees = [_tree(rng, draw(st.integers(12, 40)), DEEP) for _ in range(draw(st.integers(1, 2)))]
    return merge(_head(DEEP), [(trees, 1.0)])


def _head(features: int) -> str:
    names = " ".join(f"Column_{place}" for place in range(features))
    lines = {
        "version": "v4", "num_class": "1", "num_tree_per_iteration": "1", "label_index": "0",
        "max_feature_idx": str(features - 1), "objective": "binary sigmoid:1", "feature_names": names,
        "feature_infos": " ".join(["none"] * features),
    }  # fmt: skip
    return "\n".join(["tree", *(f"{key}={value}" for key, value in lines.items()), "tree_sizes="])


def _tree(rng: np.random.Generator, leaves: int, features: int = FEATURES) -> str:
    """A tree grown leaf by leaf, as a chain or as a bush."""
    columns: dict[str, list[float]] = {
        key: [] for key in ("feature", "threshold", "decision", "left", "right")
    }
    sets: list[int] = []
    bounds = [0]
    parents: list[tuple[int, str]] = [(-1, "")]
    chain = rng.random() < 0.5
    for node in range(leaves - 1):
        leaf = node if chain else int(rng.integers(0, node + 1))
        where, side = parents[leaf]
        if side:
            columns[side][where] = node
        feature = int(rng.integers(0, features))
        by_set = feature in CATEGORIES
        columns["feature"].append(feature)
        columns["decision"].append(int(by_set) if by_set else 2 * rng.integers(0, 2) + 4 * rng.integers(0, 3))
        columns["threshold"].append(
            len(bounds) - 1 if by_set else rng.choice([0.0, 0.5, -1.0, 1.0, rng.normal()])
        )
        if by_set:
            sets += bits(rng.choice(40, int(rng.integers(1, 5)), replace=False))
            bounds.append(len(sets))
        columns["left"].append(~leaf)
        columns["right"].append(~(node + 1))
        parents[leaf] = (node, "left")
        parents.append((node, "right"))
    counts = np.ceil(500 * rng.random(leaves) ** 4).tolist()
    inner = [0.0] * (leaves - 1)
    for node in reversed(range(leaves - 1)):
        children = (int(columns[side][node]) for side in ("left", "right"))
        inner[node] = sum(inner[child] if child >= 0 else counts[~child] for child in children)
    fields = {
        "num_leaves": [leaves], "num_cat": [len(bounds) - 1], "split_feature": columns["feature"],
        "split_gain": [0] * (leaves - 1), "threshold": columns["threshold"],
        "decision_type": columns["decision"],
        "left_child": columns["left"], "right_child": columns["right"],
        "leaf_value": rng.normal(size=leaves).tolist(), "leaf_weight": counts, "leaf_count": counts,
        "internal_value": [0.0] * (leaves - 1), "internal_weight": inner, "internal_count": inner,
        "is_linear": [0], "shrinkage": [1],
    }  # fmt: skip
    if sets:
        fields |= {"cat_boundaries": bounds, "cat_threshold": sets}
    whole = {"leaf_count", "internal_count", "split_feature", "decision_type", "left_child", "right_child"}
    return in_text(
        {
            key: " ".join(str(int(value)) if key in whole else repr(float(value)) for value in values)
            if key
            not in ("num_leaves", "num_cat", "is_linear", "shrinkage", "cat_boundaries", "cat_threshold")
            else " ".join(map(str, values))
            for key, values in fields.items()
        }
    )
