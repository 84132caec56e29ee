"""Rows are moved where that keeps cores busy, and stay where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from salesml.lifecycle import spark_spread
from salesml.lifecycle.spark_spread import how_many, spread
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("sizes", "most", "parts"),
    [
        ([], 8, 0),
        ([65_536], 8, 0),
        ([65_537], 8, 2),
        ([1_000_000], 2, 2),
        ([1_000_000], 200, 16),
        ([500_000, 500_000], 2, 0),
        ([740_000, 260_000], 2, 0),
        ([760_000, 240_000], 2, 2),
        ([60_000] * 20, 8, 0),
    ],
)
def test_no_more_parts_than_blocks_or_cores(sizes: list[int], most: int, parts: int) -> None:
    assert how_many(sizes, most) == parts


def test_all_rows_are_there_once(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(spark_spread, "BLOCK", 100)
    rows = spark.range(0, 1000, numPartitions=1)
    found = spread(rows, rows, "`id`")
    sizes = [len(part) for part in found.rdd.glom().collect()]
    assert len(sizes) == 2
    assert min(sizes) > 400
    assert sorted(row["id"] for row in found.collect()) == list(range(1000))
    even = spark.range(0, 1000, numPartitions=2)
    assert spread(even, even, "`id`") is even
