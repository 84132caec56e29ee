"""Running a scoring job: who it is, what it tells, and its run in MLflow."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa

from salesml import __version__
from salesml.config import Tracking
from salesml.errors import OutsideError
from salesml.lifecycle.patience import patiently
from salesml.lifecycle.progress import Say
from salesml.lifecycle.staged import SnapshotStage, TableStage
from salesml.scoring import Scorer
from salesml.scoring.audit import passed
from salesml.scoring.batch import Done, Event, Identity, Job, Listener, Sink, Teller, carry_out, to_log
from salesml.scoring.batch.source import CHUNK, reading
from salesml.tracking.jobs import log_job

SUMMED = ("rows", "scored", "unscored", "problems", "bands", "drift", "checked")
"""What the last event of a job says of its manifest."""

TAG = 4_000
"""Letters of a tag in MLflow at most."""

SPOKEN = ("stage", "note", "warning")


@dataclass(frozen=True, kw_only=True)
class How:
    """How a job runs; none of it changes a score or a sentence.

    Parameters
    ----------
    listener : callable
        Gets every event; the logger ``salesml.score`` by default.
    memory : str
        What DuckDB may take: 900 MB when left out, and half of the machine's where that is not enough.
    workers : int
        Threads, 0 for all cores.
    chunk : int
        Rows that each of them scores at once; a part of the result holds so many.
    dry : bool
        Whether only to check everything and say what would be done.
    work : Path, optional
        The folder in which a job for a store works; beside a SQLite file, and else in the current folder.
    """

    listener: Listener | None = None
    memory: str = ""
    workers: int = 0
    chunk: int = CHUNK
    dry: bool = False
    work: Path | None = None


@dataclass(frozen=True)
class Scored:
    """A score table that has been written, or would be.

    Parameters
    ----------
    path : Path
        A file, the folder of a partition, or a store's address without its password.
    rows, unscored : int
    bands : dict
        How many rows are in each.
    version : str
        Of the model.
    run_id : str
    already : bool
        Whether the same job had been done before.
    drift : tuple of str
        What is not as in training.
    audit : str
        How many sentences were traced to their data.
    seconds : dict
        Of each stage.
    summary : dict
        The manifest.
    would : str
        What would be done, where nothing was.
    """

    path: Path | str
    rows: int
    unscored: int
    bands: dict[str, int]
    version: str
    run_id: str = ""
    already: bool = False
    drift: tuple[str, ...] = ()
    audit: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    would: str = ""

    @property
    def alarms(self) -> tuple[str, ...]:
        """What somebody should look at although the scores are published."""
        unscored = [f"{self.unscored:,} of {self.rows:,} rows could not be scored"] if self.unscored else []
        return (*self.drift, *unscored)

    def text(self) -> str:
        """The result as a person reads it."""
        if self.would:
            return self.would
        if self.already:
            return f"Nothing to do: {self.path} holds the {self.rows:,} rows of this very job"
        bands = ", ".join(f"{band} {self.bands.get(band, 0):,}" for band in "ABCD")
        left = f", {self.unscored:,} could not be scored (see their problem)" if self.unscored else ""
        return f"Wrote {self.rows:,} rows to {self.path} with {self.version}: {bands}{left}"


def identity_of(scorer: Scorer, as_of: str, data: str, top: int, **options: object) -> Identity:
    """What decides the bytes of a job: its run id is made of it."""
    bundle = scorer.bundle
    meant = str(options.pop("meaning", ""))
    return Identity(
        name=bundle.name,
        task=bundle.task,
        as_of=as_of,
        bundle=bundle.digest,
        version=scorer.version,
        data=data,
        meaning=meant,
        options={"top": top, **options},
        versions={
            "salesml": __version__,
            **{each.__name__: each.__version__ for each in (duckdb, lightgbm, np, pd, pa)},
        },
        horizons=bundle.horizons,
    )


def make_job(
    identity: Identity,
    sink: Sink,
    stage: SnapshotStage | TableStage,
    scorer: Scorer,
    how: How,
    top: int,
    many: str,
) -> Job:
    """A job of rows that a stage has ready, for a sink."""
    return Job(
        identity=identity,
        sink=sink,
        stage=stage,
        quarantine_max=scorer.bundle.quarantine_max,
        rules={"reasons": top, "cutoffs": dict(scorer.bundle.cutoffs)},
        many=many,
        workers=how.workers or _cores(),
        audited=lambda counted: passed(counted.get("sentences", 0)),
    )


def run_job(
    job: Job, out: Path | str, listener: Listener, how: How, tracking: Tracking, *, logged: bool
) -> Scored:
    """Do a job, or say what it would do; log it in MLflow when its model came from there."""
    teller = Teller(job.identity.run_id, listener)
    place = job.sink.place
    path: Path | str = place.address or Path(out) / place.partition
    teller.tell("begun", f"Run {job.identity.run_id}: {path}", out=str(path), model=job.identity.version)
    if how.dry:
        return _would(job, path, teller)
    logs = tracking if logged else None
    return concluded(carry_out(job, teller), job.identity, path, teller, logs)


def concluded(
    done: Done, identity: Identity, path: Path | str, teller: Teller, tracking: Tracking | None
) -> Scored:
    """What came of a job, told, and logged in MLflow where ``tracking`` says where that is."""
    manifest = done.manifest
    result = Scored(
        path=path,
        rows=manifest["rows"],
        unscored=manifest["unscored"],
        bands=manifest["bands"],
        version=manifest["model"]["version"],
        run_id=manifest["run_id"],
        already=done.already,
        drift=tuple(manifest["drift"]),
        audit=manifest["audit"],
        seconds=done.seconds,
        summary=manifest,
    )
    if tracking and not done.already:
        _log(result, identity, tracking, teller)
    teller.tell("note", result.audit)
    facts = {key: manifest[key] for key in SUMMED}
    teller.tell(
        "done",
        result.text(),
        already=done.already,
        seconds=done.seconds,
        version=result.version,
        alarms=list(result.alarms),
        **facts,
    )
    return result


def _would(job: Job, path: Path | str, teller: Teller) -> Scored:
    """What the job would do, with every check that needs no scoring."""
    manifest = job.sink.there(job.identity.run_id)
    rows = manifest["rows"] if manifest else job.check(teller)
    begun = (job.sink.place.work / job.identity.run_id).is_dir()
    text = (
        f"Nothing would be done: {path} holds the {rows:,} rows of this very job"
        if manifest
        else f"Would score {f'{rows:,} ' if rows else ''}{job.many} with {job.identity.version} to {path}"
        + (", going on where an earlier start stopped" if begun else "")
    )
    teller.tell("done", text, dry_run=True, begun=begun)
    identity = job.identity
    return Scored(
        path, rows, 0, {}, identity.version, identity.run_id, already=manifest is not None, would=text
    )


def _log(result: Scored, identity: Identity, tracking: Tracking, teller: Teller) -> None:
    """Tell MLflow of the job; the scores are published, so that it is no fault when it is away."""
    params = {
        "as_of": identity.as_of,
        "out": str(result.path),
        "model_version": result.version,
        "data": identity.data,
        **identity.options,
    }
    metrics = {
        "rows": result.rows,
        "unscored": result.unscored,
        "drift_alarms": len(result.drift),
        **{f"band_{band}": count for band, count in result.bands.items()},
        **{f"seconds_{stage}": seconds for stage, seconds in result.seconds.items()},
    }
    tags = {"salesml.bundle": identity.bundle, "salesml.task": identity.task}
    if result.drift:
        tags["salesml.drift"] = "\n".join(result.drift)[:TAG]

    def log() -> str:
        return log_job(tracking, identity.name, result.run_id, params=params, metrics=metrics, tags=tags)

    try:
        patiently(log, lambda line: teller.tell("note", line))
    except OutsideError as error:
        teller.tell(
            "warning",
            f"The scores are published, but MLflow was not told of the job: {error}",
            codes=[fault.code for fault in error.faults],
        )


def speaking(say: Say) -> Listener:
    """Says what people read, and logs all."""

    def listen(event: Event) -> None:
        to_log(event)
        if event.event in SPOKEN:
            say(event.text)

    return listen


def noted(listener: Listener) -> Say:
    """Lines from before the job has a run id."""
    return lambda line: listener(Event("note", "", line))


def digest_of(decided: object) -> str:
    """SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file."""
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # a system that does not say
        return os.cpu_count() or 1
