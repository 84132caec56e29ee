"""What can be read from few outcomes, in sentences that a person without statistics understands."""

from __future__ import annotations

from salesml.model.bootstrap import Estimate
from salesml.model.evaluation import Evaluation

WIDE = 0.1
"""An AUC whose 95 % interval is wider than this is told as ranges."""


def what_can_be_read(evaluation: Evaluation) -> list[str]:
    """The order of pairs and the top fifth as ranges, where little is known; nothing otherwise."""
    auc, top = evaluation.metrics["auc"], evaluation.metrics["lift_20"]
    if not auc.high - auc.low > WIDE:
        return []
    pairs = "of 100 pairs of a row with the outcome and one without, it puts about"
    return [
        f"What can be read: {pairs} {_pairs(auc)} in the right order{_chance(auc)}.",
        f"In the first fifth of its list the outcome came about {_times(top)} as often as on average.",
    ]


def _pairs(auc: Estimate) -> str:
    return f"{100 * auc.value:.0f}, anything from {100 * auc.low:.0f} to {100 * auc.high:.0f},"


def _chance(auc: Estimate) -> str:
    """Beside what chance does."""
    if auc.low <= 0.5:
        return "; 50 is chance, which cannot be ruled out"
    return "; 50 is chance"


def _times(lift: Estimate) -> str:
    return f"{lift.value:.1f} times (anything from {lift.low:.1f} to {lift.high:.1f} times)"
