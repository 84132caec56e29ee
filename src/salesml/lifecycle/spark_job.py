"""A scoring job with Spark, from its first event to the step that makes it visible."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from salesml.config import Tracking
from salesml.errors import Fault, OutsideError, SalesmlError
from salesml.lifecycle.moved import moved_shares
from salesml.lifecycle.patience import patiently
from salesml.lifecycle.refuse import refuse_nobody
from salesml.lifecycle.score_job import Scored, concluded, identity_of, noted
from salesml.lifecycle.spark_files import QUARANTINE, Folder, Unfinished
from salesml.lifecycle.spark_written import Written, problems_of, refuse_unaudited
from salesml.scoring import Scorer
from salesml.scoring.audit import passed
from salesml.scoring.batch import Done, Identity, Listener, Teller
from salesml.scoring.batch.job import refuse_unscored
from salesml.scoring.batch.manifest import FORMAT, TIMES
from salesml.scoring.in_spark import ScoreBatches, Shipped, faulty, not_scored, scored, ship
from salesml.scoring.spark_counts import Counted
from salesml.tracking import load

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Ready:
    """Rows that Spark can score.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
    unscorable : pyspark.sql.DataFrame or None
        Those who cannot be scored at all: ``entity_id``, ``as_of`` and ``problem``.
    notes : sequence of str
        What is to be told.
    drift : sequence of str
        What the check has told of; it goes into the manifest.
    score : callable
        Makes of a shipped bundle what Spark calls with the rows of a partition.
    helping : tuple of str
        Columns that the tables do not have.
    """

    frame: DataFrame
    unscorable: DataFrame | None = None
    notes: Sequence[str] = ()
    drift: Sequence[str] = ()
    score: Callable[[Shipped], ScoreBatches] = ScoreBatches
    helping: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SparkJob:
    """What is scored, and where to.

    Parameters
    ----------
    identity : Identity
    folder : Folder
    scorer : Scorer
    check : callable
        Every check before the rows are made.
    stage : callable
        Has the rows ready until its block ends.
    protected : tuple of str
        Attributes that no sentence may name or tell.
    """

    identity: Identity
    folder: Folder
    scorer: Scorer
    top: int
    many: str
    check: Callable[[Teller], None]
    stage: Callable[[Teller], AbstractContextManager[Ready]]
    protected: tuple[str, ...] = ()


def loaded(address: str, tracking: Tracking, listener: Listener) -> Scorer:
    """The scorer, with one thread where the driver uses it."""
    scorer = patiently(lambda: load(address, tracking), noted(listener))
    scorer.threads = 1
    return scorer


def identity_with_spark(scorer: Scorer, as_of: str, data: str, top: int, **options: object) -> Identity:
    """As on one machine, and another job than there: Spark's files are others."""
    import pyspark

    found = identity_of(scorer, as_of, data, top, engine="spark", **options)
    return replace(found, versions={**found.versions, "pyspark": pyspark.__version__})


def run_with_spark(job: SparkJob, listener: Listener, tracking: Tracking | None, *, dry: bool) -> Scored:
    """Do a job, or say what it would do.

    Parameters
    ----------
    tracking : Tracking or None
        Where to log it; nowhere when left out.
    """
    teller, out = Teller(job.identity.run_id, listener), job.folder.out
    teller.tell("begun", f"Run {job.identity.run_id}: {out}", out=out, model=job.identity.version)
    try:
        with failing():
            if dry:
                return _would(job, teller)
            done = _carry_out(job, teller)
    except SalesmlError as error:
        codes = [fault.code for fault in error.faults]
        teller.tell("failed", str(error), codes=codes, exit_code=error.exit_code)
        raise
    return concluded(done, job.identity, out, teller, tracking)


@contextmanager
def failing() -> Iterator[None]:
    """What Spark or its executors fail with, in words.

    Raises
    ------
    OutsideError
        ``spark-failed``.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError, duckdb.Error) as error:
        raise OutsideError(
            Fault(
                code="spark-failed",
                found=f"Spark could not do its part: {_said(error)[:500]}",
                allowed="Nothing was published: readers see what they saw before",
                do="Mend what it names (Spark's log has the whole) and run the same job again",
            )
        ) from error


def _said(error: Exception) -> str:
    """The line of an error that names what happened."""
    try:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    except Exception:  # Java is asked for the words
        lines = []
    if not lines or isinstance(error, ConnectionError):
        return "its Java process has ended, as it does when it runs out of memory (spark.driver.memory)"
    return next((line for line in lines if "Error: " in line or "Exception: " in line), repr(error))


def _would(job: SparkJob, teller: Teller) -> Scored:
    identity, out = job.identity, job.folder.out
    there = job.folder.finished(identity.run_id)
    if there:
        text = f"Nothing would be done: {out} holds the {there['rows']:,} rows of this very job"
    else:
        job.folder.refuse_existing()
        job.check(teller)
        text = f"Would score {job.many} with {identity.version} to {out}"
    teller.tell("done", text, dry_run=True, begun=False)
    rows = there["rows"] if there else 0
    return Scored(out, rows, 0, {}, identity.version, identity.run_id, already=there is not None, would=text)


def _carry_out(job: SparkJob, teller: Teller) -> Done:
    there = job.folder.finished(job.identity.run_id)
    if there:
        return Done(there, already=True, seconds={})
    job.folder.refuse_existing()
    began = _now()
    job.check(teller)
    with job.stage(teller) as ready, job.folder.aside() as aside:
        for line in ready.notes:
            teller.tell("note", line)
        teller.stage("score", f"Scoring {job.many} with {job.identity.version}")
        manifest = _scored(job, ready, aside, teller)
        teller.stage("publish", f"Publishing {manifest['rows']:,} rows to {job.folder.out}")
        times = {"began": began, "finished": _now(), "seconds": dict(teller.seconds)}
        aside.publish({**manifest, TIMES: times})
    teller.end()
    return Done(manifest, already=False, seconds=teller.seconds)


def _scored(job: SparkJob, ready: Ready, aside: Unfinished, teller: Teller) -> dict[str, Any]:
    """Write all scores aside, look at them, and say what they are."""
    bundle = job.scorer.bundle
    shipped = ship(job.scorer, ready.frame, top=job.top, run_id=job.identity.run_id, protected=job.protected)
    score = ready.score(shipped)
    table = scored(ready.frame, score, bundle)
    if ready.unscorable is not None:
        table = table.unionAll(not_scored(ready.unscorable, shipped, bundle))
    written = aside.write(table)
    counted: Counted = shipped.counts.value
    found = Written.of(written)
    refuse_nobody(found.rows - counted.noted, job.many)
    refuse_unaudited(counted, found.rows)
    counted.audit().refuse()
    problems = problems_of(written) if found.unscored else {}
    refuse_unscored(found.unscored, found.rows, bundle.quarantine_max, problems)
    moved = moved_shares(bundle, counted.shares(bundle), found.rows - counted.noted)
    for line in moved:
        teller.tell("warning", line)
    if found.unscored:
        apart = _apart(ready, score, found.unscored - counted.noted)
        for name, rows in Written.of(aside.write(apart, QUARANTINE), plain=True).files.items():
            found.files[f"{QUARANTINE}/{name}"] = rows
    return {
        **_about(job),
        "rows": found.rows,
        "scored": found.rows - found.unscored,
        "unscored": found.unscored,
        "bands": found.bands,
        "problems": problems,
        "checked": {"sentences": counted.sentences, "recomputed": counted.recomputed},
        "audit": passed(counted.sentences),
        "drift": [*ready.drift, *moved],
        "files": aside.files(found.files),
    }


def _about(job: SparkJob) -> dict[str, Any]:
    """What the manifest says of a job before anything is scored."""
    identity, bundle = job.identity, job.scorer.bundle
    rules = {"reasons": job.top, "cutoffs": dict(bundle.cutoffs), "quarantine_max": bundle.quarantine_max}
    return {
        "format": FORMAT,
        "run_id": identity.run_id,
        "model": {"name": identity.name, "version": identity.version, "digest": identity.bundle},
        "task": identity.task,
        "as_of": identity.as_of,
        "data": identity.data,
        "rules": rules,
        "schema": {each.name: str(each.type) for each in identity.schema},
        "versions": dict(identity.versions),
    }


def _apart(ready: Ready, score: ScoreBatches, failed: int) -> DataFrame:
    """Rows that could not be scored as they came, and those who cannot be scored at all."""
    if ready.unscorable is None:
        return faulty(ready.frame, score).drop(*ready.helping)
    whole = ready.unscorable.select("entity_id", "problem")
    if not failed:
        return whole
    return faulty(ready.frame, score).unionByName(whole, allowMissingColumns=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
