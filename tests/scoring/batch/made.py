"""Jobs over tables in memory, for the tests of batches."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesml.scoring import Scorer
from salesml.scoring.batch import (
    Done,
    Event,
    Identity,
    Job,
    Journal,
    Scored,
    Source,
    Staged,
    Stream,
    Teller,
    carry_out,
    sink_of,
)
from tests.scoring.made import bundle

DAY = "2026-01-31"
CHUNK = 16


@dataclass
class TableStage:
    """Writes a frame to the work folder and scores it."""

    frame: pd.DataFrame
    run_id: str
    calls: int = 0

    def __call__(self, work: Path, journal: Journal, teller: Teller) -> Staged:
        path = work / "rows.parquet"
        self.frame.to_parquet(path, row_group_size=25)
        return Staged([Stream(Source(path, chunk=CHUNK), self.score)])

    def score(self, rows: pa.Table, first: int) -> Scored:
        self.calls += 1
        return Scorer(bundle(), threads=1).table(rows, run_id=self.run_id), rows, {"sentences": len(rows)}

    def check(self, teller: Teller) -> int:
        return len(self.frame)


def identity(frame: pd.DataFrame, day: str = DAY) -> Identity:
    """Of a job that scores the frame."""
    data = hashlib.sha256(frame.to_csv().encode()).hexdigest()
    return Identity(
        name="churn", task="churn", as_of=day, bundle=bundle().digest, version="churn/1", data=data
    )


def job(out: Path, frame: pd.DataFrame, day: str = DAY, quarantine_max: float = 0.01) -> Job:
    """A job of a few small parts."""
    own = identity(frame, day)
    return Job(
        identity=own,
        sink=sink_of(out, "churn", day),
        stage=TableStage(frame.assign(as_of=dt.date.fromisoformat(day)), own.run_id),
        quarantine_max=quarantine_max,
        many="rows",
        workers=2,
    )


def publish(out: Path, frame: pd.DataFrame, day: str = DAY, quarantine_max: float = 0.01) -> Done:
    """Do such a job."""
    own = job(out, frame, day, quarantine_max)
    return carry_out(own, Teller(own.identity.run_id, ignored))


def ignored(event: Event) -> None:
    """Nobody listens."""
