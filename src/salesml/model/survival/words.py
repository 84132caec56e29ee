"""What can be said of curves: a table, and a sentence on whether they may be believed."""

from __future__ import annotations

from salesml.model.survival.evaluation import CurveEvaluation

NEAR = 0.02
"""By how much the share that left may differ from what was said, on average, to be called calibrated."""

FAR = 0.05


def table(found: CurveEvaluation) -> str:
    """One line for each horizon: said, came true, the difference and its interval, errors."""
    heads = f"{'days':>5} {'said':>7} {'left':>7} {'difference':>26}"
    lines = [f"{heads} {'calibration error (by chance)':>30} {'Brier':>7}"]
    for day in found.horizons:
        figures = {name: found.figures[f"{name}_{day}"] for name in ("said", "came", "drift", "brier")}
        drift, error = figures["drift"], found.figures[f"calibration_error_{day}"].value
        missed = f"{error:.1%} ({found.figures[f'calibration_chance_{day}'].value:.1%})"
        away = f"{drift.value:+.1%} [{drift.low:+.1%}, {drift.high:+.1%}]"
        lines.append(
            f"{day:>5} {figures['said'].value:>7.1%} {figures['came'].value:>7.1%} {away:>26} "
            f"{missed:>30} {figures['brier'].value:>7.4f}"
        )
    gain = found.figures["ibs_gain"]
    lines.append(
        f"integrated Brier score {found.figures['ibs'].value:.4f}, of one curve for all "
        f"{found.figures['ibs_of_all'].value:.4f}; better by {gain}"
    )
    return "\n".join(lines)


def verdict(found: CurveEvaluation) -> str:
    """Whether the curves tell accounts apart, and where what they say came true."""
    gain = found.figures["ibs_gain"]
    if gain.low > 0:
        apart = "The curves tell accounts apart: they miss less than one curve for all does."
    elif gain.high < 0:
        apart = "The curves are worse than one curve for all: do not use them for single accounts."
    else:
        apart = "It is not certain that the curves tell accounts apart: one curve for all may miss as little."
    return f"{apart} {_level(found)}"


def calibrated(found: CurveEvaluation) -> bool:
    """Whether a sentence on when accounts leave may stand before a rep."""
    return found.figures["ibs_gain"].low > 0 and not _far(found)


def _far(found: CurveEvaluation) -> list[int]:
    """Horizons at which the difference is larger than ``FAR``, beyond chance."""
    return [day for day in found.horizons if _away(found, day) > FAR and _certain(found, day)]


def _level(found: CurveEvaluation) -> str:
    off = [day for day in found.horizons if _away(found, day) > NEAR and _certain(found, day)]
    if not off:
        worst = max(_away(found, day) for day in found.horizons)
        return f"On average they say what came true, within {100 * worst:.1f} percentage points or chance."
    told = []
    for day in off:
        many = "many" if found.figures[f"drift_{day}"].value > 0 else "few"
        told.append(f"{100 * _away(found, day):.1f} percentage points too {many} by day {day}")
    return f"On average they say that {', '.join(told)} leave: times may have changed, so train again."


def _away(found: CurveEvaluation, day: int) -> float:
    return abs(found.figures[f"drift_{day}"].value)


def _certain(found: CurveEvaluation, day: int) -> bool:
    drift = found.figures[f"drift_{day}"]
    return drift.low > 0 or drift.high < 0
