"""What a tuning leaves: the answer, the best trial as a block for the spec, and every trial."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from salesml.lifecycle.tuning.answer import Answer, learner_block
from salesml.lifecycle.tuning.trial import Trial, shown

WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A finished tuning.

    Parameters
    ----------
    learner : dict
        The ``learner`` of the best trial, what is not tuned included; that of the defaults where none was
        better.
    answer : Answer
        Whether it beats the defaults by more than chance.
    trials : tuple of Trial
    weights : tuple of float
        What each fold counts.
    minutes : float
        What this took, trials that were ``known`` before not counted.
    run_id : str
        The study's run in MLflow; empty when it was away or not asked, and ``away`` then says why.
    """

    name: str
    folder: Path
    learner: dict[str, Any]
    answer: Answer
    trials: tuple[Trial, ...]
    weights: tuple[float, ...]
    minutes: float
    known: int = 0
    run_id: str = ""
    away: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """A row per trial: number, state, log loss, that of each fold, seconds, and its settings."""
        return trial_table(self.trials, self.weights)

    def text(self) -> str:
        """The result as a person reads it."""
        lines = [told(self.name, self.answer, self.learner, self.trials, self.minutes, known=self.known), ""]
        if self.run_id and not self.away:
            lines.append(f"Logged in MLflow as run {self.run_id}, each trial as a run nested in it")
        elif self.away:
            lines.append(f"Not all in MLflow: {self.away}")
            lines.append(f"Nothing is lost. Log it later: salesml register {self.folder}")
        return "\n".join([*lines, f"Kept in {self.folder}: every trial is in report.md"])

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "name": self.name,
            "folder": str(self.folder),
            "learner": self.learner,
            "block": learner_block(self.learner),
            "answer": self.answer.as_dict(),
            "trials": len(self.trials),
            "minutes": round(self.minutes, 2),
            "run_id": self.run_id,
            "away": self.away,
        }


def told(
    name: str,
    answer: Answer,
    learner: Mapping[str, Any],
    trials: Sequence[Trial],
    minutes: float,
    *,
    known: int = 0,
) -> str:
    """How much was tried, the answer, and what to write into the spec."""
    pruned = sum(trial.state == "pruned" for trial in trials)
    many = f"{len(trials):,} trial{'s' * (len(trials) != 1)}"
    now = f", {len(trials) - known:,} of them now," if known else ""
    lines = [
        f"{many}{now} in {minutes:.1f} minutes; {pruned:,} given up early",
        "",
        textwrap.fill(answer.text, WIDTH),
    ]
    if answer.kind != "defaults":
        lead = (
            f"For models/{name}.yaml:"
            if answer.kind == "beat"
            else "The best trial, for the record; it is not shown to be better:"
        )
        lines += ["", lead, learner_block(learner)]
    return "\n".join(lines)


def report(
    name: str,
    answer: Answer,
    learner: Mapping[str, Any],
    trials: Sequence[Trial],
    weights: Sequence[float],
    minutes: float,
    *,
    known: int = 0,
    folds: str,
    tested_on: str,
    checks: str = "",
) -> str:
    """``report.md`` of a study."""
    table = [
        f"| {trial.number} | {trial.state if trial.same_as is None else f'as trial {trial.same_as}'} "
        f"| {trial.value(weights):.5f} | {' '.join(f'{loss:.5f}' for loss in trial.losses)} "
        f"| {sum(trial.seconds):.1f} | {shown(trial.learner)} |"
        for trial in trials
    ]
    return "\n".join(
        [
            f"# Tuning of {name}", "",
            told(name, answer, learner, trials, minutes, known=known), "",
            "## What was compared on what", "", "```", folds, "",
            f"Compared at the end on: {tested_on}", "```", "",
            "## Trials", "",
            "Log loss is the mean over the folds that a trial came to, each counting by its rows.", "",
            "| trial | state | log loss | by fold | seconds | settings |", "|---|---|---|---|---|---|",
            *table, "", checks,
        ]
    )  # fmt: skip


def trial_table(trials: Sequence[Trial], weights: Sequence[float]) -> pd.DataFrame:
    """A row per trial."""
    return pd.DataFrame(
        [
            {
                "trial": trial.number, "state": trial.state, "log_loss": trial.value(weights),
                **{f"fold_{place + 1}": loss for place, loss in enumerate(trial.losses)},
                "seconds": sum(trial.seconds),
                **trial.learner,
            }
            for trial in trials
        ]
    )  # fmt: skip
