from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from salesml.explain.forest import read_trees
from salesml.explain.leaves import FINEST, Leaves
from salesml.model.booster_text import lean

from . import models
from .brute import Brute, mean, parts


@pytest.mark.parametrize("seed", range(3))
def test_what_features_add_to_each_leaf_is_what_a_walk_through_the_dump_finds(seed: int) -> None:
    text = lean(models.text(seed))
    dumped = [tree["tree_structure"] for tree in lgb.Booster(model_str=text).dump_model()["tree_info"]]
    trees = read_trees(text)
    assert len(trees) == len(dumped) == 18
    for tree, node in zip(trees, dumped, strict=True):
        expected = parts(node, models.FEATURES)
        for leaf, part in enumerate(tree.parts):
            dense = np.array([part.get(feature, 0.0) for feature in range(models.FEATURES)])
            np.testing.assert_allclose(dense, expected[leaf], atol=1e-12)
            assert sum(part.values()) == pytest.approx(tree.value[leaf] - mean(node), abs=1e-12)


def test_a_leaf_weighs_what_its_tree_adds_to_the_base_value() -> None:
    text = models.text(0)
    leaves, brute = Leaves.read(text), Brute(text, models.FEATURES)
    sizes = np.array([tree[leaf] for tree in brute.weight for leaf in sorted(tree)])
    np.testing.assert_allclose(leaves.weight / leaves.weight.sum(), sizes / sizes.sum(), atol=1e-8)
    heaviest = sum(leaves.weight[a:b].max() for a, b in zip(leaves.first, leaves.first[1:], strict=False))
    assert 0.999 * FINEST < heaviest <= FINEST


def test_a_tree_of_one_leaf_weighs_nothing_and_speaks_of_no_feature() -> None:
    leaves = Leaves.read(models.text(0))
    assert leaves.first[-1] - leaves.first[-2] == 1
    assert leaves.weight[-1] == 0
    assert not leaves.parts[-2].any()


def test_only_features_that_trees_ask_for_are_kept() -> None:
    leaves = Leaves.read(models.text(0))
    assert leaves.used.tolist() == [0, 1, 2, 3]
    assert leaves.parts.shape == (leaves.first[-1] + 1, 4)
    assert not leaves.parts[-1].any()


def test_a_text_without_trees_has_no_leaves() -> None:
    assert read_trees("tree\nversion=v4\n\nend of trees\n") == []
    assert Leaves.read("tree\nversion=v4\n\nend of trees\n").trees == 0
