"""Several boosters as one: their trees in one text, each leaf divided by how many boosters there are.

The merged model's raw score is the mean of theirs, its SHAP values are the means of theirs, and
neither needs anything but LightGBM to compute.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SCALED = ("leaf_value=", "internal_value=")


def merge(texts: Sequence[str]) -> str:
    """One LightGBM model text whose raw score is the mean of the given models' raw scores.

    Parameters
    ----------
    texts : sequence of str
        Model texts of boosters over the same columns and category codes.
    """
    trees = [tree for text in texts for tree in _trees(text)]
    blocks = [_block(number, tree, len(texts)) for number, tree in enumerate(trees)]
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    head, _, rest = texts[0].partition("tree_sizes=")
    parameters = re.search(r"^parameters:\n.*?^end of parameters\n", rest, flags=re.DOTALL | re.MULTILINE)
    tail = f"\n{parameters.group(0)}" if parameters else ""
    return f"{head}tree_sizes={sizes}\n\n{''.join(blocks)}end of trees\n{tail}\npandas_categorical:null\n"


def count_trees(text: str) -> int:
    """How many trees a model text holds."""
    return len(_trees(text))


def _trees(text: str) -> list[str]:
    body = text.partition("\nTree=")[2].partition("end of trees")[0]
    return [tree.partition("\n")[2].rstrip("\n") for tree in body.split("\nTree=")] if body else []


def _block(number: int, tree: str, by: int) -> str:
    lines = [_scaled(line, by) if line.startswith(SCALED) else line for line in tree.split("\n")]
    return "\n".join([f"Tree={number}", *lines, "", "", ""])


def _scaled(line: str, by: int) -> str:
    key, _, values = line.partition("=")
    return f"{key}={' '.join(repr(float(value) / by) for value in values.split())}"
