"""Tuning on a flat table: compared on its last rows by an order, or on other accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from salesml.config import Spec, Tracking
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.files import read_table
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.flat import check_columns, read_flat
from salesml.lifecycle.ordered import Order, part
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.screened import Screened, kept_together, refuse_unknown, screen_rows
from salesml.lifecycle.train_table import spec_of
from salesml.lifecycle.tuning.folds import account_folds, make_folds, order_folds
from salesml.lifecycle.tuning.limits import begin_budget, check_limits
from salesml.lifecycle.tuning.material import KEPT_IN, Material
from salesml.lifecycle.tuning.run import tune_rows
from salesml.lifecycle.tuning.search import need_optuna
from salesml.lifecycle.tuning.study import FOLDER
from salesml.lifecycle.tuning.tuned import Tuned
from salesml.tracking import git_facts


def tune_table(
    name: str,
    path: Path,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    weight: str | None = None,
    base_rate: float | None = None,
    as_of: dt.date | None = None,
    order: Order | None = None,
    exclude: Sequence[str] = (),
    allow: Sequence[str] = (),
    minutes: float | None = None,
    trials: int | None = None,
    resume: bool = False,
    seed: int = 0,
    spec_path: Path | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Tuned:
    """Tune on a flat table, as :func:`salesml.tune` does on a company's tables.

    With an order the last rows are set apart for the comparison at the end, and trials are compared on
    later rows than they learn from. Without one, a fifth of the accounts are set apart, and trials are
    compared on other accounts.

    Parameters
    ----------
    id_column, target, positive, weight, base_rate, as_of, order, exclude, allow, spec_path
        As in :func:`salesml.lifecycle.train_table`.
    minutes, trials, resume, seed, log, say
        As in :func:`salesml.tune`.

    Raises
    ------
    UsageError, DataError, OutsideError
        As :func:`salesml.tune`, and when the table cannot be used.
    """
    check_limits(minutes, trials, seed)
    if order:
        order.check()
    tracking = tracking or Tracking()
    check_names(name, tracking)
    spec = spec_of(name, spec_path)
    if base_rate is not None:
        spec = replace(spec, learner={**spec.learner, "base_rate": base_rate})
    make_classifier(spec)
    need_optuna()
    spec = replace(spec, exclude=(*spec.exclude, *exclude), allow=(*spec.allow, *allow))
    budget = begin_budget(minutes, trials)
    frame = read_table(path)
    material = of_table(
        spec, frame, id_column=id_column, target=target, positive=positive, weight=weight, as_of=as_of,
        order=order, say=say,
    )  # fmt: skip
    parent = (spec_path.parent if spec_path else Path("models")) / name / FOLDER
    return tune_rows(
        name, material, parent, budget=budget, trials=trials, resume=resume, seed=seed,
        tracking=tracking if log else None, facts=git_facts(path.resolve().parent), say=say,
    )  # fmt: skip


def of_table(
    spec: Spec,
    frame: pd.DataFrame,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    weight: str | None = None,
    as_of: dt.date | None = None,
    order: Order | None = None,
    say: Say = quiet,
) -> Material:
    """The rows of a flat table, those to compare on at the end set apart."""
    refuse_unknown(spec, [str(column) for column in frame.columns], protected=True)
    check_columns(frame, *([order.column] if order else []))
    table = read_flat(
        frame, id_column=id_column, target=target, positive=positive,
        without=(*spec.protected, *spec.exclude, *([order.column] if order else [])),
        weight=weight, as_of=as_of,
    )  # fmt: skip
    rows = table.rows
    say(f"{len(rows):,} rows, {rows.positives:,} with the outcome, {len(table.features)} columns")
    say("Checking the rows")
    if order:
        parts = part(frame, rows, order)
        train, test = parts.train, parts.test
        screening = screen_rows(spec, rows.where(train), say, later=rows.where(test), kept_in=KEPT_IN)
        learning = kept_together(rows.where(train), screening)
        folds = make_folds(learning, [("order", order_folds(frame[train], learning, order))])
    else:
        screening = screen_rows(spec, rows, say, kept_in=KEPT_IN)
        # Rows that are equal beyond chance go together before any account is set apart.
        rows = kept_together(rows, screening)
        outer = account_folds(rows)[0]
        train, test = outer.train, outer.valid
        learning = rows.where(train)
        folds = make_folds(learning, [])
    testing, tested_on = rows.where(test), parts.summary if order else "accounts held apart"
    return Material(
        spec=spec, learning=learning, testing=testing, folds=folds, tested_on=tested_on,
        checks=Screened(screening).card(),
    )  # fmt: skip
