"""A study beside its folder in MLflow, as long as that is there: an outage never stops a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesml.config import Tracking
from salesml.errors import SalesmlError
from salesml.lifecycle.progress import Say
from salesml.lifecycle.tuning.answer import Answer
from salesml.lifecycle.tuning.study import Study
from salesml.lifecycle.tuning.trial import Trial


class Tracked:
    """Where a study's trials go in MLflow.

    Parameters
    ----------
    tracking : Tracking or None
        None when nothing is to be logged.

    Attributes
    ----------
    run_id : str
        The study's run; empty as long as there is none.
    away : str
        Why not everything is there.
    """

    def __init__(self, tracking: Tracking | None, study: Study, tags: dict[str, Any], say: Say) -> None:
        self.tracking, self.study, self.tags, self.say = tracking, study, tags, say
        self.run_id, self.away = "", ""

    def begin(self, known: Sequence[Trial], weights: Sequence[float]) -> None:
        """Open the study's run and log what is known."""
        if self.tracking is not None:
            self._try(lambda: self._open(known, weights))

    def keep(self, trial: Trial, weights: Sequence[float]) -> None:
        """Log a trial that is done; after an outage, no more until the end."""
        if self.run_id and not self.away:
            self._try(lambda: self._log([trial], weights))

    def end(self, trials: Sequence[Trial], weights: Sequence[float], answer: Answer) -> None:
        """Log what is missing, and what it came to; MLflow may be back."""
        if self.tracking is None:
            return
        self.away = ""
        self._try(lambda: self._end(trials, weights, answer))

    def stopped(self) -> None:
        """Say that it was stopped, if MLflow can be told."""
        if self.tracking is not None and self.run_id and not self.away:
            from salesml.tracking.tuning import stop_study

            stop_study(self.tracking, self.run_id)

    def _try(self, work: Any) -> None:
        try:
            work()
        except SalesmlError as error:
            if not self.away:
                self.say(f"MLflow is away; tuning goes on, kept in {self.study.folder}: {error}")
            self.away = str(error)

    def _open(self, known: Sequence[Trial], weights: Sequence[float]) -> None:
        from salesml.tracking.tuning import open_study

        config = self._config()
        self.run_id = open_study(
            config, self.study.name, self.study.folder.name,
            identity=self.study.identity, tags=self.tags,
        )  # fmt: skip
        self._log(known, weights)

    def _log(self, trials: Sequence[Trial], weights: Sequence[float]) -> None:
        from salesml.tracking.tuning import log_trials

        told = [
            {
                "number": trial.number, "state": trial.state, "record": trial.json(),
                "learner": trial.learner, "losses": trial.losses, "value": trial.value(weights),
            }
            for trial in trials
        ]  # fmt: skip
        if told:
            log_trials(self._config(), self.run_id, told)

    def _end(self, trials: Sequence[Trial], weights: Sequence[float], answer: Answer) -> None:
        from salesml.tracking.tuning import end_study

        self._open(trials, weights)
        compared = answer.compared
        metrics = {"trials": len(trials), "defaults.log_loss": trials[0].value(weights)}
        if compared:
            metrics |= {
                "test.gain": compared.gain.value, "test.gain_low": compared.gain.low,
                "test.gain_high": compared.gain.high, "test.log_loss": compared.tuned,
                "test.defaults.log_loss": compared.defaults,
            }  # fmt: skip
        end_study(
            self._config(), self.run_id, self.study.folder, params={"folds": len(weights)}, metrics=metrics,
            tags={"verdict": answer.kind, "verdict.text": answer.text},
        )  # fmt: skip

    def _config(self) -> Tracking:
        if self.tracking is None:
            raise ValueError("nothing is to be logged")
        return self.tracking
