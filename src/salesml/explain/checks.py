"""What of a model text cannot be explained, refused by name before anything is computed from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from salesml.errors import Fault, ModelError
from salesml.explain.forest import MISSING_NAN, Tree, blocks, read_trees

MOST_NAMED = 5
"""Altered trees that are named one by one."""


def checked_trees(text: str) -> list[Tree]:
    """The trees of a model text that can be explained.

    Raises
    ------
    ModelError
        ``linear-trees``, ``several-classes`` or ``altered-booster``: whatever is found of them, together.
    """
    kinds = [*_kind_faults(text)]
    if kinds:
        raise ModelError(kinds)
    features = len(_header(text, "feature_names").split())
    found = [*_sizes(text)]
    if not found:
        for number, block in enumerate(blocks(text)):
            found += [f"tree {number} {what}" for what in _tree(block, features)]
    if found:
        raise ModelError(_altered(found))
    return read_trees(text)


def features_of(text: str) -> int:
    """How many features a model text names."""
    return len(_header(text, "feature_names").split())


def _kind_faults(text: str) -> Iterator[Fault]:
    if re.search(r"^is_linear=1$", text, re.MULTILINE):
        yield Fault(
            code="linear-trees",
            found="The model has linear trees: a regression in each leaf",
            allowed="Trees with one number in each leaf, whose SHAP values are known exactly",
            do="Train it with linear_tree=false",
        )
    if any(_header(text, key) not in ("", "1") for key in ("num_class", "num_tree_per_iteration")):
        yield Fault(
            code="several-classes",
            found=f"The model has {_header(text, 'num_class')} classes with a score for each",
            allowed="A model with one score: of two classes, or of an amount",
            do="Train one model for each class, or ask for one outcome against all others",
        )


def _header(text: str, key: str) -> str:
    found = re.search(rf"^{key}=(.*)$", text.partition("\nTree=")[0], re.MULTILINE)
    return found.group(1).strip() if found else ""


def _sizes(text: str) -> Iterator[str]:
    """Lengths as the header says them: a tree's own text, its mark and its empty lines."""
    if "\nend of trees" not in text:
        yield "the text has no end of trees"
        return
    sizes = [str(len("Tree=") + len(block.encode()) + 1) for block in blocks(text)]
    if sizes != _header(text, "tree_sizes").split():
        yield "the trees are not as long as the header says"


def _tree(block: str, features: int) -> Iterator[str]:
    lines = dict(line.split("=", 1) for line in block.split("\n") if "=" in line)
    try:
        fields = {
            key: np.array(lines.get(key, "").split(), dtype=np.float64) for key in (*_SPLIT, "leaf_value")
        }
        counts = {key: np.array(lines.get(key, "").split(), dtype=np.float64) for key in _COUNTS}
        words, bounds = (np.array(lines.get(key, "").split(), dtype=np.int64) for key in _CATEGORY)
    except (ValueError, OverflowError):
        yield "holds something that is not a number"
        return
    leaves = len(fields["leaf_value"])
    if not leaves or lines.get("num_leaves", "").strip() != str(leaves):
        yield "does not have as many leaves as it claims"
        return
    if not np.all(np.isfinite(fields["leaf_value"])):
        yield "has a leaf whose value is not finite"
    if leaves == 1:
        return
    if any(len(fields[key]) != leaves - 1 for key in _SPLIT):
        yield "does not have as many splits as leaves ask for"
        return
    sizes = {"internal_count": leaves - 1, "leaf_count": leaves}
    if any(len(counts[key]) != sizes[key] or not np.all(counts[key] >= 0) for key in _COUNTS):
        yield "does not say how many training rows its leaves and splits had"
    elif np.any(counts["internal_count"] == 0):
        yield "has a split that no training row came to"
    yield from _branches(fields, leaves)
    yield from _questions(fields, words, bounds, features)


def _branches(fields: dict[str, np.ndarray], leaves: int) -> Iterator[str]:
    children = np.concatenate([fields["left_child"], fields["right_child"]])
    parents = np.tile(np.arange(leaves - 1), 2)
    if np.any(children != np.floor(children)) or np.any((children < -leaves) | (children >= leaves - 1)):
        yield "branches to a node that it does not have"
    elif np.any((children >= 0) & (children <= parents)):
        yield "branches back to a node before"
    elif len(np.unique(children)) != len(children):
        yield "reaches a node twice"


def _questions(
    fields: dict[str, np.ndarray], words: np.ndarray, bounds: np.ndarray, features: int
) -> Iterator[str]:
    asked, decision = fields["split_feature"], fields["decision_type"]
    if np.any((asked < 0) | (asked >= features) | (asked != np.floor(asked))):
        yield f"asks for a feature beyond the {features} of the header"
    whole = decision == np.floor(decision)
    if not np.all(whole & (decision >= 0) & (decision < 4 * (MISSING_NAN + 1))):
        yield "has a kind of split that is not known"
        return
    chosen = fields["threshold"][decision.astype(np.int64) % 2 == 1]
    if np.any(np.isnan(fields["threshold"])):
        yield "has a threshold that is not a number"
    rising = len(bounds) > 0 and bounds[0] == 0 and np.all(np.diff(bounds) > 0) and bounds[-1] == len(words)
    if len(chosen) and not (
        rising and np.all((chosen >= 0) & (chosen < len(bounds) - 1) & (chosen == np.floor(chosen)))
    ):
        yield "splits by sets of categories that it does not have"
    if np.any((words < 0) | (words >= 2**32)):
        yield "has a set of categories that is not bits"


_SPLIT = ("split_feature", "left_child", "right_child", "threshold", "decision_type")
_COUNTS = ("internal_count", "leaf_count")
_CATEGORY = ("cat_threshold", "cat_boundaries")


def _altered(found: list[str]) -> Fault:
    more = f" (and {len(found) - MOST_NAMED} more)" if len(found) > MOST_NAMED else ""
    return Fault(
        code="altered-booster",
        found=f"The model text was altered: {'; '.join(found[:MOST_NAMED])}{more}",
        allowed="A model text as LightGBM writes it",
        do="Train the model again; do not mend this file by hand",
        count=len(found),
    )
