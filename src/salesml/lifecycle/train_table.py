"""Training on a flat table, tested by folds: for data without dates, and for comparisons."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from salesml.config import Label, Spec, Tracking, read_spec
from salesml.config.spec import Task
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.files import read_table
from salesml.lifecycle.fit import Tested, feature_shares, make_bundle, make_classifier
from salesml.lifecycle.flat import read_flat
from salesml.lifecycle.model_card import model_card
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.run_folder import RunFolder
from salesml.lifecycle.training import Trained, log_if_there
from salesml.model import evaluate, fit_baselines, judge
from salesml.tracking import git_facts

FEWEST = 10
"""Rows of either outcome without which folds cannot be tested."""


def train_table(
    name: str,
    path: Path,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    folds: int = 5,
    spec_path: Path | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Trained:
    """Train on a flat table and test on folds by account.

    Without dates nothing can be tested out of time: what changes between training and use, and what
    was filled in only after the outcome, cannot be seen here. The verdict says so.

    Parameters
    ----------
    id_column : str
        The account of each row; rows of one account never stand on both sides of a test.
    target, positive : str
        The outcome, and its value that counts as yes.
    folds : int
        Folds of the test.
    spec_path : Path, optional
        A spec whose learner, bands and protected columns are used.

    Raises
    ------
    UsageError, DataError
        When the table cannot be used.
    """
    if folds < 2:
        raise UsageError(Fault(code="bad-value", found=f"--folds is {folds}", allowed="At least 2"))
    tracking = tracking or Tracking()
    check_names(name, tracking)
    spec = _spec(name, spec_path)
    table = read_flat(
        read_table(path), id_column=id_column, target=target, positive=positive, without=spec.protected
    )
    _enough(table.rows, folds)
    say(f"{len(table.rows):,} rows, {table.rows.positives:,} with the outcome, {len(table.features)} columns")
    empty = table.rows.uninformative()
    if empty:
        say(f"Nothing can be learned from {len(empty)} of them, the same in every row: {', '.join(empty)}")
    say(f"Testing by {folds} folds, then fitting on all rows")
    tested = fold_by_fold(spec, table.rows, folds)
    bundle = make_bundle(spec, tested, table.rows, table.features, fingerprint=_digest(path))
    folder = RunFolder(
        spec=spec,
        registered_name=tracking.registered_name(name),
        tested=tested,
        bundle=bundle,
        tags=git_facts(path.resolve().parent),
        texts={
            "model_card.md": model_card(spec, tested, table.rows, table.features),
            **({"spec.yaml": spec.text} if spec.text else {}),
        },
    ).write((spec_path.parent if spec_path else Path("models")) / name)
    logged, away = log_if_there(folder, tracking if log else None, say)
    return Trained(
        name=name, folder=folder, bundle=bundle, evaluation=tested.evaluation,
        verdict=tested.verdict, logged=logged, away=away,
    )  # fmt: skip


def fold_by_fold(spec: Spec, rows: Rows, folds: int, seed: int = 0) -> Tested:
    """Probabilities of each row by a model that has not seen its account, judged; and a model of all."""
    fold = deal(rows, folds, seed)
    p = np.empty(len(rows))
    theirs: dict[str, NDArray[np.float64]] = {}
    best: list[str] = []
    for number in range(folds):
        out = fold == number
        train, held = rows.where(~out), rows.where(out)
        model = make_classifier(spec).fit(train.X, train.y, groups=train.entity)
        p[out] = model.predict_proba(held.X)[:, 1]
        baselines = fit_baselines(train.X, train.y, groups=train.entity)
        best.append(baselines.best_column)
        for name, q in baselines.predict(held.X).items():
            theirs.setdefault(name, np.empty(len(rows)))[out] = q
    classifier = make_classifier(spec).fit(rows.X, rows.y, groups=rows.entity)
    evaluation = evaluate(rows.y, p, groups=rows.entity, baselines=theirs)
    shares = feature_shares(classifier, rows.X)
    best_column = max(sorted(set(best)), key=best.count)
    calibration = classifier.calibration_
    return Tested(
        classifier=classifier,
        evaluation=evaluation,
        verdict=judge(evaluation, shares=shares, best_column=best_column),
        unseen=(logit(p) - calibration.b) / calibration.a,
        shares=shares,
        best_column=best_column,
    )


def deal(rows: Rows, folds: int, seed: int) -> NDArray[np.intp]:
    """The fold of each row, by account, the outcome spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold = np.empty(len(rows), dtype=np.intp)
    for number, (_, held) in enumerate(splitter.split(np.zeros(len(rows)), rows.y, rows.entity)):
        fold[held] = number
    return fold


def _enough(rows: Rows, folds: int) -> None:
    least = min(rows.positives, len(rows) - rows.positives)
    if least < FEWEST:
        raise DataError(
            Fault(
                code="too-few",
                found=f"{rows.positives:,} of {len(rows):,} rows have the outcome",
                allowed=f"At least {FEWEST} with it and {FEWEST} without are needed to test anything",
                do="Bring more rows, or check the target",
            )
        )
    accounts = min(len(set(rows.entity[rows.y == outcome])) for outcome in (0, 1))
    if folds > accounts:
        raise DataError(
            Fault(
                code="too-few",
                found=f"{folds} folds are asked for, and only {accounts:,} accounts have the rarer outcome",
                allowed="Each fold tests accounts of its own, with both outcomes: at most as many folds",
                do="Take fewer folds, or check that the id differs from row to row",
            )
        )


def _spec(name: str, spec_path: Path | None) -> Spec:
    path = spec_path or Path("models") / f"{name}.yaml"
    if spec_path or path.exists():
        return read_spec(path)
    task = cast(Task, name if name in get_args(Task) else "churn")
    return Spec(name=name, task=task, label=Label(kind="contract"), horizon_days=1)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
