"""LightGBM's text form of an ensemble: what of it a bundle keeps, and whether it may be loaded.

LightGBM's own parser trusts the text: numbers of leaves and lengths of arrays that disagree make
it read outside its memory, and of a key written twice one parser takes the first, another the
last. So the text is checked here, in full, before LightGBM sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError

END = "end of trees"
TWO_CLASSES = "binary sigmoid:1"
"""What the header of a model of two classes says it was trained for."""
MAX_LEAVES = 8192
MAX_DEPTH = 256

_HEADER = {
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "objective",
    "feature_names",
    "feature_infos",
    "monotone_constraints",
    "tree_sizes",
}
_PER_SPLIT = (
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "internal_value",
    "internal_weight",
    "internal_count",
)
_PER_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_WHOLE = {
    "split_feature",
    "decision_type",
    "left_child",
    "right_child",
    "cat_boundaries",
    "cat_threshold",
    "leaf_count",
    "internal_count",
}
_TREE = {
    *_PER_SPLIT,
    *_PER_LEAF,
    "num_leaves",
    "num_cat",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
    "shrinkage",
}
_ODD = re.compile(r"[^\n -~]")
_NUMBERS = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3})?(?: (?!$)|$))*")
"""Numbers apart by one space each, as LightGBM writes them and every parser reads them alike."""

_WHOLE_NUMBERS = re.compile(r"(?:-?[0-9]{1,10}(?: (?!$)|$))*")

_CATEGORICAL = 1
"""Bit of ``decision_type`` that marks a split by category."""


def lean(text: str) -> str:
    """The part of a model text that scoring needs.

    What follows the trees is left out (parameters with thread counts and paths), and so are the
    least and the greatest value of each feature: the latter are single customers' values.
    """
    body, mark, _ = text.partition(f"\n{END}")
    if not mark:
        raise _refused("the text has no end of trees")
    infos = re.search(r"^feature_infos=(.*)$", body, re.MULTILINE)
    if infos:
        nothing = " ".join("none" for _ in infos.group(1).split())
        body = body[: infos.start(1)] + nothing + body[infos.end(1) :]
    return f"{body}\n{END}\n"


def check(text: str, features: int, objective: str = TWO_CLASSES) -> int:
    """The number of trees of a text that is safe to load.

    Parameters
    ----------
    text : str
        A model text as :func:`lean` makes it.
    features : int
        Number of features the ensemble must have.
    objective : str
        What the header must say the ensemble was trained for.

    Raises
    ------
    ModelError
        ``bad-booster`` with the first thing that is wrong.
    """
    if _ODD.search(text):
        raise _refused("the text holds letters that no model is written with")
    if not text.endswith(f"\n{END}\n") or text.count(END) != 1:
        raise _refused("the text does not end with its trees")
    head, *trees = text.removesuffix(f"\n{END}\n").split("\nTree=")
    header = _header(head, features, objective)
    sizes = [_size(tree) for tree in trees]
    if [str(size) for size in sizes] != header.get("tree_sizes", "").split():
        raise _refused("the trees are not as long as the header says")
    for number, tree in enumerate(trees):
        _tree(tree, number, features)
    return len(trees)


def _size(tree: str) -> int:
    """Bytes of a tree as its header counts them, with the mark that begins it and its empty lines."""
    return len("Tree=") + len(tree) + 1


def _header(head: str, features: int, objective: str) -> dict[str, str]:
    first, _, rest = head.partition("\n")
    if first != "tree":
        raise _refused("the text does not begin as a model of trees")
    header = dict(_pairs(rest, "the header", _HEADER))
    _all_there(header, _HEADER - {"monotone_constraints"}, "the header")
    wanted = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "objective": objective,
    }
    for key, value in wanted.items():
        if header.get(key) != value:
            raise _refused(f"the header has {key}={header.get(key)}, not {value}")
    for key in ("tree_sizes", "monotone_constraints"):
        _array(header, key, "the header")
    counts = {
        "max_feature_idx": header.get("max_feature_idx") == str(features - 1),
        "feature_names": len(header.get("feature_names", "").split(" ")) == features,
        "feature_infos": len(header.get("feature_infos", "").split(" ")) == features,
    }
    for key, right in counts.items():
        if not right:
            raise _refused(f"{key} in the header does not fit the bundle's {features} features")
    return header


def _tree(text: str, number: int, features: int) -> None:
    where = f"tree {number}"
    first, _, rest = text.partition("\n")
    if first != str(number):
        raise _refused(f"{where} calls itself {first[:20]!r}")
    pairs = dict(_pairs(rest, where, _TREE))
    _all_there(pairs, _TREE - {"cat_boundaries", "cat_threshold"}, where)
    leaves, categories = _whole(pairs, "num_leaves", where), _whole(pairs, "num_cat", where)
    if not 1 <= leaves <= MAX_LEAVES or not 0 <= categories <= leaves - 1:
        raise _refused(f"{where} claims {leaves} leaves and {categories} splits by category")
    if pairs.get("is_linear", "0") != "0":
        raise _refused(f"{where} has linear leaves, whose reasons cannot be told")
    if len(_array(pairs, "shrinkage", where)) != 1:
        raise _refused(f"{where} has no shrinkage")
    arrays = {key: _array(pairs, key, where) for key in (*_PER_SPLIT, *_PER_LEAF)}
    _lengths(arrays, leaves, where)
    if leaves > 1:
        _shape(arrays["left_child"], arrays["right_child"], leaves, where)
        _splits(arrays, categories, pairs, features, where)


def _lengths(arrays: dict[str, NDArray[np.float64]], leaves: int, where: str) -> None:
    for key, values in arrays.items():
        wanted = leaves if key in _PER_LEAF else leaves - 1
        # A tree of one leaf is written with its value only.
        if len(values) != wanted and not (leaves == 1 and key != "leaf_value" and len(values) <= 1):
            raise _refused(f"{where} has {leaves} leaves but {len(values)} entries of {key}")


def _shape(left: NDArray[np.float64], right: NDArray[np.float64], leaves: int, where: str) -> None:
    """Every node but the first is the child of exactly one node before it: no cycle, nothing lost."""
    children = np.concatenate([left, right]).astype(np.int64)
    parents = np.tile(np.arange(leaves - 1), 2)
    inner = children >= 0
    if not np.array_equal(np.sort(children), np.setdiff1d(np.arange(-leaves, leaves - 1), [0])):
        raise _refused(f"the branches of {where} do not reach every leaf exactly once")
    if np.any(children[inner] <= parents[inner]):
        raise _refused(f"{where} branches back to a node before")
    depth = [0] * (leaves - 1)
    for node in range(leaves - 1):
        for child in (int(left[node]), int(right[node])):
            if child >= 0:
                depth[child] = depth[node] + 1
    if max(depth) >= MAX_DEPTH:
        raise _refused(f"{where} is {max(depth) + 1} splits deep; at most {MAX_DEPTH} are allowed")


def _splits(
    arrays: dict[str, NDArray[np.float64]], categories: int, pairs: dict[str, str], features: int, where: str
) -> None:
    used = arrays["split_feature"]
    if used.min() < 0 or used.max() >= features:
        raise _refused(f"{where} splits by a feature that the bundle does not have")
    if arrays["decision_type"].min() < 0 or arrays["decision_type"].max() > 15:
        raise _refused(f"{where} has a kind of split that is not known")
    by_category = arrays["decision_type"].astype(np.int64) & _CATEGORICAL == 1
    chosen = arrays["threshold"][by_category]
    if sorted(chosen) != list(range(categories)):
        raise _refused(f"the splits by category of {where} do not fit its {categories} sets")
    if categories:
        bounds, words = (_array(pairs, key, where) for key in ("cat_boundaries", "cat_threshold"))
        rising = len(bounds) == categories + 1 and bounds[0] == 0 and bool(np.all(np.diff(bounds) > 0))
        if not rising or len(words) != bounds[-1] or words.min() < 0 or words.max() >= 2**32:
            raise _refused(f"the sets of categories of {where} do not fit their lengths")


def _pairs(text: str, where: str, allowed: set[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    # LightGBM takes an empty line for the end, so there may be none before it.
    for line in text.rstrip("\n").split("\n"):
        key, equals, value = line.partition("=")
        if key in seen:
            raise _refused(f"{where} has the key {key} twice")
        if not equals or key not in allowed:
            raise _refused(f"{where} has the unknown line {line[:40]!r}")
        seen.add(key)
        yield key, value


def _all_there(pairs: dict[str, str], wanted: set[str], where: str) -> None:
    missing = sorted(wanted - pairs.keys())
    if missing:
        raise _refused(f"{where} lacks {', '.join(missing)}")


def _whole(pairs: dict[str, str], key: str, where: str) -> int:
    text = pairs.get(key, "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _refused(f"{key} of {where} is {text[:20]!r}, not a whole number")
    return int(text)


def _array(pairs: dict[str, str], key: str, where: str) -> NDArray[np.float64]:
    text = pairs.get(key, "")
    # A split of the missing from all others has the threshold inf.
    largest = str(np.finfo(np.float64).max)
    text = re.sub(r"(?<![^ -])inf(?![^ ])", largest, text) if key == "threshold" else text
    if not _NUMBERS.fullmatch(text):
        raise _refused(f"{key} of {where} holds something that is not a number")
    values = np.array(text.split(), dtype=np.float64)
    if not np.all(np.isfinite(values)):
        raise _refused(f"{key} of {where} holds a number that is not finite")
    if key in _WHOLE and not _WHOLE_NUMBERS.fullmatch(text):
        raise _refused(f"{key} of {where} holds a number that is not whole")
    return values


def _refused(found: str) -> ModelError:
    return ModelError(
        Fault(
            code="bad-booster",
            found=f"The bundle's booster.txt is refused: {found}",
            allowed="It must be a LightGBM 4 ensemble of plain trees with two classes, or of an amount",
            do="Train the model again; do not mend this file by hand",
        )
    )
