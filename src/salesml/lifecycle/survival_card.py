"""The part of the model card on when accounts leave."""

from __future__ import annotations

from collections.abc import Mapping

from salesml.config import Spec
from salesml.model.survival.evaluation import CurveEvaluation
from salesml.model.survival.hazard import HazardModel
from salesml.model.survival.words import table, verdict

CLOCKS = {
    "contract": "its contract ended before that day",
    "inactivity": "it was silent for {days} days in a row before that day, all of them after the horizon "
    "began; whoever comes back later had left all the same",
}


def card(
    spec: Spec,
    model: HazardModel,
    found: CurveEvaluation | None,
    when: str,
    left_out: Mapping[int, int],
) -> str:
    """The card's part, in Markdown.

    Parameters
    ----------
    when : str
        On which dates the curves were judged, in words.
    left_out : mapping of int to int
        Horizons that were left out, and how many accounts told of the days up to them.
    """
    days = ", ".join(map(str, model.horizons))
    clock = CLOCKS[spec.label.kind].format(days=spec.label.inactive_days)
    meant = (
        f"Each account has a curve: how likely it is still there after {days} days from the start of the "
        f"horizon. It has left by a day if {clock}. At day {spec.horizon_days} the curve is one less the "
        "probability, digit for digit."
    )
    parts = ["## When accounts leave", meant]
    if left_out:
        told = ", ".join(f"{day} ({count} accounts)" for day, count in left_out.items())
        parts.append(f"Asked for, and left out as too few accounts left or stayed up to there: {told}.")
    if found is None:
        parts.append("Nobody can judge the curves yet: no date is long enough ago.")
    else:
        beyond = [day for day in model.horizons if day > found.horizons[-1]]
        short = f" Nobody can judge day {', '.join(map(str, beyond))} yet." if beyond else ""
        parts.append(f"{when}:\n\n```\n{table(found)}\n```\n\n{verdict(found)}{short}")
    parts.append(
        f"`expected_days` are the days of the next {model.horizons[-1]} that an account is expected to stay; "
        "nothing is assumed of the time after them. `lifetime_days` goes on from there at the pace at which "
        "the account left on average up to there: a guess, and no figure to plan with."
    )
    return "\n\n".join(parts) + "\n"
