"""Training from a company's tables: snapshots, fit, test out of time, bundle, run."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.amounts import fit_amounts
from salesml.lifecycle.answers_compared import compare_answers
from salesml.lifecycle.asked import ASKED, asked_text
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.fit import Tested, fit_and_test, make_bundle, make_classifier
from salesml.lifecycle.gathered import Gathered, gather_dates
from salesml.lifecycle.ideal import gather_past
from salesml.lifecycle.meaning import meaning
from salesml.lifecycle.model_card import listed, model_card
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.protected_names import doubtful_protection
from salesml.lifecycle.refuse import refuse_faulty
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.run_folder import RunFolder
from salesml.lifecycle.screened import (
    Screened,
    checked_attributes,
    compared,
    kept_together,
    screen_rows,
)
from salesml.lifecycle.survival import check_curves, check_reach, fit_survival
from salesml.lifecycle.train_table import fold_by_fold, how_many_folds
from salesml.lifecycle.training import Trained, log_if_there
from salesml.lifecycle.wordless import wordless_in_company
from salesml.snapshots import Snapshot
from salesml.tracking import git_facts
from salesml.tracking.git import without_secrets

SQL_HEAD = """\
-- The rows that this model was trained and tested on, as one DuckDB query over the relations of crm.yaml.
-- In Python: salesml.CRM.open("crm.yaml").connect().sql(open("snapshot.sql").read())
"""


def train(
    name: str,
    crm: CRM,
    *,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Trained:
    """Train, test out of time, judge, keep and register one model.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    crm : CRM
        The company's tables.
    spec, tracking : optional
        Instead of ``models/NAME.yaml`` and ``mlflow.yaml`` beside crm.yaml.
    log : bool
        Whether to log to MLflow. When it is away the training is kept all the same.
    say : callable
        Gets a line of text for each step.

    Returns
    -------
    Trained

    Raises
    ------
    UsageError
        When the spec and the contract do not fit.
    DataError
        When the tables cannot be used, hold too little for the dates of the spec, or hold a column that
        all but equals the outcome.
    """
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    check_names(name, tracking)
    run = fit_run(spec, crm, registered_name=tracking.registered_name(name), say=say)
    folder = run.write(runs_folder(crm, name))
    logged, away = log_if_there(folder, tracking if log else None, say)
    return Trained(
        name=name, folder=folder, bundle=run.bundle, evaluation=run.tested.evaluation,
        verdict=run.tested.verdict, logged=logged, away=away,
    )  # fmt: skip


def fit_run(spec: Spec, crm: CRM, *, registered_name: str = "", say: Say = quiet) -> RunFolder:
    """A training up to where it would be written.

    Raises
    ------
    As :func:`train`.
    """
    make_classifier(spec)
    check_curves(spec)
    say("Checking the tables")
    refuse_faulty(crm, say)
    gathered = (gather_past if spec.task == "fit" else gather_dates)(spec, crm, say)
    snapshot, training, testing = gathered.snapshot, gathered.training, gathered.testing
    if testing is not None:
        check_reach(spec, training, min(gathered.test_as_of))
    for line in doubtful_protection(spec, snapshot):
        say(line)
    say(f"Fitting on {len(training):,} rows and {len(snapshot.features)} features")
    empty = training.uninformative()
    if empty:
        say(f"Nothing can be learned from {len(empty)} of them, the same in every row: {listed(empty)}")
    for line in wordless_in_company(spec, crm, snapshot.features):
        say(line)
    dated = [feature.name for feature in snapshot.features if not feature.undated]
    say("Checking the rows before training")
    attributes = checked_attributes(crm, spec, training)
    screening = screen_rows(spec, training, say, later=testing, dated=dated, attributes=attributes)
    answered = compare_answers(spec, crm, training, testing, say)
    prospects = training.entity
    training = kept_together(training, screening)
    tested = tried(spec, gathered, training, dated)
    judged = training if testing is None else testing
    by_group = compared(tested, judged, checked_attributes(crm, spec, judged), say)
    screened = Screened(screening, by_group, answered)
    amounts = fit_amounts(spec, crm, tested, training, testing, say, prospects=prospects)
    curves = fit_survival(spec, tested.classifier, training, testing, say)
    bundle = make_bundle(
        spec, tested, training, snapshot.features, amounts=amounts.models, survival=curves.model,
        as_of=gathered.as_of, meaning=meaning(spec, crm.contract), fingerprint=crm.fingerprint(),
    )  # fmt: skip
    return RunFolder(
        spec=spec,
        registered_name=registered_name,
        tested=tested,
        bundle=bundle,
        tags=git_facts(crm.folder),
        test_as_of=[day.isoformat() for day in gathered.test_as_of],
        texts={
            "model_card.md": model_card(
                spec,
                tested,
                training,
                snapshot.features,
                split=gathered.split,
                about=gathered.card,
                checks=screened.card(),
                amounts=amounts.card(),
                curves=curves.card,
            ),
            "findings.json": screened.json(spec),
            "snapshot.sql": SQL_HEAD + snapshot.sql + "\n",
            "crm.yaml": without_secrets(crm.contract.text),
            "spec.yaml": spec.text,
            ASKED: asked_text(exclude=spec.exclude, allow=spec.allow),
            **gathered.texts,
            **amounts.texts,
            **curves.texts,
        },
        metrics={**amounts.metrics(), **curves.metrics},
    )


def tried(spec: Spec, gathered: Gathered, training: Rows, dated: Collection[str]) -> Tested:
    """A model of the training rows, tested on later ones or, where there are none, by folds."""
    if gathered.testing is None:
        return fold_by_fold(spec, training, how_many_folds(training), relabel=gathered.relabel)
    recency = recency_feature(spec, gathered.snapshot)
    return fit_and_test(spec, training, gathered.testing, recency=recency, dated=dated)


def runs_folder(crm: CRM, name: str) -> Path:
    """Where the trainings of a model are kept."""
    return crm.folder / "models" / name


def recency_feature(spec: Spec, snapshot: Snapshot) -> str:
    """The feature that says how long ago the last event of the label's log was."""
    wanted = f"{spec.label.events}_recency"
    return wanted if wanted in {feature.name for feature in snapshot.features} else ""
