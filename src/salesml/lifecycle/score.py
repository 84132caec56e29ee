"""Scoring a date: snapshot without labels, scorer, score table."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesml.config import Spec, Tracking
from salesml.crm import CRM
from salesml.lifecycle.files import read_table
from salesml.lifecycle.flat import check_columns, ids, tidy_like
from salesml.lifecycle.ideal.similar import refuse_other_task, write_similar
from salesml.lifecycle.meaning import refuse_other_meaning
from salesml.lifecycle.moved import moved
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty, refuse_nobody
from salesml.scoring import Scorer, check_quarantine, check_target, write
from salesml.scoring.audit import audit
from salesml.scoring.table import SCORED, schema
from salesml.snapshots import Snapshot, take
from salesml.tracking import load

CONTRADICTORY = ("won-before-created",)
"""Reasons to be left out that the tables, not the label, are to blame for."""


@dataclass(frozen=True)
class Scored:
    """A score table that has been written."""

    path: Path | str
    rows: int
    unscored: int
    bands: dict[str, int]
    version: str
    audit: str

    def text(self) -> str:
        """The result as a person reads it."""
        bands = ", ".join(f"{band} {self.bands.get(band, 0):,}" for band in "ABCD")
        left = f", {self.unscored:,} could not be scored (see their problem)" if self.unscored else ""
        wrote = f"Wrote {self.rows:,} rows to {self.path} with {self.version}: {bands}{left}"
        return f"{self.audit}\n{wrote}"


def score(
    spec: Spec,
    crm: CRM,
    as_of: dt.date,
    out: Path,
    *,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    similar: Path | None = None,
    say: Say = quiet,
) -> Scored:
    """Score everybody in the cohort as known before a date, and write the score table.

    Parameters
    ----------
    model : str, optional
        A bundle's folder or an MLflow address; the registered champion when left out.
    top : int
        Most reasons per account.
    similar : Path, optional
        Where the ideal accounts go that each prospect resembles, for a model of the task fit.

    Raises
    ------
    DataError
        When the tables are not fresh or complete for that date, or too many rows cannot be scored;
        ``audit-…`` when a sentence cannot be traced to its data.
    ModelError
        ``other-meaning`` when the spec or the contract is not that of the training.
    UsageError
        When a file exists already, or the model knows no ideal accounts.
    """
    check_target(out)
    if similar:
        refuse_other_task(spec)
        check_target(similar)
    refuse_faulty(crm, say, as_of, spec)
    scorer = load(model or champion(spec.name, tracking), tracking)
    refuse_other_meaning(scorer.bundle.meaning, spec, crm.contract)
    scorer.withheld = frozenset(spec.used)
    say(f"Taking the snapshot of {as_of}")
    snapshot = take(spec, crm, [as_of], labels=False)
    for line in left_out(snapshot):
        say(line)
    many = snapshot.entity.many
    for line in moved(scorer.bundle, snapshot.table):
        say(line)
    say(f"Scoring {snapshot.table.num_rows:,} {many} with {scorer.version}")
    done = write_scores(
        scorer, snapshot.table, out, top=top, unscorable=snapshot.unscorable, many=many,
        protected=(*spec.protected, *spec.used),
    )  # fmt: skip
    if similar:
        write_similar(spec, crm, scorer.bundle, snapshot.table, similar, say)
    return done


def left_out(snapshot: Snapshot) -> list[str]:
    """Lines on those whose own dates keep them out: nobody is left out without a word."""
    return [
        f"{each.count:,} {snapshot.entity.many} are left out: {each.words}"
        for each in snapshot.dropped
        if each.reason in CONTRADICTORY
    ]


def score_table(
    name: str,
    path: Path,
    out: Path,
    *,
    id_column: str,
    as_of: dt.date | None = None,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
) -> Scored:
    """Score the rows of a flat table with a model trained on one like it.

    Raises
    ------
    UsageError
        When the file exists already, or the table lacks the id column.
    DataError
        When columns are missing, or too many rows cannot be scored; ``audit-…`` when a sentence cannot be
        traced to its data.
    """
    check_target(out)
    frame = read_table(path)
    check_columns(frame, id_column)
    scorer = load(model or champion(name, tracking), tracking)
    rows = tidy_like(frame, scorer.bundle.coding)
    rows["entity_id"] = ids(frame[id_column])
    if as_of:
        rows["as_of"] = as_of
    return write_scores(scorer, rows, out, top=top)


def champion(name: str, tracking: Tracking) -> str:
    """The address of the version in use."""
    return f"models:/{tracking.registered_name(name)}@champion"


def write_scores(
    scorer: Scorer,
    table: pa.Table | pd.DataFrame,
    out: Path,
    *,
    top: int,
    unscorable: pa.Table | None = None,
    many: str = "accounts",
    protected: Collection[str] = (),
) -> Scored:
    """Score rows, refuse them when too many fail or a sentence is not true, and write the table.

    Parameters
    ----------
    unscorable : pyarrow.Table, optional
        Those who cannot be scored at all, as :class:`salesml.snapshots.Snapshot` has them: they stand at
        the end of the table with their problem.
    protected : collection of str
        Attributes that no sentence may name or tell.

    Raises
    ------
    DataError
        ``too-many-unscored``, or ``audit-…`` with one fault for each kind of finding; nothing is written.
    """
    scores = scorer.table(table, top=top)
    refuse_nobody(scores.num_rows, many)
    if unscorable is not None and unscorable.num_rows:
        scores = pa.concat_tables([scores, scorer.not_scored(unscorable, scores)])
    unscored = check_quarantine(scores, scorer.bundle)
    audited = audit(scores, table, scorer.bundle, protected=protected, most=top, threads=scorer.threads)
    audited.refuse()
    rows = write(
        scores.to_batches(), schema(scorer.bundle.task), out, metadata={"salesml.audit": audited.text()}
    )
    bands = Counter(
        band
        for band, status in zip(scores["band"].to_pylist(), scores["status"].to_pylist(), strict=True)
        if status == SCORED
    )
    return Scored(out, rows, unscored, dict(bands), scorer.version, audited.text())
