"""Levels of categories that a bundle may keep: none that so few accounts share that it tells who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesml.errors import Fault
from salesml.model.coding import Coding

FEWEST_ACCOUNTS = 20
"""A category's level that fewer accounts share might tell who they are."""


def count_levels(coding: Coding, frame: pd.DataFrame, accounts: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each category of a coding, how many accounts share each of its levels.

    Parameters
    ----------
    frame : DataFrame
        The training rows.
    accounts : sequence of str
        The account of each row.
    """
    codes = coding.encode(frame)
    owners = pd.factorize(np.asarray(accounts, dtype=object))[0]
    counts: dict[str, dict[str, int]] = {}
    for position, column in enumerate(coding.columns):
        if column.kind != "category":
            continue
        pairs = pd.DataFrame({"code": codes[:, position], "account": owners}).drop_duplicates()
        found = pairs["code"].value_counts()
        counts[column.name] = {
            level: int(found.get(float(code), 0)) for code, level in enumerate(column.levels)
        }
    return counts


def rare_levels(coding: Coding, level_accounts: Mapping[str, Mapping[str, int]]) -> list[Fault]:
    """The categories with a level that too few accounts share. The levels themselves are not told."""
    faults = []
    for column in coding.columns:
        counts = level_accounts.get(column.name, {})
        rare = [level for level in column.levels if counts.get(level, 0) < FEWEST_ACCOUNTS]
        if rare:
            faults.append(
                Fault(
                    code="rare-level",
                    found=f"{column.name} has {len(rare)} values that fewer than {FEWEST_ACCOUNTS} "
                    "accounts share",
                    allowed="A bundle keeps no value that might tell who somebody is",
                    do="Count accounts, not rows, when the coding is learned, or leave the column out",
                    column=column.name,
                    count=len(rare),
                )
            )
    return faults
