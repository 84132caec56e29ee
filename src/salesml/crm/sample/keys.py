"""The ids of a block's prospects, accounts and reps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import columns
from salesml.crm.sample.block import MOST_IDS, Block

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def prospect_ids(block: Block, rows: Ints, missing: Bools | None = None) -> Any:
    return columns.ids("P", block.number * MOST_IDS + rows, missing)


def account_ids(block: Block, rows: Ints, missing: Bools | None = None) -> Any:
    return columns.ids("A", block.number * MOST_IDS + rows, missing)


def rep_ids(block: Block, rows: Ints, missing: Bools | None = None) -> Any:
    return columns.ids("R", block.number * MOST_IDS + rows, missing)
