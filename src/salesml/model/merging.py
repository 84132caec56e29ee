"""Several boosters as one: their trees in one text, each leaf times what its booster counts.

The merged model's raw score is the weighted sum of theirs, its SHAP values are the same sum of theirs,
and neither needs anything but LightGBM to compute.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SCALED = ("leaf_value=", "internal_value=")


def merge(head_of: str, parts: Sequence[tuple[Sequence[str], float]]) -> str:
    """One LightGBM model text whose raw score is a weighted sum of the parts' raw scores.

    Parameters
    ----------
    head_of : str
        A model text over the same columns and category codes, whose header is taken.
    parts : sequence of (trees, factor)
        Trees as ``trees_of`` gives them, and by what their leaves are multiplied.
    """
    scaled = [(tree, factor) for trees, factor in parts for tree in trees]
    blocks = [_block(number, tree, factor) for number, (tree, factor) in enumerate(scaled)]
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    head, _, rest = head_of.partition("tree_sizes=")
    parameters = re.search(r"^parameters:\n.*?^end of parameters\n", rest, flags=re.DOTALL | re.MULTILINE)
    tail = f"\n{parameters.group(0)}" if parameters else ""
    return f"{head}tree_sizes={sizes}\n\n{''.join(blocks)}end of trees\n{tail}\npandas_categorical:null\n"


def trees_of(text: str) -> list[str]:
    """The trees of a model text, each without its number."""
    body = text.partition("\nTree=")[2].partition("end of trees")[0]
    return [tree.partition("\n")[2].rstrip("\n") for tree in body.split("\nTree=")] if body else []


def _block(number: int, tree: str, factor: float) -> str:
    lines = [_scaled(line, factor) if line.startswith(SCALED) else line for line in tree.split("\n")]
    return "\n".join([f"Tree={number}", *lines, "", "", ""])


def _scaled(line: str, factor: float) -> str:
    key, _, values = line.partition("=")
    return f"{key}={' '.join(repr(float(value) * float(factor)) for value in values.split())}"
