"""A scoring job from its first line in the journal to the step that makes it visible.

Killed at any moment, it leaves what readers saw before; run again, it goes on where it stopped; done,
it changes nothing.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from salesml.errors import DataError, Fault, SalesmlError
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.durable import make_folder
from salesml.scoring.batch.events import Progress, Teller
from salesml.scoring.batch.identity import Identity
from salesml.scoring.batch.journal import Entry, Journal
from salesml.scoring.batch.manifest import FORMAT, TIMES
from salesml.scoring.batch.parts import PARTS, QUARANTINE, Parts, Score, Totals, files_of, run
from salesml.scoring.batch.sinks import Sink, clear
from salesml.scoring.batch.source import Source
from salesml.scoring.write import failing

GENERATION = "generation"


@dataclass(frozen=True)
class Stream:
    """Rows of one source and what makes scores of them."""

    source: Source
    score: Score


@dataclass(frozen=True)
class Staged:
    """What a job scores, and what was noticed about it."""

    streams: Sequence[Stream]
    drift: Sequence[str] = ()


class Stage(Protocol):
    """Has the rows of a job ready in its work folder."""

    def __call__(self, work: Path, journal: Journal, teller: Teller) -> Staged:
        """Called again when the job is; what is on disk already is taken from there."""

    def check(self, teller: Teller) -> int:
        """Every check that needs no work folder; the number of rows, or 0 where that is not known yet."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is scored, and where to.

    Parameters
    ----------
    identity : Identity
    sink : Sink
    stage : Stage
    quarantine_max : float
        Share of rows that may fail before nothing is published.
    rules : mapping
        What the manifest says of how scores were made.
    many : str
        What several of those scored are called.
    workers : int
        Threads, each with a chunk of rows.
    audited : callable
        Says of what the chunks' checks counted what it means.
    """

    identity: Identity
    sink: Sink
    stage: Stage
    quarantine_max: float
    rules: Mapping[str, Any] = field(default_factory=dict)
    many: str = "accounts"
    workers: int = 1
    audited: Callable[[Mapping[str, int]], str] = lambda counted: ""

    def check(self, teller: Teller) -> int:
        """As :meth:`Stage.check`."""
        return self.stage.check(teller)


@dataclass(frozen=True)
class Done:
    """A job that is done.

    Parameters
    ----------
    manifest : dict
        What was published.
    already : bool
        Whether an earlier run had done it all.
    seconds : dict
        Of each stage of this run.
    """

    manifest: dict[str, Any]
    already: bool
    seconds: dict[str, float]


def carry_out(job: Job, teller: Teller) -> Done:
    """Do a job, or what is left of it.

    Raises
    ------
    OutsideError
        ``job-running`` while another process writes there; ``not-written``, ``not-read``.
    DataError
        ``too-many-unscored``, and what staging and scoring raise. What was done is
        kept for the next run of the same job.
    """
    place = job.sink.place
    with failing(place.target):
        job.sink.check(job.identity.name)
        with alone(place):
            try:
                return _alone(job, teller)
            except SalesmlError as error:
                codes = [fault.code for fault in error.faults]
                teller.tell("failed", str(error), codes=codes, exit_code=error.exit_code)
                raise


def _alone(job: Job, teller: Teller) -> Done:
    run_id, place = job.identity.run_id, job.sink.place
    there = job.sink.there(run_id)
    if there is not None:
        job.sink.settle(run_id, teller)
        clear(place)
        return Done(there, already=True, seconds={})
    clear(place, but=run_id)
    work = place.work / run_id
    make_folder(work, 0o700)
    journal = Journal(work / "journal.jsonl")
    try:
        manifest = _build(job, work, journal, teller)
    finally:
        journal.close()
    teller.stage("publish", f"Publishing {manifest['rows']:,} rows to {place.shown()}")
    published = dict(job.sink.publish(work / GENERATION, manifest, teller))
    shutil.rmtree(work, ignore_errors=True)
    teller.end()
    return Done(published, already=False, seconds=teller.seconds)


def _build(job: Job, work: Path, journal: Journal, teller: Teller) -> dict[str, Any]:
    """Score what is not scored yet; the manifest of all."""
    began = journal.last("begun")
    if began is None:
        began = {"event": "begun", "at": _now()}
        journal.add(began)
    staged = job.stage(work, journal, teller)
    entries = _score(job, staged, work, journal, teller)
    totals = Totals.of(entries)
    return {
        "format": FORMAT,
        "run_id": job.identity.run_id,
        "model": {
            "name": job.identity.name,
            "version": job.identity.version,
            "digest": job.identity.bundle,
        },
        "task": job.identity.task,
        "as_of": job.identity.as_of,
        "data": job.identity.data,
        "rows": totals.rows,
        "scored": totals.rows - totals.unscored,
        "unscored": totals.unscored,
        "bands": totals.bands,
        "problems": totals.problems,
        "checked": totals.counted,
        "audit": job.audited(totals.counted),
        "drift": list(staged.drift),
        "rules": {**job.rules, "quarantine_max": job.quarantine_max},
        "schema": {each.name: str(each.type) for each in job.identity.schema},
        "versions": dict(job.identity.versions),
        "files": [file for entry in entries for file in files_of(entry)],
        TIMES: {"began": began["at"], "finished": _now(), "seconds": dict(teller.seconds)},
    }


def _score(job: Job, staged: Staged, work: Path, journal: Journal, teller: Teller) -> list[Entry]:
    generation = work / GENERATION
    for name in (PARTS, QUARANTINE):
        make_folder(generation / name)
    parts = Parts(generation, job.identity.short, journal, job.sink.without)
    rows = sum(stream.source.rows for stream in staged.streams)
    done = parts.done()
    kept = sum(entry["rows"] for entry in done.values())
    going_on = f"; {kept:,} were scored before" if kept else ""
    teller.stage("score", f"Scoring {rows:,} {job.many} with {job.identity.version}{going_on}", rows=rows)
    progress = Progress(teller, rows, kept)
    unscored = sum(entry["unscored"] for entry in done.values())

    def told(entry: Entry) -> None:
        nonlocal unscored
        done[entry["index"]] = entry
        unscored += entry["unscored"]
        progress.add(entry["rows"])
        if unscored > job.quarantine_max * rows:
            _refuse_unscored(list(done.values()), rows, job.quarantine_max)

    start = 0
    for stream in staged.streams:
        chunks = _numbered(stream.source, start, set(done))
        run(chunks, stream.score, parts, workers=job.workers, told=told)
        stream.source.check_same()
        start += stream.source.chunks
    _refuse_unscored(list(done.values()), rows, job.quarantine_max)
    return [done[index] for index in sorted(done) if index < start]


def _numbered(source: Source, start: int, done: set[int]) -> Iterator[tuple[int, int, pa.Table]]:
    """The chunks of a source, numbered on from a start."""
    for number, first, rows in source.read({index - start for index in done}):
        yield start + number, first, rows


def _refuse_unscored(entries: list[Entry], rows: int, most: float) -> None:
    totals = Totals.of(entries)
    refuse_unscored(totals.unscored, rows, most, totals.problems)


def refuse_unscored(unscored: int, rows: int, most: float, problems: Iterable[str]) -> None:
    """That few enough rows have failed.

    Raises
    ------
    DataError
        ``too-many-unscored``.
    """
    if unscored > most * rows:
        raise DataError(
            Fault(
                code="too-many-unscored",
                found=f"{unscored:,} of {rows:,} rows could not be scored",
                allowed=f"At most {most:.1%} may fail (quarantine_max)",
                do="Mend the data the problems name, or raise quarantine_max",
                count=unscored,
                examples=tuple(itertools.islice(problems, 5)),
            )
        )


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
