"""Scoring a date or a flat table: what a job is made of, and what comes of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesml.config import Spec, Tracking
from salesml.crm import CRM
from salesml.crm.states import state_of
from salesml.lifecycle.display import Trained
from salesml.lifecycle.files import columns_of
from salesml.lifecycle.flat import check_columns
from salesml.lifecycle.ideal.similar import is_written, refuse_other_task, write_similar
from salesml.lifecycle.meaning import meaning, refuse_other_meaning
from salesml.lifecycle.patience import patiently
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.score_job import (
    How,
    Scored,
    digest_of,
    digest_of_file,
    identity_of,
    make_job,
    noted,
    run_job,
    speaking,
)
from salesml.lifecycle.show import Show, trained_by
from salesml.lifecycle.sinks import is_address, refuse_similar, sink_for
from salesml.lifecycle.staged import Check, Means, SnapshotStage, TableStage
from salesml.scoring import Scorer, check_target
from salesml.scoring.audit import audit
from salesml.scoring.batch import Listener, Teller
from salesml.scoring.batch.durable import make_folder
from salesml.snapshots.entity import entity_of
from salesml.tracking import load

__all__ = ["How", "Scored", "champion", "score", "score_table"]


def score(
    spec: Spec,
    crm: CRM,
    as_of: dt.date,
    out: Path | str,
    *,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    similar: Path | None = None,
    say: Say = quiet,
    how: How | None = None,
) -> Scored:
    """Score everybody in the cohort as known before a date, and publish the score table at once.

    Parameters
    ----------
    out : Path or str
        A new ``.parquet`` or ``.csv`` file, or the folder of a dataset by task and date, of which the
        partition is replaced in one step; or, as text, the address of a store, ``sqlite:///FILE.db`` or
        ``postgresql://USER@HOST/DATABASE``, whose pages show the scores from then on.
    model : str, optional
        A bundle's folder or an MLflow address; the registered champion when left out.
    top : int
        Most reasons per account.
    similar : Path, optional
        Where the ideal accounts go that each prospect resembles, for a model of the task fit.
    say : callable
        Gets lines for people, unless ``how`` has a listener.

    Raises
    ------
    DataError
        When the tables are not fresh or complete for that date, or too many rows cannot be scored;
        ``audit-…`` when a sentence cannot be traced to its data.
    ModelError
        ``other-meaning`` when the spec or the contract is not that of the training.
    UsageError
        When a file exists already, or the model knows no ideal accounts.
    OutsideError
        ``job-running``, ``not-written``, ``tracking-away``: run the same job again, it goes on.
    """
    how = how or How()
    listener = how.listener or speaking(say)
    show = Show(spec.task, crm, (*spec.protected, *spec.used))
    sink = sink_for(out, name=spec.name, task=spec.task, day=as_of.isoformat(), work=how.work, show=show)
    sink.check(spec.name)
    if similar:
        refuse_similar(out)
        refuse_other_task(spec)
        check_target(similar, overwrite=True)
    address = model or champion(spec.name, tracking)
    scorer = _load(address, tracking, listener)
    if is_address(out):
        show.trained = _trained(scorer, address, tracking, listener)
    refuse_other_meaning(scorer.bundle.meaning, spec, crm.contract)
    scorer.withheld = frozenset(spec.used)
    decided = meaning(spec, crm.contract) | {
        "protected": ",".join(spec.protected),
        "used": ",".join(spec.used),
    }
    data = patiently(crm.fingerprint, noted(listener))
    options = {"meaning": digest_of(decided), "chunk": how.chunk}
    identity = identity_of(scorer, as_of.isoformat(), data, top, **options)
    near = similar is not None and is_written(similar, identity.run_id)
    means = Means(
        scorer=scorer, run_id=identity.run_id, top=top, memory=how.memory, chunk=how.chunk,
        check=_audited(scorer, top, (*spec.protected, *spec.used)),
    )  # fmt: skip
    stage = SnapshotStage(spec=spec, crm=crm, as_of=as_of, means=means)
    job = make_job(identity, sink, stage, scorer, how, top, many=entity_of(spec).many)
    done = run_job(job, out, listener, how, tracking, logged=model is None or ":/" in model)
    if similar and not how.dry and not near:
        teller = Teller(identity.run_id, listener)
        with _folder_beside(similar) as folder:
            prospects = (rows for _, _, rows in stage.rows(folder, teller).read())
            write_similar(
                spec, crm, scorer.bundle, prospects, similar, identity.run_id,
                lambda line: teller.tell("note", line),
            )  # fmt: skip
    return done


def score_table(
    name: str,
    path: Path,
    out: Path | str,
    *,
    id_column: str,
    as_of: dt.date | None = None,
    model: str | None = None,
    tracking: Tracking,
    top: int = 5,
    say: Say = quiet,
    how: How | None = None,
) -> Scored:
    """Score the rows of a flat table with a model trained on one like it.

    Raises
    ------
    UsageError
        When the file exists already, or the table lacks the id column.
    DataError
        When columns are missing, or too many rows cannot be scored; ``audit-…`` when a sentence cannot be
        traced to its data.
    OutsideError
        As :func:`score`.
    """
    how = how or How()
    listener = how.listener or speaking(say)
    check_columns(pd.DataFrame(columns=columns_of(path)), id_column)
    address = model or champion(name, tracking)
    scorer = _load(address, tracking, listener)
    day = as_of.isoformat() if as_of else ""
    bundle = scorer.bundle
    show = Show(bundle.task)
    if is_address(out):
        show.trained = _trained(scorer, address, tracking, listener)
    sink = sink_for(out, name=bundle.name, task=bundle.task, day=day, work=how.work, show=show)
    sink.check(bundle.name)
    before = state_of(path)
    identity = identity_of(
        scorer, day, digest_of_file(path), top, id=id_column, ending=path.suffix.lower(), chunk=how.chunk
    )
    means = Means(
        scorer=scorer, run_id=identity.run_id, top=top, memory=how.memory, chunk=how.chunk,
        check=_audited(scorer, top),
    )  # fmt: skip
    stage = TableStage(path=path, id_column=id_column, as_of=as_of, means=means, before=before)
    job = make_job(identity, sink, stage, scorer, how, top, many="rows")
    return run_job(job, out, listener, how, tracking, logged=model is None or ":/" in model)


def _audited(scorer: Scorer, top: int, protected: Collection[str] = ()) -> Check:
    """That every sentence can be traced, chunk by chunk, before it is on disk."""

    def check(scores: pa.Table, rows: pa.Table | pd.DataFrame, of: int) -> dict[str, int]:
        audited = audit(scores, rows, scorer.bundle, protected=protected, most=top, threads=1, of=of)
        audited.refuse()
        return {"sentences": audited.sentences, "recomputed": audited.recomputed}

    return check


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder for a while; what a killed process left in it is removed by the next."""
    folder = path.with_name(f".{path.name}.salesml")
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder, 0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def champion(name: str, tracking: Tracking) -> str:
    """The address of the version in use."""
    return f"models:/{tracking.registered_name(name)}@champion"


def _trained(scorer: Scorer, address: str, tracking: Tracking, listener: Listener) -> Trained:
    """What a store's pages say of the model."""
    return patiently(lambda: trained_by(scorer.bundle, address, scorer.version, tracking), noted(listener))


def _load(address: str, tracking: Tracking, listener: Listener) -> Scorer:
    """The scorer with one thread: chunks are scored side by side."""
    scorer = patiently(lambda: load(address, tracking), noted(listener))
    scorer.threads = 1
    return scorer
