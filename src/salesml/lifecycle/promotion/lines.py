"""The gates, one line each: what was measured, what is allowed, and whether it passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from salesml.config import Gates
from salesml.lifecycle.promotion.paired import TOP_VALUE, Compared
from salesml.lifecycle.promotion.ranking import Movement
from salesml.lifecycle.promotion.suspects import Suspect

NO_YARDSTICK = (
    "Not asked: on these rows the champion is not shown to be better than the average rate, so its order is "
    "no measure"
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One gate.

    Parameters
    ----------
    gate : str
        Its key in ``gates:``.
    passed : bool
    found, allowed : str
        What was measured and what is allowed, as sentences without their full stops.
    value, low, high : float or None
        The figure that decided and its one-sided bounds, where it has any.
    """

    gate: str
    passed: bool
    found: str
    allowed: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.gate}: {self.found}. {self.allowed}."


def enough(positives: int, negatives: int, gates: Gates, many: str = "accounts") -> Line:
    """Whether there are accounts, or prospects, enough to tell two models apart."""
    least = min(positives, negatives)
    return Line(
        gate="fewest_outcomes",
        passed=least >= gates.fewest_outcomes,
        found=f"{positives:,} {many} with the outcome and {negatives:,} without it",
        allowed=f"At least {gates.fewest_outcomes:,.0f} of either",
        value=float(least),
    )


def better(gain: Compared, gates: Gates, confidence: float, *, judged_before: int = 0) -> Line:
    """Whether the challenger is better, or where less is asked no worse, in log loss.

    A gain above zero is asked for twice: the figure itself must reach ``log_loss_gain``, so that a difference
    of no use is not promoted because rows are many, and its lower bound must exceed zero.
    """
    asked = gates.log_loss_gain
    shown = gain.low > min(0.0, asked)
    words = f"At least {asked:g}, and shown to be above 0" if asked >= 0 else f"Shown to be above {asked:g}"
    more = (
        f"; {_times(judged_before)} judged on these rows before, so more confidence is asked"
        if judged_before
        else ""
    )
    return Line(
        gate="log_loss_gain",
        passed=bool(shown and (asked < 0 or gain.gain >= asked)),
        found=f"Log loss {gain.champion:.4f}, challenger {gain.challenger:.4f}: a gain of {_interval(gain)}",
        allowed=f"{words}, with {confidence:.1%} confidence{more}",
        value=gain.gain,
        low=gain.low,
        high=gain.high,
    )


def guards(compared: Mapping[str, Compared], gates: Gates) -> list[Line]:
    """Figures in which the challenger must not be shown to be worse by more than is allowed."""
    lines = [
        _guard("calibration_worse", "Calibration error", compared["calibration_error"], gates),
        _guard("auc_worse", "AUC", compared["auc"], gates),
    ]
    if TOP_VALUE in compared:
        what = "Share of the lost value in the top fifth"
        lines.append(_guard("value_worse", what, compared[TOP_VALUE], gates))
    return lines


def _guard(gate: str, what: str, gain: Compared, gates: Gates) -> Line:
    allowed = float(getattr(gates, gate))
    return Line(
        gate=gate,
        passed=not gain.high < -allowed,
        found=f"{what} {gain.champion:.4f}, challenger {gain.challenger:.4f}: a gain of {_interval(gain)}",
        allowed=f"Not shown to be worse by more than {allowed:g}",
        value=gain.gain,
        low=gain.low,
        high=gain.high,
    )


def suspects(found: Sequence[Suspect], gates: Gates) -> Line:
    """Whether the challenger rests on what looks like a leak."""
    told = "; ".join(each.why.rstrip(".") for each in found[:3]) or "No new feature looks like a leak"
    return Line(
        gate="new_suspects",
        passed=len(found) <= gates.new_suspects,
        found=told,
        allowed=f"At most {gates.new_suspects:.0f} new features that do",
        value=float(len(found)),
    )


def ranking(moved: Movement, gates: Gates, *, asked: bool = True) -> Line:
    """Whether the list stays recognisable; told only, unless asked."""
    return Line(
        gate="ranking_overlap",
        passed=not asked or moved.overlap >= gates.ranking_overlap,
        found=f"{moved.overlap:.0%} of the champion's top {moved.top:.0%} stay in the top "
        f"(rank correlation of all rows {moved.spearman:.2f})",
        allowed=f"At least {gates.ranking_overlap:.0%}" if asked else NO_YARDSTICK,
        value=moved.overlap,
    )


def reasons(value: float, new: float, gates: Gates, *, asked: bool = True) -> Line:
    """Whether both models score for the same reasons; told only, unless asked."""
    more = f"; features that the champion does not have make {new:.0%} of all contributions" if new else ""
    return Line(
        gate="reasons_kept",
        passed=not asked or value >= gates.reasons_kept,
        found=f"The champion's features, ordered by their weight in the challenger, agree to {value:.0%} "
        f"(0% is what lots would give, 100% its own order){more}",
        allowed=f"At least {gates.reasons_kept:.0%}" if asked else NO_YARDSTICK,
        value=value,
    )


def _interval(gain: Compared) -> str:
    return f"{gain.gain:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"


def _times(number: int) -> str:
    return "one other challenger was" if number == 1 else f"{number} other challengers were"
