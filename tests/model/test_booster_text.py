"""A model text that lies about itself is refused before LightGBM reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import pytest

from salesml.errors import ModelError
from salesml.model import booster_text


def made(**params: object) -> lgb.Booster:
    random = np.random.default_rng(0)
    X = random.normal(size=(800, 3))
    X[:, 2] = random.integers(0, 40, 800)
    y = X[:, 0] + (X[:, 2] % 3 == 0) + random.normal(size=800) > 0.5
    settings = {
        "objective": "binary", "verbose": -1, "num_leaves": 7, "num_threads": 1, "cat_smooth": 1,
        "min_data_per_group": 5, "max_cat_to_onehot": 2,
    }  # fmt: skip
    data = lgb.Dataset(X, y.astype(int), categorical_feature=[2])
    return lgb.train(settings | params, data, 4)


TEXT = booster_text.lean(made().model_to_string())


def refused(text: str, features: int = 3) -> str:
    with pytest.raises(ModelError) as caught:
        booster_text.check(text, features)
    assert caught.value.code == "bad-booster"
    return str(caught.value)


def edited(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> str:
    """The text with the first match replaced and the trees' sizes made right again."""
    text, found = re.subn(pattern, replacement, TEXT, count=1, flags=re.MULTILINE)
    assert found == 1
    return with_true_sizes(text)


def with_true_sizes(text: str) -> str:
    """The text with the header's sizes of the trees as they are."""
    body = text.split("\nTree=", 1)[1].removesuffix("\nend of trees\n")
    sizes = " ".join(str(len("Tree=") + len(tree) + 1) for tree in body.split("\nTree="))
    return re.sub("tree_sizes=.*", f"tree_sizes={sizes}", text)


def test_a_true_text_passes_and_scores_the_same() -> None:
    booster = made()
    X = np.random.default_rng(1).normal(size=(200, 3))
    assert booster_text.check(TEXT, 3) == 4
    assert re.search("num_cat=[1-9]", TEXT)
    lean = lgb.Booster(model_str=TEXT)
    assert np.array_equal(lean.predict(X, raw_score=True), booster.predict(X, raw_score=True))
    assert np.array_equal(lean.predict(X, pred_contrib=True), booster.predict(X, pred_contrib=True))


def test_lean_keeps_no_thread_count_and_no_extreme_value() -> None:
    one, two = made(num_threads=1), made(num_threads=2)
    assert booster_text.lean(one.model_to_string()) == booster_text.lean(two.model_to_string())
    assert "num_threads" not in TEXT
    assert "feature_infos=none none none" in TEXT
    assert booster_text.lean(TEXT) == TEXT


def test_a_tree_of_one_leaf_passes() -> None:
    assert booster_text.check(booster_text.lean(made(min_data_in_leaf=5000).model_to_string()), 3) >= 1


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        (r"^leaf_value=.*$", r"\g<0>\n\g<0>", "has the key leaf_value twice"),
        (r"^version=v4$", r"\g<0>\nversion=v4", "has the key version twice"),
        (r"^num_leaves=7$", "num_leaves=8000", "has 8000 leaves but 6 entries"),
        (r"^num_leaves=7$", "num_leaves=99999999", "claims 99999999 leaves"),
        (r"^num_leaves=7$", "num_leaves=-7", "not a whole number"),
        (r"^num_leaves=7$", "num_leaves=3", "has 3 leaves but 6 entries"),
        (r"^leaf_value=\S+ ", "leaf_value=", "entries of leaf_value"),
        (r"^leaf_value=\S+", "leaf_value=nan", "not a number"),
        (r"^leaf_value=\S+", "leaf_value=1e999", "not finite"),
        (r"^leaf_value=\S+", "leaf_value=0x10", "not a number"),
        (r"^leaf_value=\S+ ", r"\g<0> ", "not a number"),
        (r"^leaf_value=\S+ ", r"\g<0>\t", "letters that no model is written with"),
        (r"^leaf_value=.*\n", "", "tree 0 lacks leaf_value"),
        (r"^leaf_value=.*\n", r"\n\g<0>", "unknown line ''"),
        (r"^label_index=0\n", "", "the header lacks label_index"),
        (r"^threshold=\S+", "threshold=abc", "not a number"),
        (r"^split_feature=\S+", "split_feature=3", "a feature that the bundle does not have"),
        (r"^split_feature=\S+", "split_feature=-1", "a feature that the bundle does not have"),
        (r"^split_feature=\S+", "split_feature=0.5", "not whole"),
        (r"^left_child=\S+", "left_child=0", "every leaf exactly once"),
        (r"^left_child=\S+", "left_child=-9", "every leaf exactly once"),
        (r"^left_child=\S+", "left_child=5000", "every leaf exactly once"),
        (r"^is_linear=0$", "is_linear=1", "linear leaves"),
        (r"^shrinkage=1$", r"\g<0>\nleaf_coeff=1 2", "unknown line 'leaf_coeff"),
        (r"^shrinkage=1$", "shrinkage==1", "not a number"),
        (r"^shrinkage=1$", "shrinkage=", "no shrinkage"),
        (r"^leaf_count=\S+", "leaf_count=1e5", "not whole"),
        (r"^left_child=\S+", "left_child=99999999999", "not whole"),
        (r"sigmoid:1$", "sigmoid:-1", "not binary sigmoid:1"),
        (r"^num_class=1$", "num_class=3", "num_class=3, not 1"),
        (r"^num_tree_per_iteration=1$", "num_tree_per_iteration=3", "num_tree_per_iteration=3"),
        (r"^objective=binary", "objective=multiclass", "not binary sigmoid:1"),
        (r"^version=v4$", "version=v5", "version=v5, not v4"),
        (r"^max_feature_idx=2$", "max_feature_idx=9", "max_feature_idx in the header"),
        (r"^Tree=2$", "Tree=7", "tree 2 calls itself '7'"),
        (r"^cat_boundaries=0 \d+", "cat_boundaries=0 9", "sets of categories"),
        (r"^cat_threshold=\S+", "cat_threshold=-5", "sets of categories"),
        (r"^decision_type=\S+", "decision_type=64", "kind of split"),
    ],
)
def test_lies_are_named(pattern: str, replacement: str, words: str) -> None:
    assert words in refused(edited(pattern, replacement))


def test_sizes_of_trees_must_be_true() -> None:
    assert "as long as the header says" in refused(re.sub("tree_sizes=.*", "tree_sizes=1 2 3 4", TEXT))


def test_text_that_is_cut_short_or_goes_on() -> None:
    assert "does not end with its trees" in refused(TEXT[:-20])
    assert "does not end with its trees" in refused(TEXT + "parameters:\n")
    with pytest.raises(ModelError, match="no end of trees"):
        booster_text.lean(TEXT[:-20])


def test_a_cycle_is_refused() -> None:
    """Two nodes that are each other's child reach every index once, and would never end."""
    text = edited(r"^left_child=.*$", _cycle)
    assert "exactly once" in refused(text) or "branches back" in refused(text)


def _cycle(match: re.Match[str]) -> str:
    children = [int(word) for word in match.group(0).split("=")[1].split()]
    inner = [place for place, child in enumerate(children) if child > 0]
    children[inner[0]] = inner[0]
    return "left_child=" + " ".join(map(str, children))


def test_a_tree_too_deep_is_refused() -> None:
    depth = booster_text.MAX_DEPTH + 1
    leaves = depth + 1
    rows = {
        "num_leaves": str(leaves), "num_cat": "0", "split_feature": "0 " * depth, "split_gain": "1 " * depth,
        "threshold": "0 " * depth, "decision_type": "2 " * depth,
        "left_child": " ".join(str(~leaf) for leaf in range(depth)),
        "right_child": " ".join([*map(str, range(1, depth)), str(~depth)]),
        "leaf_value": "1 " * leaves, "leaf_weight": "1 " * leaves, "leaf_count": "1 " * leaves,
        "internal_value": "1 " * depth, "internal_weight": "1 " * depth, "internal_count": "1 " * depth,
        "is_linear": "0", "shrinkage": "1",
    }  # fmt: skip
    tree = "Tree=0\n" + "".join(f"{key}={value.strip()}\n" for key, value in rows.items()) + "\n\n"
    head = TEXT[: TEXT.index("tree_sizes")]
    assert "splits deep" in refused(f"{head}tree_sizes={len(tree)}\n\n{tree}end of trees\n")


MUTATE = """
import random, re, sys
import lightgbm as lgb, numpy as np
from salesml.errors import ModelError
from salesml.model import booster_text
from tests.model.test_booster_text import TEXT, with_true_sizes
random.seed(0)
X, passed = np.random.default_rng(0).normal(size=(50, 3)), 0
odd = ["0", "1", "-1", "7", "99", "1e308", "0x10", "1_0", "4294967295", "1e5", "-0", "nan"]
for _ in range(400):
    lines = TEXT.split("\\n")
    place = random.randrange(3, len(lines) - 2)
    key, equals, values = lines[place].partition("=")
    words = values.split(" ")
    words[random.randrange(len(words))] = random.choice(odd)
    another = lines[random.randrange(3, len(lines) - 2)]
    changed, same = key + equals + " ".join(words), lines[place]
    lines[place : place + 1] = random.choice([[changed], [], [same, another], [same + " "], [key, values]])
    try:
        text = with_true_sizes("\\n".join(lines))
        booster_text.check(text, 3)
    except (ModelError, IndexError):
        continue
    lgb.Booster(model_str=text).predict(X, pred_contrib=True)
    passed += 1
print(passed)
"""


def test_whatever_passes_is_read_without_harm() -> None:
    """In a process of its own, since LightGBM ends the whole process on some texts."""
    done = subprocess.run(
        [sys.executable, "-c", MUTATE],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "src" + os.pathsep + "."},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20
