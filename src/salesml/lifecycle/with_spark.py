"""`snapshot` and `score` with Spark: the same query and the same scorer, on a cluster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from salesml.config import Spec, Tracking
from salesml.crm import CRM
from salesml.lifecycle.meaning import meaning, refuse_other_meaning
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty, refuse_nobody
from salesml.lifecycle.score import champion
from salesml.lifecycle.score_job import How, Scored, digest_of, speaking
from salesml.lifecycle.spark_files import Folder
from salesml.lifecycle.spark_job import Ready, SparkJob, failing, identity_with_spark, loaded, run_with_spark
from salesml.lifecycle.spark_table import LATER, Flat
from salesml.lifecycle.staged import CONTRADICTORY
from salesml.scoring.batch import Teller
from salesml.scoring.frame import check_columns
from salesml.snapshots.engines.session import session
from salesml.snapshots.engines.spark_crm import SparkCRM
from salesml.snapshots.engines.spark_take import take_with_spark
from salesml.snapshots.entity import entity_of


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
    OutsideError
        ``spark-failed``, ``not-written``.
    """
    spark = session(master)
    folder = Folder(spark, out)
    with failing():
        folder.refuse_existing()
        with take_with_spark(spec, SparkCRM(crm.contract, spark), [as_of]) as taken, folder.aside() as aside:
            rows = int(aside.write(taken.frame).count())
            refuse_nobody(rows, taken.entity.many)
            aside.publish()
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
    how: How | None = None,
) -> Scored:
    """Score everybody in the cohort as known before a date; see :func:`salesml.lifecycle.score.score`.

    The score table is a folder of Parquet files, and appears when it is whole, every sentence in it has
    been audited and not too many of its rows have failed. The same job run again finds its work done.

    Parameters
    ----------
    how : How, optional
        Its listener and whether only to check; Spark decides on memory and threads.

    Raises
    ------
    DataError
        When the tables are not fresh or complete for that date, or too many rows cannot be scored;
        ``audit-…`` when a sentence cannot be traced to its data.
    ModelError
        ``other-meaning`` when the spec or the contract is not that of the training.
    UsageError
        When the folder exists, or the tables or the SQL cannot be read by Spark.
    OutsideError
        ``spark-failed``, ``not-written``, ``tracking-away``: run the same job again.
    """
    how = how or How()
    listener = how.listener or speaking(say)
    spark = session(master)
    folder = Folder(spark, out)
    tables = SparkCRM(crm.contract, spark)
    with failing():
        folder.check()
        scorer = loaded(model or champion(spec.name, tracking), tracking, listener)
        refuse_other_meaning(scorer.bundle.meaning, spec, crm.contract)
        scorer.withheld = frozenset(spec.used)
        decided = meaning(spec, crm.contract) | {
            "protected": ",".join(spec.protected),
            "used": ",".join(spec.used),
        }
        data = tables.fingerprint()
    identity = identity_with_spark(scorer, as_of.isoformat(), data, top, meaning=digest_of(decided))

    def check(teller: Teller) -> None:
        teller.stage("check", "Checking the tables with Spark")
        refuse_faulty(tables, lambda line: teller.tell("note", line), as_of, spec)

    @contextmanager
    def stage(teller: Teller) -> Iterator[Ready]:
        teller.stage("snapshot", f"Taking the snapshot of {as_of} with Spark")
        with take_with_spark(spec, tables, [as_of]) as taken:
            check_columns(taken.frame.columns, scorer.bundle.columns)
            left_out = [
                f"{each.count:,} {taken.entity.many} are left out: {each.words}"
                for each in taken.dropped
                if each.reason in CONTRADICTORY
            ]
            yield Ready(taken.frame, taken.unscorable, notes=left_out)

    job = SparkJob(
        identity=identity, folder=folder, scorer=scorer, top=top, many=entity_of(spec).many, check=check,
        stage=stage, protected=(*spec.protected, *spec.used),
    )  # fmt: skip
    return run_with_spark(job, listener, _logs(model, tracking), dry=how.dry)


def score_table(
    name: str,
    source: str,
    out: str,
    *,
    id_column: str,
    as_of: dt.date | None = None,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    master: str = "",
    say: Say = quiet,
    how: How | None = None,
) -> Scored:
    """Score the rows of a flat table with Spark; see :func:`salesml.lifecycle.score.score_table`.

    Parameters
    ----------
    source : str
        Files or a folder that Spark can read, ``.csv`` or Parquet, or a table of its catalog.

    Raises
    ------
    As :func:`score`, and ``missing-column`` when the table lacks a column of the model.
    """
    how = how or How()
    listener = how.listener or speaking(say)
    spark = session(master)
    folder = Folder(spark, out)
    with failing():
        folder.check()
        scorer = loaded(model or champion(name, tracking), tracking, listener)
        flat = Flat.open(spark, source, id_column, as_of)
        data = flat.digest()
    day = as_of.isoformat() if as_of else ""
    identity = identity_with_spark(scorer, day, data, top, id=id_column)
    drift = flat.drift(scorer.bundle)

    def check(teller: Teller) -> None:
        teller.stage("check", "Checking the table")
        for line in drift:
            teller.tell("warning", line)
        flat.refuse_lacking(scorer.bundle)

    @contextmanager
    def stage(teller: Teller) -> Iterator[Ready]:
        yield Ready(flat.rows(scorer.bundle), drift=drift, score=flat.scoring(), helping=(LATER,))

    job = SparkJob(
        identity=identity, folder=folder, scorer=scorer, top=top, many="rows", check=check, stage=stage
    )
    return run_with_spark(job, listener, _logs(model, tracking), dry=how.dry)


def _logs(model: str | None, tracking: Tracking) -> Tracking | None:
    """A model that came from MLflow has its jobs logged there."""
    return tracking if model is None or ":/" in model else None
