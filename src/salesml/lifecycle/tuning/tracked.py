"""A study beside its folder in MLflow, as long as that is there: an outage never stops a search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from salesml.config import Tracking
from salesml.errors import Fault, SalesmlError, UsageError
from salesml.lifecycle.progress import Say
from salesml.lifecycle.tuning.study import RESULT, STUDY, Study
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
        self.run_id, self.away, self.told = "", "", False

    def begin(self, known: Sequence[Trial], weights: Sequence[float]) -> None:
        """Open the study's run and log what is known."""
        if self.tracking is not None:
            self._try(lambda: self._open(known, weights))

    def keep(self, trial: Trial, weights: Sequence[float]) -> None:
        """Log a trial that is done; after an outage, no more until the end."""
        if self.run_id and not self.away:
            self._try(lambda: self._log([trial], weights))

    def end(self, trials: Sequence[Trial], weights: Sequence[float], result: Mapping[str, Any]) -> None:
        """Log what is missing, and what it came to; MLflow may be back.

        Parameters
        ----------
        result : mapping
            What ``result.json`` holds.
        """
        if self.tracking is None:
            return
        self.away = ""
        self._try(lambda: self._end(trials, weights, result))

    def stopped(self) -> None:
        """Say that it was stopped, if MLflow can be told."""
        if self.tracking is not None and self.run_id and not self.away:
            from salesml.tracking.tuning import stop_study

            stop_study(self.tracking, self.run_id)

    def _try(self, work: Any) -> None:
        try:
            work()
        except SalesmlError as error:
            if not self.told:
                self.say(f"MLflow is away; tuning goes on, kept in {self.study.folder}: {error}")
            self.away, self.told = str(error), True

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

    def _end(self, trials: Sequence[Trial], weights: Sequence[float], result: Mapping[str, Any]) -> None:
        from salesml.tracking.tuning import end_study

        self._open(trials, weights)
        answer, compared = result["answer"], result["answer"]["compared"]
        metrics = {"trials": len(trials), "defaults.log_loss": trials[0].value(weights)}
        if compared:
            gain = compared["gain"]
            metrics |= {
                "test.gain": gain["value"], "test.gain_low": gain["low"], "test.gain_high": gain["high"],
                "test.log_loss": compared["tuned"], "test.defaults.log_loss": compared["defaults"],
            }  # fmt: skip
        end_study(
            self._config(), self.run_id, self.study.folder, params={"folds": len(weights)}, metrics=metrics,
            tags={"verdict": answer["kind"], "verdict.text": answer["text"]},
        )  # fmt: skip

    def _config(self) -> Tracking:
        if self.tracking is None:
            raise ValueError("nothing is to be logged")
        return self.tracking


def register_study(folder: Path, tracking: Tracking) -> str:
    """Log a study that was kept while MLflow was away, and return its run; what is there is not logged again.

    Raises
    ------
    OutsideError
        ``tracking-away``. The folder is untouched: call this again later.
    UsageError
        ``not-a-study`` when it is not the folder of a study that came to an end.
    """
    try:
        began = json.loads((folder / STUDY).read_text(encoding="utf-8"))
        result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        study = Study(folder=folder, name=began["name"], identity=dict(began["identity"]))
        weights, facts = [float(each) for each in result["weights"]], dict(result["facts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            Fault(
                code="not-a-study",
                found=f"{folder} is not a tuning that can be logged: {error}",
                allowed=f"A tuning is a folder with {STUDY} and {RESULT}, as `salesml tune` ends with",
                do="Go on with it: salesml tune NAME --resume",
            )
        ) from error
    tracked = Tracked(tracking, study, facts, lambda text: None)
    tracked._end(study.trials(), weights, result)
    return tracked.run_id
