"""What a training leaves: a folder, a verdict, and where MLflow keeps it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.errors import SalesmlError
from salesml.lifecycle.progress import Say
from salesml.model import Evaluation, Verdict
from salesml.model.bundle import Bundle
from salesml.model.report import brief
from salesml.tracking.log import NOT_OF_USE

if TYPE_CHECKING:
    from salesml.config import Tracking
    from salesml.tracking import Logged


WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A finished training.

    ``logged`` is None when MLflow was away or not asked; ``away`` then says why.
    """

    name: str
    folder: Path
    bundle: Bundle
    evaluation: Evaluation
    verdict: Verdict
    logged: Logged | None = None
    away: str = ""

    def judged(self) -> str:
        """The main figures and the verdict."""
        return f"{brief(self.evaluation)}\n\n" + textwrap.fill(f"Verdict: {self.verdict.text}", WIDTH)

    def text(self) -> str:
        """The result as a person reads it."""
        lines = [self.judged(), ""]
        if self.logged:
            lines.append(f"Registered as {self.logged.uri} (run {self.logged.run_id})")
            if self.verdict.kind in NOT_OF_USE:
                lines.append(
                    f"It scores nobody by itself: a model that is {self.verdict.kind!r} is no champion"
                )
        elif self.away:
            lines.append(f"Not in MLflow: {self.away}")
            lines.append(f"Nothing is lost. Log it later: salesml register {self.folder}")
        return "\n".join([*lines, f"Kept in {self.folder}: every figure is in model_card.md"])


def log_if_there(folder: Path, tracking: Tracking | None, say: Say) -> tuple[Logged | None, str]:
    """Log a run folder; whatever MLflow has against it, say so instead of losing the training."""
    if tracking is None:
        return None, ""
    from salesml.tracking import log_run

    say(f"Logging to MLflow at {tracking.tracking_uri}")
    try:
        return log_run(folder, tracking), ""
    except SalesmlError as error:
        return None, str(error)
