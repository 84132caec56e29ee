"""Training from a company's tables: snapshots, fit, test out of time, bundle, run."""

from __future__ import annotations

from pathlib import Path

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.fit import fit_and_test, make_bundle, make_classifier
from salesml.lifecycle.meaning import meaning
from salesml.lifecycle.model_card import listed, model_card
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty
from salesml.lifecycle.rows import rows_of
from salesml.lifecycle.run_folder import RunFolder
from salesml.lifecycle.screened import (
    Screened,
    checked_attributes,
    compared,
    doubtful_protection,
    kept_together,
    screen_rows,
    without,
)
from salesml.lifecycle.training import Trained, log_if_there
from salesml.snapshots import Snapshot, plan_split, take
from salesml.tracking import git_facts
from salesml.tracking.git import without_secrets
from salesml.windows import Split

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
    make_classifier(spec)
    say("Checking the tables")
    refuse_faulty(crm, say)
    split = plan_split(spec, crm)
    say(split.summary())
    for line in fewer_than_asked(spec, split):
        say(line)
    snapshot = without(take(spec, crm, split.dates), spec)
    say(snapshot.summary())
    for line in doubtful_protection(spec, snapshot):
        say(line)
    training = rows_of(snapshot, (*split.train, *split.validate))
    testing = rows_of(snapshot, split.test)
    say(f"Fitting on {len(training):,} rows and {len(snapshot.features)} features")
    empty = training.uninformative()
    if empty:
        say(f"Nothing can be learned from {len(empty)} of them, the same in every row: {listed(empty)}")
    dated = [feature.name for feature in snapshot.features if not feature.undated]
    say("Checking the rows before training")
    attributes = checked_attributes(crm, spec, training)
    screening = screen_rows(spec, training, say, later=testing, dated=dated, attributes=attributes)
    training = kept_together(training, screening)
    tested = fit_and_test(spec, training, testing, recency=recency_feature(spec, snapshot), dated=dated)
    by_group = compared(tested, testing, checked_attributes(crm, spec, testing), say)
    screened = Screened(screening, by_group)
    bundle = make_bundle(
        spec, tested, training, snapshot.features,
        as_of=(*split.train, *split.validate), meaning=meaning(spec, crm.contract),
        fingerprint=crm.fingerprint(),
    )  # fmt: skip
    folder = RunFolder(
        spec=spec,
        registered_name=tracking.registered_name(name),
        tested=tested,
        bundle=bundle,
        tags=git_facts(crm.folder),
        test_as_of=[day.isoformat() for day in split.test],
        texts={
            "model_card.md": model_card(
                spec, tested, training, snapshot.features, split=split, checks=screened.card()
            ),
            "findings.json": screened.json(spec),
            "snapshot.sql": SQL_HEAD + snapshot.sql + "\n",
            "split.txt": f"{split.summary()}\n\n{snapshot.summary()}\n",
            "crm.yaml": without_secrets(crm.contract.text),
            "spec.yaml": spec.text,
        },
    ).write(runs_folder(crm, name))
    logged, away = log_if_there(folder, tracking if log else None, say)
    return Trained(
        name=name, folder=folder, bundle=bundle, evaluation=tested.evaluation,
        verdict=tested.verdict, logged=logged, away=away,
    )  # fmt: skip


def fewer_than_asked(spec: Spec, split: Split) -> list[str]:
    """Lines that say where the data hold fewer as-of dates than the spec asks for."""
    if spec.as_of.explicit:
        return []
    asked = {
        "training": (spec.as_of.train, split.train), "validating": (spec.as_of.validate, split.validate),
        "testing": (spec.as_of.test, split.test),
    }  # fmt: skip
    lines = [
        f"The data hold {len(dates)} of the {wanted} dates asked for {part}"
        for part, (wanted, dates) in asked.items()
        if len(dates) < wanted
    ]
    return [f"{line}: a shorter horizon or a longer history would give more" for line in lines]


def runs_folder(crm: CRM, name: str) -> Path:
    """Where the trainings of a model are kept."""
    return crm.folder / "models" / name


def recency_feature(spec: Spec, snapshot: Snapshot) -> str:
    """The feature that says how long ago the last event of the label's log was."""
    wanted = f"{spec.label.events}_recency"
    return wanted if wanted in {feature.name for feature in snapshot.features} else ""
