"""`snapshot` and `score` with Spark: the same query and the same scorer, on a cluster."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from salesml.config import Spec, Tracking
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.lifecycle.meaning import refuse_other_meaning
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty, refuse_nobody
from salesml.lifecycle.score import Scored, champion
from salesml.lifecycle.spark_files import check_folder, write_folder
from salesml.lifecycle.staged import CONTRADICTORY
from salesml.scoring.in_spark import not_scored, scored, ship
from salesml.scoring.table import SCORED
from salesml.snapshots.engines.session import session
from salesml.snapshots.engines.spark_crm import SparkCRM
from salesml.snapshots.engines.spark_take import SparkSnapshot, take_with_spark
from salesml.tracking import load

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def save_snapshot(spec: Spec, crm: CRM, as_of: dt.date, out: str, *, master: str = "") -> str:
    """Write the features of a date, without outcomes, as a folder of Parquet files.

    Parameters
    ----------
    out : str
        A folder that Spark can write to, such as ``s3a://bucket/churn/2026-01-01``.
    master : str
        Where Spark runs, when nothing else says so.

    Raises
    ------
    UsageError
        When the folder exists, or the tables or the SQL cannot be read by Spark.
    DataError
        ``nobody-to-score`` when the cohort is empty on that date.
    """
    spark = session(master)
    check_folder(spark, out)
    with take_with_spark(spec, SparkCRM(crm.contract, spark), [as_of]) as taken:
        rows = write_folder(taken.frame, out, lambda written: _some(written, taken))
        return f"Wrote {rows:,} rows and {len(taken.features)} features to {out}"


def score(
    spec: Spec,
    crm: CRM,
    as_of: dt.date,
    out: str,
    *,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    master: str = "",
    say: Say = quiet,
) -> Scored:
    """Score everybody in the cohort as known before a date; see :func:`salesml.lifecycle.score.score`.

    The score table is a folder of Parquet files, and appears when it is whole and not too many of its
    rows have failed.

    Raises
    ------
    DataError
        When the tables are not fresh or complete for that date, or too many rows cannot be scored.
    ModelError
        ``other-meaning`` when the spec or the contract is not that of the training.
    UsageError
        When the folder exists, or the tables or the SQL cannot be read by Spark.
    """
    spark = session(master)
    check_folder(spark, out)
    tables = SparkCRM(crm.contract, spark)
    refuse_faulty(tables, say, as_of, spec)
    scorer = load(model or champion(spec.name, tracking), tracking)
    refuse_other_meaning(scorer.bundle.meaning, spec, crm.contract)
    say(f"Taking the snapshot of {as_of} with Spark")
    with take_with_spark(spec, tables, [as_of]) as taken:
        for each in taken.dropped:
            if each.reason in CONTRADICTORY:
                say(f"{each.count:,} {taken.entity.many} are left out: {each.words}")
        task = scorer.bundle.task
        shipped = ship(scorer, taken.frame, top=top, run_id=uuid.uuid4().hex)
        table = scored(taken.frame, shipped, task)
        table = table.unionAll(not_scored(taken.unscorable, shipped, task))
        say(f"Scoring with {scorer.version}")
        rows, unscored, bands = write_folder(
            table, out, lambda written: _judged(written, taken, scorer.bundle.quarantine_max)
        )
    return Scored(out, rows, unscored, bands, scorer.version)


def _some(written: DataFrame, taken: SparkSnapshot) -> int:
    rows = int(written.count())
    refuse_nobody(rows, taken.entity.many)
    return rows


def _judged(written: DataFrame, taken: SparkSnapshot, most: float) -> tuple[int, int, dict[str, int]]:
    """Rows, those not scored and the bands, when few enough have failed."""
    counts = {
        (row["status"], row["band"]): int(row["count"])
        for row in written.groupBy("status", "band").count().collect()
    }
    rows = sum(counts.values())
    refuse_nobody(rows, taken.entity.many)
    bad = sum(number for (status, _), number in counts.items() if status != SCORED)
    if bad > most * rows:
        problems = written.where("problem IS NOT NULL").select("problem").limit(1000).distinct().limit(5)
        raise DataError(
            Fault(
                code="too-many-unscored",
                found=f"{bad:,} of {rows:,} rows could not be scored",
                allowed=f"At most {most:.1%} may fail (quarantine_max)",
                do="Mend the data the problems name, or raise quarantine_max",
                count=bad,
                examples=tuple(row["problem"] for row in problems.collect()),
            )
        )
    return rows, bad, {band: number for (status, band), number in counts.items() if status == SCORED}
