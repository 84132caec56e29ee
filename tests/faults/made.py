"""The little that the tests of faults score: a bundle and two tables."""

from __future__ import annotations

import math
from pathlib import Path

from tests.scoring.made import bundle, rows


def small(folder: Path, size: int = 120) -> Path:
    """A bundle and tables of an earlier and a later day; a row of each cannot be scored."""
    folder.mkdir(exist_ok=True)
    bundle().save(folder / "bundle")
    for name, seed in (("old", 1), ("new", 2)):
        table = rows(size, seed).rename(columns={"entity_id": "customer"}).drop(columns=["as_of", "label"])
        table.loc[7, "revenue_90"] = math.inf
        table.to_parquet(folder / f"{name}.parquet", row_group_size=50)
    return folder
