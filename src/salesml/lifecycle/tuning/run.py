"""The verb: try learners on folds in time order, within minutes, and say whether one is better."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import Fault, SalesmlError, UsageError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty
from salesml.lifecycle.tuning.answer import Answer, judge
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.compared import SEEDS, compare
from salesml.lifecycle.tuning.fold_fits import first_seed, losses_of, with_learner
from salesml.lifecycle.tuning.luck import Losses, Luck, best_by_chance
from salesml.lifecycle.tuning.material import Material, of_company
from salesml.lifecycle.tuning.search import Search, need_optuna
from salesml.lifecycle.tuning.space import TUNED, learner_of
from salesml.lifecycle.tuning.study import FOLDER, RESULT, Study, looks_before, raise_other
from salesml.lifecycle.tuning.tracked import Tracked
from salesml.lifecycle.tuning.trial import Trial, best_of
from salesml.lifecycle.tuning.tuned import Tuned, report
from salesml.snapshots.entity import entity_of
from salesml.tracking.git import git_facts

MINUTES = 30.0


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
    study = _resumed(parent, name, identity, tracking, say) if resume else None
    study = study or Study.begin(parent, name, identity)
    with study.alone():
        tracked = Tracked(tracking, study, dict(facts or {}), say)
        return _Tuning(name, material, study, tracked, budget, seed, say).run(parent, trials)


class _Tuning:
    """A study under way."""

    def __init__(
        self, name: str, material: Material, study: Study, tracked: Tracked, budget: Budget, seed: int,
        say: Say,
    ) -> None:  # fmt: skip
        self.name, self.material, self.study, self.tracked = name, material, study, tracked
        self.budget, self.seed, self.say = budget, seed, say
        self.weights = material.folds.weights
        budget.growth = len(material.learning) / max(1, int(material.folds.last.train.sum()))
        self.losses = Losses(_owners(material))

    def run(self, parent: Path, trials: int | None) -> Tuned:
        known = self.study.trials()
        if known:
            self.say(f"Going on with {self.study.folder.name} after {len(known):,} trials")
        self.tracked.begin(known, self.weights)
        search = Search(
            self.material.space, self.weights, self._fit, first=first_choices(self.material),
            seed=self.seed, say=self.say,
        )  # fmt: skip
        try:
            done = search.run(known, trials=trials, budget=self.budget, keep=self._keep)
            best = best_of(done, self.weights)
            answer, judged = self._answer(parent, done, best)
        except BaseException:
            self.tracked.stopped()
            raise
        learner = with_learner(self.material.spec, best.learner).learner
        result = self._write(done, answer, learner, judged)
        self.tracked.end(done, self.weights, result)
        return Tuned(
            name=self.name, folder=self.study.folder, learner=learner, answer=answer, trials=done,
            weights=self.weights, minutes=self.budget.spent / 60, run_id=self.tracked.run_id,
            away=self.tracked.away,
        )  # fmt: skip

    def _fit(self, number: int, learner: Mapping[str, Any], place: int) -> float:
        fold, rows = self.material.folds.folds[place], self.material.learning
        spec = with_learner(self.material.spec, learner, random_state=first_seed(self.material.spec))
        loss, weight, _ = losses_of(spec, rows.where(fold.train), rows.where(fold.valid))
        self.losses.add(number, place, loss, weight)
        return float(np.average(loss, weights=weight))

    def _keep(self, trial: Trial) -> None:
        if trial.complete and trial.same_as is None:
            self.study.keep_losses(trial.number, self.losses.sums[trial.number])
            if trial.number == 0:
                self.study.keep_losses(COUNTS, self.losses.counts)
        self.study.keep(trial)
        self.tracked.keep(trial, self.weights)

    def _answer(
        self, parent: Path, done: tuple[Trial, ...], best: Trial
    ) -> tuple[Answer, list[dict[str, Any]]]:
        test = self.study.identity["test"]
        many = entity_of(self.material.spec).many
        others = len({json.dumps(trial.learner, sort_keys=True) for trial in done}) - 1
        judged = looks_before(parent, test)
        luck = self._luck(done, best)
        if not best.learner:
            answer = judge(None, luck, others=others, tested_on=self.material.tested_on, many=many)
            return answer, judged
        judged += [best.learner] if best.learner not in judged else []
        self.say(f"Comparing trial {best.number} with the defaults on {self.material.tested_on}")
        compared = compare(self.material, best.learner, looks=len(judged), budget=self.budget, say=self.say)
        answer = judge(
            compared, luck, others=others, tested_on=self.material.tested_on, many=many
        )  # fmt: skip
        return answer, judged

    def _luck(self, done: tuple[Trial, ...], best: Trial) -> Luck | None:
        """Of the complete trials; nothing where the losses of one are on another machine."""
        counts = self.study.losses(COUNTS, self.losses.accounts)
        wanted = [trial.number for trial in done if trial.complete and trial.same_as is None]
        sums = {number: self.study.losses(number, self.losses.accounts) for number in wanted}
        there = {number: each for number, each in sums.items() if each is not None}
        if counts is None or len(there) < len(wanted):
            return None
        return best_by_chance(there, counts)

    def _write(
        self,
        done: tuple[Trial, ...],
        answer: Answer,
        learner: dict[str, Any],
        judged: list[dict[str, Any]],
    ) -> dict[str, Any]:
        data = {
            "name": self.name,
            "identity": dict(self.study.identity),
            "learner": learner,
            "judged": judged,
            "answer": answer.as_dict(),
            "trials": len(done),
            "tested_on": self.material.tested_on,
            "weights": list(self.weights),
            "facts": self.tracked.tags,
        }
        text = report(
            self.name, answer, learner, done, self.weights, self.budget.spent / 60,
            folds=self.material.folds.summary(), tested_on=self.material.tested_on,
            checks=self.material.checks,
        )  # fmt: skip
        self.study.write("report.md", text)
        self.study.write("spec.yaml", self.material.spec.text)
        self.study.write(RESULT, json.dumps(data, indent=2, sort_keys=True, default=str) + "\n")
        return data


COUNTS = 99_999
"""Where what each account counts is kept beside the trials' losses."""


def first_choices(material: Material) -> list[dict[str, Any]]:
    """The defaults, and what the spec says of what is tuned, if it says anything."""
    space, learner = material.space, material.spec.learner
    said = {key: learner[key] for key in TUNED if learner.get(key) is not None}
    choices = [space.chosen({})]
    return [*choices, space.chosen(said)] if learner_of(space.chosen(said)) else choices


def check_limits(minutes: float | None, trials: int | None, seed: int) -> None:
    """Refuse limits that allow nothing.

    Raises
    ------
    UsageError
        ``bad-value``, for each.
    """
    faults = []
    if minutes is not None and not 0 < minutes < float("inf"):
        faults.append(Fault(code="bad-value", found=f"--minutes is {minutes:g}", allowed="Above 0"))
    if trials is not None and trials < 2:
        faults.append(
            Fault(
                code="bad-value",
                found=f"--trials is {trials}",
                allowed="At least 2: the first trial is the defaults, which the others are compared with",
            )
        )
    if not 0 <= seed < 2**31:
        faults.append(Fault(code="bad-value", found=f"--seed is {seed}", allowed="From 0 to 2147483647"))
    if faults:
        raise UsageError(faults)


def begin_budget(minutes: float | None, trials: int | None) -> Budget:
    """The minutes that were asked for, counted from now; 30 where nothing limits."""
    return Budget(MINUTES if minutes is None and trials is None else minutes, seeds=SEEDS)


def _owners(material: Material) -> list[Any]:
    """The account of each row that a fold compares on, numbered from 0 over all folds."""
    folds, entity = material.folds.folds, material.learning.entity
    names = np.unique(np.concatenate([entity[fold.valid] for fold in folds]))
    return [np.searchsorted(names, entity[fold.valid]) for fold in folds]


def _resumed(
    parent: Path, name: str, identity: Mapping[str, str], tracking: Tracking | None, say: Say
) -> Study | None:
    """The study to go on with: that of the folder, or else of MLflow, brought into a folder."""
    study = Study.newest(parent, name)
    if study is not None:
        study.refuse_other(identity)
        return study
    found = _from_mlflow(name, tracking, say)
    if found is None:
        raise UsageError(
            Fault(
                code="no-study",
                found=f"There is no study of {name} to go on with, neither in {parent} nor in MLflow",
                do="Leave --resume out: a study begins",
            )
        )
    raise_other(found.study, found.identity, identity)
    study = Study.begin(parent, name, identity, called=found.study)
    for record in found.records:
        study.keep(Trial.read(record))
    say(f"Brought {len(found.records):,} trials of {found.study} from MLflow")
    return study


def _from_mlflow(name: str, tracking: Tracking | None, say: Say) -> Any:
    if tracking is None:
        return None
    from salesml.tracking.tuning import find_study

    try:
        return find_study(tracking, name)
    except SalesmlError as error:
        say(f"MLflow is away: {error}")
        return None
