"""The verb: try learners on folds in time order, within minutes, and say whether one is better."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.limits import begin_budget, check_limits
from salesml.lifecycle.tuning.material import Material, of_company
from salesml.lifecycle.tuning.resumed import resumed
from salesml.lifecycle.tuning.search import need_optuna
from salesml.lifecycle.tuning.study import FOLDER, Study
from salesml.lifecycle.tuning.tracked import Tracked
from salesml.lifecycle.tuning.tuned import Tuned
from salesml.lifecycle.tuning.under_way import UnderWay
from salesml.tracking.git import git_facts


def tune(
    name: str,
    crm: CRM,
    *,
    minutes: float | None = None,
    trials: int | None = None,
    resume: bool = False,
    seed: int = 0,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Tuned:
    """Look for a better ``learner`` of a spec, and say whether it beats the defaults by more than chance.

    Trials are compared on folds in time order, purged; the rows that `salesml train` tests on are looked
    at once, when the best trial is compared with the defaults. Nothing is written into the spec, and
    nothing is promoted.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    crm : CRM
        The company's tables.
    minutes : float, optional
        What all of it may take: 30, or no limit when ``trials`` is given alone.
    trials : int, optional
        Trials at most, those of a study that goes on counted. The same seed and number of trials, without
        an end of time, give the same trials.
    resume : bool
        Go on with the study begun last, from its folder or from MLflow, if it is of the same rows.
    spec, tracking : optional
        Instead of ``models/NAME.yaml`` and ``mlflow.yaml`` beside crm.yaml.
    log : bool
        Whether to log to MLflow. When it is away the study is kept all the same.
    say : callable
        Gets a line of text for each step and trial.

    Returns
    -------
    Tuned

    Raises
    ------
    UsageError
        When the spec and the contract do not fit; ``needs-package``, ``bad-value``, ``budget-too-small``,
        ``no-study`` and ``other-study``.
    DataError
        When the tables cannot be used or hold too little.
    OutsideError
        When the study cannot be kept, or another process goes on with it.
    """
    check_limits(minutes, trials, seed)
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    check_names(name, tracking)
    make_classifier(spec)
    need_optuna()
    budget = begin_budget(minutes, trials)
    say("Checking the tables")
    refuse_faulty(crm, say)
    material = of_company(spec, crm, say)
    return tune_rows(
        name, material, crm.folder / "models" / name / FOLDER, budget=budget, trials=trials, resume=resume,
        seed=seed, tracking=tracking if log else None, facts=git_facts(crm.folder), say=say,
    )  # fmt: skip


def tune_rows(
    name: str,
    material: Material,
    parent: Path,
    *,
    budget: Budget,
    trials: int | None,
    resume: bool = False,
    seed: int = 0,
    tracking: Tracking | None = None,
    facts: Mapping[str, Any] | None = None,
    say: Say = quiet,
) -> Tuned:
    """Tune on rows that are gathered; ``parent`` is the folder of the model's studies."""
    say(material.folds.summary())
    identity = material.identity(seed)
    begun = resumed(parent, name, identity, tracking, say) if resume else None
    study = begun or Study.begin(parent, name, identity)
    with study.alone():
        tracked = Tracked(tracking, study, dict(facts or {}), say)
        return UnderWay(name, material, study, tracked, budget, seed, say).run(parent, trials)
