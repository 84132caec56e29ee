"""Training from a list of best customers in a universe of prospects: no bad customer, no outcome is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from salesml.config import Label, Spec, Tracking
from salesml.errors import Fault, UsageError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.files import read_table
from salesml.lifecycle.fit import Tested, make_classifier
from salesml.lifecycle.flat import check_columns, ids
from salesml.lifecycle.flat_checks import refuse_nameless
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.seed_list import find_seeds, read_seeds
from salesml.lifecycle.train_table import spec_of, train_frame
from salesml.lifecycle.training import Trained
from salesml.model.positive_unlabelled import Prior
from salesml.model.seed_report import SeedReport, standing_of

TARGET = "on the list"


def train_seeds(
    name: str,
    path: Path,
    *,
    id_column: str,
    seeds: Path | Sequence[object],
    base_rate: float | None = None,
    folds: int | None = None,
    as_of: dt.date | None = None,
    exclude: Sequence[str] = (),
    allow: Sequence[str] = (),
    spec_path: Path | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Trained:
    """Train a score of likeness to a list of best customers.

    The learner tells the listed from all others, tested by folds. Its order is that of the chance to be a
    best customer if the list is a random choice of them (Elkan and Noto, KDD 2008, lemma 1). How many of the
    others are best customers cannot be learned so; see :class:`salesml.model.positive_unlabelled.Prior`.

    Parameters
    ----------
    name : str
        The model's name, such as ``fit``.
    path : Path
        The universe: a CSV or Parquet file with one row for each prospect, the listed among them.
    id_column : str
        The column that identifies a row.
    seeds : Path or sequence
        The ids of the list, or a CSV or Parquet file of them.
    base_rate : float, optional
        The share of best customers among those not on the list, if it is known: probabilities are corrected
        to it. Without it they say how often somebody like this is on the list.
    folds, as_of, exclude, allow, spec_path, tracking, log, say
        As for :func:`salesml.lifecycle.train_table.train_table`.

    Returns
    -------
    Trained
        Its bundle has the task ``seeds``.

    Raises
    ------
    UsageError
        When the files, columns or options cannot be used.
    DataError
        ``no-seeds``, ``too-few-seeds``, ``no-others``, ``duplicate-ids``, ``no-id``, or what the checks
        before training refuse.
    """
    if folds is not None and folds < 2:
        raise UsageError(Fault(code="bad-value", found=f"--folds is {folds}", allowed="At least 2"))
    tracking = tracking or Tracking()
    check_names(name, tracking)
    spec, stated = _spec(name, spec_path, base_rate)
    spec = replace(spec, exclude=(*spec.exclude, *exclude), allow=(*spec.allow, *allow))
    frame = read_table(path)
    check_columns(frame, id_column)
    entity = ids(frame[id_column])
    refuse_nameless(entity, id_column)
    found = find_seeds(entity, read_seeds(seeds, id_column, set(entity)), id_column)
    for line in found.text():
        say(line)
    target = _free(TARGET, frame)
    frame[target] = found.mask
    return train_frame(
        name, spec, frame, path, id_column=id_column, target=target, folds=folds, as_of=as_of,
        spec_path=spec_path, tracking=tracking, log=log, say=say,
        judged=partial(with_seed_report, stated=stated),
    )  # fmt: skip


def _spec(name: str, spec_path: Path | None, base_rate: float | None) -> tuple[Spec, float | None]:
    """The spec of a seed score, and the stated share: a list is no sample by outcome, so the learner is not
    told of it."""
    spec = spec_of(name, spec_path)
    learner = dict(spec.learner)
    make_classifier(spec if base_rate is None else replace(spec, learner={**learner, "base_rate": base_rate}))
    stated = learner.pop("base_rate", None)
    spec = replace(spec, task="seeds", label=Label(kind="seeds"), learner=learner, value="")
    return spec, stated if base_rate is None else base_rate


def with_seed_report(tested: Tested, rows: Rows, stated: float | None = None) -> Tested:
    """A tested model with what a list alone can tell of it.

    Parameters
    ----------
    rows : Rows
        What it was tested on by folds; the outcome is being on the list.
    stated : float, optional
        The share of best customers among those not on the list: probabilities are corrected to it.
    """
    on_list = tested.classifier.calibration_.probability(tested.unseen)
    prior = Prior.of(rows.y, on_list, stated)
    calibration = prior.calibration(tested.unseen, rows.y, on_list)
    report = SeedReport(
        prior=prior,
        auc=tested.evaluation.metrics["auc"],
        standing=standing_of(rows.y, on_list),
        bend=prior.bend(calibration, tested.unseen, rows.y, on_list),
    )
    return replace(tested, verdict=report.judged(tested.verdict), seeds=report, calibration=calibration)


def _free(name: str, frame: pd.DataFrame) -> str:
    """The name, longer where a column has it already."""
    while name in frame:
        name += " of best customers"
    return name
