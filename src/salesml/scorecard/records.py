"""The rows of a table, one by one: for sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd


def records(table: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    """Each row of a table by column."""
    names = [str(name) for name in table]
    for values in table.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))
