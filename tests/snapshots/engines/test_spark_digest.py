"""Rows have one digest, whatever order they stand in and whatever files they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesml.snapshots.engines.spark_digest import content_digest
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = [(1, "a", None), (2, None, "b"), (2, None, "b"), (3, "c", "d")]
SCHEMA = "n INT, `odd ``name` STRING, t STRING"


def test_order_and_parts_do_not_matter(spark: SparkSession) -> None:  # noqa: F811
    expected = content_digest(spark.createDataFrame(ROWS, SCHEMA))
    assert content_digest(spark.createDataFrame(ROWS[::-1], SCHEMA).repartition(3)) == expected


def test_any_change_matters(spark: SparkSession) -> None:  # noqa: F811
    changed = [
        [*ROWS[:3], (3, "c", "e")],
        ROWS[:3],
        [*ROWS, (2, None, "b"), (2, None, "b")],
        [(1, None, "a"), *ROWS[1:]],  # the same value in the next column
    ]
    found = {content_digest(spark.createDataFrame(rows, SCHEMA)) for rows in [ROWS, *changed]}
    found.add(content_digest(spark.createDataFrame(ROWS, SCHEMA.replace("t STRING", "u STRING"))))
    assert len(found) == 6


def test_columns_that_spark_does_not_hash(spark: SparkSession) -> None:  # noqa: F811
    one, other = (spark.sql(f"SELECT map('a', {value}) AS m, array(struct(1)) AS s") for value in (1, 2))
    assert content_digest(one) != content_digest(other)
    assert content_digest(one) == content_digest(one)
