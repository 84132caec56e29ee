"""A Spark session: the one that is there, or one made as the environment says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from salesml.errors import Fault, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what does not fit fails, and is never cut or wrapped
    "spark.sql.caseSensitive": "true",  # columns may differ in case only
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",  # as many as share their sentences
    "parquet.page.verify-checksum.enabled": "true",  # otherwise a damaged value is read as another
    # Otherwise the size of all columns is looked at after each row; rows are bounded already.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(2**31 - 1),
}
"""What the SQL of a snapshot relies on, set for a session of its own."""

PARTITIONS, ANY = "spark.sql.shuffle.partitions", "200"
"""What Spark takes where nobody says: as many tasks for a few rows on one machine as on a cluster."""


def session(master: str = "") -> SparkSession:
    """A Spark session with settings and temporary views of its own.

    It shares the cluster and the catalog of the session that is there: that of a notebook or of
    ``spark-submit``; without one Spark starts as its own configuration says.

    Parameters
    ----------
    master : str
        Where Spark runs, such as ``local[4]``; empty to leave it to Spark's configuration.

    Raises
    ------
    UsageError
        ``no-spark`` when PySpark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _missing(f"PySpark is not installed: {error}") from None
    there = SparkSession.getActiveSession()
    if there is None:
        builder = SparkSession.builder.appName("salesml")
        if master:
            builder = builder.master(master)
        try:
            there = builder.getOrCreate()
        except PySparkRuntimeError as error:
            raise _missing(f"Spark does not start: {error}") from None
    own, context = there.newSession(), there.sparkContext
    for key, value in SETTINGS.items():
        own.conf.set(key, value)
    if context.master.startswith("local"):
        context.pythonExec = sys.executable  # on a cluster the workers have one of their own
        if own.conf.get(PARTITIONS) == ANY:
            own.conf.set(PARTITIONS, str(context.defaultParallelism))
    return own


def _missing(found: str) -> UsageError:
    return UsageError(
        Fault(
            code="no-spark",
            found=found,
            allowed="--engine spark needs PySpark 4 and Java 17",
            do="Install Java 17 and `pip install 'salesml[spark]'`, or leave out --engine",
        )
    )
