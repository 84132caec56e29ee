"""The little that the tests of faults score: a bundle and two tables."""

from __future__ import annotations

from pathlib import Path

from tests.scoring.made import bundle, rows


def small(folder: Path, size: int = 56) -> Path:
    """A bundle and tables of an earlier and a later day, a row of each that cannot be scored."""
    bundle().save(folder / "bundle")
    for name, seed in (("old", 1), ("new", 2)):
        table = rows(size, seed).rename(columns={"entity_id": "customer"}).drop(columns=["as_of", "label"])
        table["recency"] = table["recency"].astype(object)
        table.to_parquet(folder / f"{name}.parquet", row_group_size=24)
    return folder
