"""Rows in as many parts as can be scored at once, where their files hold them in fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesml.scoring.scorer import BLOCK
from salesml.snapshots.engines.session import PARTITIONS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNEVEN = 1.5
"""So many times its fair share a part may have before all rows are moved."""


def spread(rows: DataFrame, source: DataFrame, by: str) -> DataFrame:
    """Rows in parts that keep all cores busy.

    A file of one row group is one part, and a CSV file is one whatever its length, however many cores wait.

    Parameters
    ----------
    rows : pyspark.sql.DataFrame
        What is to be scored.
    source : pyspark.sql.DataFrame
        Where they are read from: it is counted, part by part.
    by : str
        A column that differs from row to row.
    """
    from pyspark.sql import functions

    parted = source.select(functions.spark_partition_id().alias("part")).groupBy("part").count()
    sizes = [int(row["count"]) for row in parted.collect()]
    parts = how_many(sizes, int(source.sparkSession.conf.get(PARTITIONS) or 1))
    return rows.repartition(parts, by) if parts else rows


def how_many(sizes: list[int], most: int) -> int:
    """Into how many parts rows are to be brought; 0 to leave them where they are.

    Parameters
    ----------
    sizes : list of int
        Rows of each part that there is.
    most : int
        Parts of a shuffle. No more are made than there are blocks, whose rows share their sentences.
    """
    whole = sum(sizes)
    parts = min(most, -(-whole // BLOCK))
    return parts if parts > 1 and max(sizes) > UNEVEN * whole / parts else 0
