"""Training on a flat table, tested by folds: for data without dates, and for comparisons."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from salesml.config import Label, Spec, Tracking, read_spec
from salesml.config.spec import Task
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.asked import ASKED, asked_text
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.files import read_table
from salesml.lifecycle.fit import Tested, feature_shares, fit_and_test, make_bundle, make_classifier
from salesml.lifecycle.flat import check_columns, read_flat, tidy
from salesml.lifecycle.gathered import Relabel
from salesml.lifecycle.ideal.written import profile_files, profile_told
from salesml.lifecycle.model_card import listed, model_card
from salesml.lifecycle.ordered import Order, part
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.run_folder import RunFolder
from salesml.lifecycle.screened import Screened, compared, kept_together, refuse_unknown, screen_rows
from salesml.lifecycle.training import Trained, log_if_there
from salesml.lifecycle.wordless import wordless_in_table
from salesml.model import PropensityClassifier, evaluate, fit_baselines, judge
from salesml.model.folds import deal as deal_accounts
from salesml.model.profile import profile
from salesml.model.target import read_weight
from salesml.tracking import git_facts

FEWEST = 3
"""Accounts of either outcome without which there is nothing to learn from and test on."""
FOLDS = 5

Judged = Callable[[Tested, Rows], Tested]


def _as_it_is(tested: Tested, rows: Rows) -> Tested:
    return tested


def train_table(
    name: str,
    path: Path,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    folds: int | None = None,
    weight: str | None = None,
    base_rate: float | None = None,
    as_of: dt.date | None = None,
    order: Order | None = None,
    exclude: Sequence[str] = (),
    allow: Sequence[str] = (),
    spec_path: Path | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    into: Path | None = None,
    say: Say = quiet,
) -> Trained:
    """Train on a flat table and test on folds by account, or on the last rows of an order.

    Without dates and without an order nothing can be tested out of time: what changes between training and
    use, and what was filled in only after the outcome, cannot be seen here. The verdict says so.

    Parameters
    ----------
    id_column : str
        The account of each row; rows of one account never stand on both sides of a test.
    target, positive : str
        The outcome, and its value that counts as yes.
    folds : int, optional
        Folds of the test: five, or as many accounts as have the rarer outcome.
    weight : str, optional
        The column that says how much each row counts; it is no feature.
    base_rate : float, optional
        The rate of the outcome where the model will be used, when the table was sampled by outcome.
    as_of : date, optional
        The day on which the table was taken: dates are read as days before it. The latest date in the
        table when left out.
    order : Order, optional
        A column that says which rows came first, which is no feature then: the first rows are learned
        from, the last are tested on, and the model is the one that was tested.
    exclude, allow : sequence of str
        Columns left out, and columns that were known before the outcome whatever the checks say; added
        to those of the spec.
    spec_path : Path, optional
        A spec whose learner, bands and protected columns are used.
    into : Path, optional
        The folder that gets the training's own; ``models/NAME`` beside the spec when left out.

    Raises
    ------
    UsageError, DataError
        When the table cannot be used.
    """
    _check_test(folds, order)
    tracking = tracking or Tracking()
    check_names(name, tracking)
    spec = spec_of(name, spec_path)
    if base_rate is not None:
        spec = replace(spec, learner={**spec.learner, "base_rate": base_rate})
    make_classifier(spec)
    spec = replace(spec, exclude=(*spec.exclude, *exclude), allow=(*spec.allow, *allow))
    asked = asked_text(
        id_column=id_column, target=target, positive=positive, folds=folds, weight=weight,
        base_rate=base_rate, as_of=as_of, order=asdict(order) if order else None, exclude=spec.exclude,
        allow=spec.allow,
    )  # fmt: skip
    return train_frame(
        name, spec, read_table(path), path, id_column=id_column, target=target, positive=positive,
        folds=folds, weight=weight, as_of=as_of, order=order, spec_path=spec_path, tracking=tracking,
        log=log, into=into, say=say, texts={ASKED: asked},
    )  # fmt: skip


def train_frame(
    name: str,
    spec: Spec,
    frame: pd.DataFrame,
    path: Path,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    folds: int | None = None,
    weight: str | None = None,
    as_of: dt.date | None = None,
    order: Order | None = None,
    spec_path: Path | None = None,
    tracking: Tracking,
    log: bool = True,
    into: Path | None = None,
    say: Say = quiet,
    judged: Judged = _as_it_is,
    texts: Mapping[str, str] | None = None,
) -> Trained:
    """Train as :func:`train_table` does on a frame that has been read from ``path``.

    Parameters
    ----------
    judged : callable
        What else is to be said of a tested model and the rows it was tested on.
    texts : mapping of str to str
        Further files of the run.
    """
    refuse_unknown(spec, [str(column) for column in frame.columns], protected=True)
    check_columns(frame, *([order.column] if order else []))
    table = read_flat(
        frame, id_column=id_column, target=target, positive=positive,
        without=(*spec.protected, *spec.exclude, *([order.column] if order else [])),
        weight=weight, as_of=as_of,
    )  # fmt: skip
    attributes = tidy(frame[list(spec.checked)]) if spec.checked else None
    say(f"{len(table.rows):,} rows, {table.rows.positives:,} with the outcome, {len(table.features)} columns")
    empty = table.rows.uninformative()
    if empty:
        say(f"Nothing can be learned from {len(empty)} of them, the same in every row: {listed(empty)}")
    for line in wordless_in_table(table.features):
        say(line)
    way = _by_order(frame, table.rows, order) if order else _by_folds(table.rows, folds)
    say("Checking the rows before training")
    mine = attributes[way.train] if attributes is not None else None
    learned = table.rows.where(way.train)
    screening = screen_rows(spec, learned, say, later=way.later(table.rows), attributes=mine)
    rows = kept_together(learned, screening)
    say(way.summary)
    if order:
        testing = table.rows.where(way.test)
        tested = fit_and_test(spec, rows, testing)
    else:
        testing, tested = rows, fold_by_fold(spec, rows, way.folds)
    tested = judged(tested, testing)
    theirs = attributes[way.test] if attributes is not None else None
    screened = Screened(screening, compared(tested, testing, theirs, say))
    for line in _rules(tested, as_of):
        say(line)
    written = profile(table.rows.X, table.rows.y, table.features) if spec.task == "fit" else None
    if written:
        say(profile_told(written, level="").strip())
    bundle = make_bundle(spec, tested, learned, table.features, fingerprint=_digest(path))
    folder = RunFolder(
        spec=spec,
        registered_name=tracking.registered_name(name),
        tested=tested,
        bundle=bundle,
        tags=git_facts(path.resolve().parent),
        texts={
            "model_card.md": model_card(
                spec,
                tested,
                learned,
                table.features,
                about=profile_told(written) if written else "",
                checks=screened.card(),
            ),
            **(profile_files(written) if written else {}),
            "split.txt": f"{way.summary}\n",
            "findings.json": screened.json(spec),
            **({"seeds.json": tested.seeds.json()} if tested.seeds else {}),
            **({"spec.yaml": spec.text} if spec.text else {}),
            **(texts or {}),
        },
    ).write(into or (spec_path.parent if spec_path else Path("models")) / name)
    logged, away = log_if_there(folder, tracking if log else None, say)
    return Trained(
        name=name, folder=folder, bundle=bundle, evaluation=tested.evaluation,
        verdict=tested.verdict, logged=logged, away=away,
    )  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a flat table is tested: masks of the rows learned from and tested on, folds, and words."""

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    summary: str
    folds: int = 0

    def later(self, rows: Rows) -> Rows | None:
        """The rows tested on, where they are others."""
        return None if self.folds else rows.where(self.test)


def _by_folds(rows: Rows, wanted: int | None) -> Way:
    folds, everybody = how_many_folds(rows, wanted), np.ones(len(rows), dtype=bool)
    return Way(everybody, everybody, f"Testing by {folds} folds, then fitting on all rows", folds)


def _by_order(frame: pd.DataFrame, rows: Rows, order: Order) -> Way:
    parts = part(frame, rows, order)
    return Way(parts.train, parts.test, parts.summary[:1].upper() + parts.summary[1:])


def _check_test(folds: int | None, order: Order | None) -> None:
    if folds is not None and folds < 2:
        raise UsageError(Fault(code="bad-value", found=f"--folds is {folds}", allowed="At least 2"))
    if folds is not None and order:
        raise UsageError(
            Fault(
                code="bad-value",
                found="Both --folds and --order-by are given",
                allowed="A table is tested by folds, or on its last rows",
                do="Leave one of them out",
            )
        )
    if order:
        order.check()


def fold_by_fold(
    spec: Spec, rows: Rows, folds: int, seed: int = 0, *, relabel: Relabel | None = None
) -> Tested:
    """Probabilities of each row by a model that has not seen its account, judged; and a model of all.

    Parameters
    ----------
    relabel : callable, optional
        Gives the outcomes of all rows as learned from the rows of a mask, where what counts as the
        outcome is itself learned; those of the rows as they stand when left out.
    """
    fold = deal(rows, folds, seed)
    p, y = np.empty(len(rows)), rows.y.copy()
    theirs: dict[str, NDArray[np.float64]] = {}
    best: list[str] = []
    for number in range(folds):
        out = fold == number
        seen = rows if relabel is None else replace(rows, y=relabel(~out))
        train, held = seen.where(~out), seen.where(out)
        y[out] = held.y
        model = _fitted(spec, train)
        p[out] = model.predict_proba(held.X)[:, 1]
        weight = train.weights * model.sampling_.weights(train.y)
        baselines = fit_baselines(train.X, train.y, groups=train.entity, weight=weight)
        best.append(baselines.best_column)
        for name, q in baselines.predict(held.X).items():
            theirs.setdefault(name, np.empty(len(rows)))[out] = q
    classifier = _fitted(spec, rows)
    weight = rows.weights * classifier.sampling_.weights(rows.y)
    evaluation = evaluate(y, p, groups=rows.entity, baselines=theirs, weight=weight, folds=folds)
    shares, sample = feature_shares(classifier, rows.X, weight)
    best_column = max(sorted(set(best)), key=best.count)
    calibration = classifier.calibration_
    return Tested(
        classifier=classifier,
        evaluation=evaluation,
        verdict=judge(evaluation, shares=shares, best_column=best_column),
        unseen=(logit(p) - calibration.b) / calibration.a,
        weight=weight,
        shares=shares,
        best_column=best_column,
        sample=sample,
    )


def _fitted(spec: Spec, rows: Rows) -> PropensityClassifier:
    """A classifier fitted on the rows; without a day of the table dates count back from the latest."""
    classifier = make_classifier(spec)
    return classifier.fit(rows.X, rows.y, sample_weight=rows.weight, groups=rows.entity, as_of=rows.dates)


def _rules(tested: Tested, as_of: dt.date | None) -> list[str]:
    """What was decided about dates and about the base rate, in sentences."""
    coding, lines = tested.classifier.coding_, []
    if coding.dated:
        why = "as stated" if as_of else "the latest date in the table; --as-of says another"
        lines.append(f"Dates are read as days before {coding.reference}, {why}: {listed(coding.dated)}")
    correction = tested.classifier.sampling_.text()
    return [*lines, *([correction] if correction else [])]


def how_many_folds(rows: Rows, wanted: int | None = None) -> int:
    """How many folds there can be: each model learns from two accounts of either outcome at least, and is
    tested on one that it has not seen."""
    counts = read_weight(rows.weight, len(rows)) > 0
    with_it, without = (len(set(rows.entity[(rows.y == outcome) & counts])) for outcome in (1, 0))
    least = min(with_it, without)
    if least < FEWEST:
        raise DataError(
            Fault(
                code="too-few",
                found=f"{with_it:,} accounts have the outcome and {without:,} have not",
                allowed=f"At least {FEWEST} of each: two to learn from, and one to test on",
                do="Bring more rows, or check the target",
            )
        )
    if wanted is not None and wanted > least:
        raise DataError(
            Fault(
                code="too-few",
                found=f"{wanted} folds are asked for, and only {least:,} accounts have the rarer outcome",
                allowed="Each fold tests accounts of its own, with both outcomes: at most as many folds",
                do="Take fewer folds, or check that the id differs from row to row",
            )
        )
    return min(wanted or FOLDS, least)


def deal(rows: Rows, folds: int, seed: int) -> NDArray[np.intp]:
    """The fold of each row, by account, the outcome spread evenly."""
    owner = np.unique(rows.entity, return_inverse=True)[1]
    return deal_accounts(rows.y, owner, folds, np.random.default_rng(seed))


def spec_of(name: str, spec_path: Path | None) -> Spec:
    """The spec of a flat table: that of the file, or one by the name alone."""
    path = spec_path or Path("models") / f"{name}.yaml"
    if spec_path or path.exists():
        return read_spec(path)
    task = cast(Task, name if name in get_args(Task) else "churn")
    return Spec(name=name, task=task, label=Label(kind="contract"), horizon_days=1)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
