"""A study under way: trials until the end, the best against the defaults, and all of it written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from salesml.lifecycle.progress import Say
from salesml.lifecycle.tuning.answer import Answer, judge
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.compared import compare
from salesml.lifecycle.tuning.fold_fits import first_seed, losses_of, with_learner
from salesml.lifecycle.tuning.luck import Losses, Luck, best_by_chance
from salesml.lifecycle.tuning.material import Material
from salesml.lifecycle.tuning.search import Search
from salesml.lifecycle.tuning.space import TUNED, learner_of
from salesml.lifecycle.tuning.study import RESULT, Study, looks_before
from salesml.lifecycle.tuning.tracked import Tracked
from salesml.lifecycle.tuning.trial import Trial, best_of
from salesml.lifecycle.tuning.tuned import Tuned, report
from salesml.snapshots.entity import entity_of

COUNTS = 99_999
"""Where what each account counts is kept beside the trials' losses."""


class UnderWay:
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
        result = self._write(len(known), done, answer, learner, judged)
        self.tracked.end(done, self.weights, result)
        return Tuned(
            name=self.name, folder=self.study.folder, learner=learner, answer=answer, trials=done,
            weights=self.weights, known=len(known), minutes=self.budget.spent / 60,
            run_id=self.tracked.run_id, away=self.tracked.away,
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
        known: int,
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
            self.name, answer, learner, done, self.weights, self.budget.spent / 60, known=known,
            folds=self.material.folds.summary(), tested_on=self.material.tested_on,
            checks=self.material.checks,
        )  # fmt: skip
        self.study.write("report.md", text)
        self.study.write("spec.yaml", self.material.spec.text)
        self.study.write(RESULT, json.dumps(data, indent=2, sort_keys=True, default=str) + "\n")
        return data


def first_choices(material: Material) -> list[dict[str, Any]]:
    """The defaults, and what the spec says of what is tuned, if it says anything."""
    space, learner = material.space, material.spec.learner
    said = {key: learner[key] for key in TUNED if learner.get(key) is not None}
    choices = [space.chosen({})]
    return [*choices, space.chosen(said)] if learner_of(space.chosen(said)) else choices


def _owners(material: Material) -> list[Any]:
    """The account of each row that a fold compares on, numbered from 0 over all folds."""
    folds, entity = material.folds.folds, material.learning.entity
    names = np.unique(np.concatenate([entity[fold.valid] for fold in folds]))
    return [np.searchsorted(names, entity[fold.valid]) for fold in folds]
