"""What Spark writes: a folder of Parquet files, visible when it is whole."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from salesml.errors import Fault, OutsideError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def check_folder(spark: SparkSession, out: str) -> None:
    """That nothing stands where the folder is to be.

    Raises
    ------
    UsageError
        ``file-exists``, or ``bad-ending`` for a file.
    """
    if out.lower().endswith((".csv", ".parquet")):
        raise UsageError(
            Fault(
                code="bad-ending",
                found=f"{out} is the name of a file",
                allowed="Spark writes a folder of Parquet files",
                do="Name a folder, such as scores/2026-01-01",
            )
        )
    system, path = _place(spark, out)
    if system.exists(path):
        raise UsageError(
            Fault(
                code="file-exists",
                found=f"{out} exists already",
                allowed="A folder is never written into twice",
                do="Name another folder, or remove this one",
            )
        )


def write_folder(frame: DataFrame, out: str, check: Callable[[DataFrame], Any]) -> Any:
    """Write a frame aside, look at what has been written, and give the folder its name.

    Parameters
    ----------
    check : callable
        Takes the written frame; what it raises leaves nothing behind, what it returns is returned.

    Raises
    ------
    OutsideError
        ``not-written`` when the file system refuses.
    """
    spark = frame.sparkSession
    system, path = _place(spark, out)
    # A name with an underscore in front is passed over by whoever reads the folder around it.
    aside = f"{out.rstrip('/')}".rpartition("/")
    unfinished = f"{aside[0]}{aside[1]}_{aside[2]}.{uuid.uuid4().hex[:8]}"
    _, unfinished_path = _place(spark, unfinished)
    try:
        frame.write.parquet(unfinished)
        found = check(spark.read.schema(frame.schema).parquet(unfinished))
        if system.exists(path) or not system.rename(unfinished_path, path):
            raise OutsideError(
                Fault(
                    code="not-written",
                    found=f"{out} could not be given its name: something came to stand there",
                    do="Choose another folder; what was there before is untouched",
                )
            )
    finally:
        system.delete(unfinished_path, True)
    return found


def _place(spark: SparkSession, address: str) -> tuple[Any, Any]:
    """The file system that an address belongs to, and the address in its form."""
    context = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(address)
    return path.getFileSystem(context._jsc.hadoopConfiguration()), path
