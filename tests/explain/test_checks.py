"""Model texts that cannot be explained are refused by name, before anything is computed from them."""

from __future__ import annotations

import re

import lightgbm as lgb
import numpy as np
import pytest

from salesml.errors import ModelError
from salesml.explain import Explainer
from salesml.explain.checks import checked_trees, features_of
from tests.explain.models import FEATURES, rows, text


@pytest.fixture(scope="module")
def model() -> str:
    return text(1)


def trained(**params: object) -> str:
    X = np.nan_to_num(rows(0, 300))
    y = np.arange(300) % 3 if "num_class" in params else (X[:, 0] > 0).astype(int)
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 5} | params
    return lgb.train(settings, lgb.Dataset(X, y), 3).model_to_string()


def altered(model: str, line: str, into: str) -> str:
    """The text with the first line of a kind changed, and the lengths that the header tells with it."""
    changed = re.sub(rf"^{line}$", lambda found: found.expand(into), model, count=1, flags=re.MULTILINE)
    assert changed != model
    body = changed.partition("\nTree=")[2].partition("\nend of trees")[0]
    sizes = " ".join(str(len("Tree=") + len(block) + 1) for block in body.split("\nTree="))
    return re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", changed, flags=re.MULTILINE)


def refusal(text: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        checked_trees(text)
    return caught.value


def test_a_sound_text_is_read(model: str) -> None:
    assert len(checked_trees(model)) == model.count("\nTree=")
    assert features_of(model) == FEATURES


def test_linear_trees_are_refused() -> None:
    error = refusal(trained(linear_tree=True))
    assert error.code == "linear-trees"
    assert "Train it with linear_tree=false" in str(error)


def test_several_classes_are_refused() -> None:
    error = refusal(trained(objective="multiclass", num_class=3))
    assert error.code == "several-classes"
    assert "3 classes" in str(error)


def test_all_that_is_wrong_of_a_kind_is_said_at_once() -> None:
    error = refusal(trained(objective="multiclass", num_class=3, linear_tree=True))
    assert [fault.code for fault in error.faults] == ["linear-trees", "several-classes"]


@pytest.mark.parametrize(
    ("line", "into", "says"),
    [
        (r"left_child=-?\d+(.*)", r"left_child=99\1", "branches to a node that it does not have"),
        (r"left_child=-?\d+(.*)", r"left_child=-99\1", "branches to a node that it does not have"),
        (r"left_child=-?\d+(.*)", r"left_child=0\1", "branches back to a node before"),
        (r"right_child=-?\d+ -?\d+(.*)", r"right_child=-2 -2\1", "reaches a node twice"),
        (r"split_feature=\d+(.*)", r"split_feature=5\1", "asks for a feature beyond the 5"),
        (r"split_feature=\d+(.*)", r"split_feature=-1\1", "asks for a feature beyond the 5"),
        (r"leaf_value=\S+(.*)", r"leaf_value=nan\1", "a leaf whose value is not finite"),
        (r"leaf_value=\S+(.*)", r"leaf_value=inf\1", "a leaf whose value is not finite"),
        (r"leaf_value=\S+ (.*)", r"leaf_value=\1", "as many leaves as it claims"),
        (r"num_leaves=\d+", r"num_leaves=3", "as many leaves as it claims"),
        (r"threshold=\S+ (.*)", r"threshold=\1", "as many splits as leaves ask for"),
        (r"threshold=\S+(.*)", r"threshold=x\1", "not a number"),
        (r"decision_type=\d+(.*)", r"decision_type=12\1", "a kind of split that is not known"),
        (r"internal_count=\d+(.*)", r"internal_count=0\1", "a split that no training row came to"),
        (r"leaf_count=\d+(.*)", r"leaf_count=-4\1", "how many training rows"),
        (r"cat_boundaries=0(.*)", r"cat_boundaries=1\1", "sets of categories that it does not have"),
    ],
)
def test_altered_trees_are_refused(model: str, line: str, into: str, says: str) -> None:
    error = refusal(altered(model, line, into))
    assert error.code == "altered-booster"
    assert says in str(error)
    assert "do not mend this file by hand" in str(error)


def test_trees_of_another_length_than_the_header_says_are_refused(model: str) -> None:
    assert "not as long as the header says" in str(refusal(model.replace("leaf_value=", "leaf_value= ", 1)))
    assert "no end of trees" in str(refusal(model.replace("end of trees", "end of tree", 1)))


def test_an_explainer_refuses_before_lightgbm_reads_the_text(model: str) -> None:
    with pytest.raises(ModelError, match="branches to a node"):
        Explainer(altered(model, r"left_child=-?\d+(.*)", r"left_child=99\1"), [""] * FEATURES)
