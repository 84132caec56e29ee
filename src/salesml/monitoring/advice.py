"""Whether to train again, in words: now, not yet, or pointless, each with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from salesml.model.bootstrap import Estimate
from salesml.monitoring.finding import Finding

Kind = Literal["now", "not yet", "pointless"]

FEWEST_NEW = 50
"""New outcomes without which a model trained again has hardly anything to learn."""

QUALITY = ("auc_kept", "rate_kept")
BROKEN = ("missing", "levels")
"""Checks whose alarm is rather about the tables than about the customers."""


@dataclass(frozen=True)
class Trial:
    """A model trained today beside the one in use, on the newest date whose outcome is known.

    Parameters
    ----------
    tested_on : datetime.date
    learned_from : tuple of date
    gain : Estimate
        Log loss of the model in use less that of the new one: above zero the new one is better.
    reach_days : int
        Days from an as-of date to the end of its horizon.
    """

    tested_on: dt.date
    learned_from: tuple[dt.date, ...]
    gain: Estimate
    reach_days: int

    @property
    def better(self) -> bool:
        return self.gain.low > 0

    def knows(self, day: dt.date) -> bool:
        """Whether it has learned from a date as late as this."""
        return max(self.learned_from) >= day

    def can_know(self, day: dt.date) -> dt.date:
        """From when on a model can learn from a date and be judged on one on which its outcome was known."""
        return day + dt.timedelta(days=2 * self.reach_days)


@dataclass(frozen=True)
class Advice:
    """What to do, and why.

    Parameters
    ----------
    kind : {"now", "not yet", "pointless"}
    reasons : tuple of str
        Whole sentences.
    """

    kind: Kind
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Train again: {self.kind}. {' '.join(self.reasons)}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def advise(findings: Sequence[Finding], new_outcomes: int, trial: Trial | None, why_no_trial: str) -> Advice:
    """The advice by a written rule.

    **now**: a model trained today would surely have been better on the newest date whose outcome is known,
    and something raised an alarm. **pointless**: quality fell, but there are fewer than 50 new outcomes to
    learn from, or a model trained today would have been no better; or quality lies below the promise by no
    more than chance explains. **not yet**: nothing raised an alarm; or the tables have to be mended first; or
    what moved is too new to have outcomes, or to be learned from.
    """
    alarms = [each for each in findings if each.alarm]
    fallen = [each for each in alarms if each.check in QUALITY]
    broken = [each for each in alarms if each.check in BROKEN]
    if broken:
        return _advice("not yet", _mend(broken))
    if not alarms:
        return _nothing(findings)
    if trial and trial.better:
        return _advice("now", *_why(fallen), _gain(trial), "Train, compare and promote it.")
    if fallen and new_outcomes < FEWEST_NEW:
        return _advice("pointless", *_why(fallen), _few(new_outcomes))
    since = min((each.since or each.as_of for each in fallen), default=None)
    if since and trial and not trial.knows(since):
        return _advice("not yet", *_why(fallen), _gain(trial), _of_before(trial, since))
    if fallen and trial:
        learned = "It would have learned the same: look for what the features do not tell."
        return _advice("pointless", *_why(fallen), _gain(trial), learned)
    if trial:
        cost = "What moved has not cost quality that could be measured."
        return _advice("not yet", cost, _gain(trial), LATER)
    return _advice("not yet", *_why(fallen), why_no_trial, LATER)


LATER = "Look again when the dates that moved have outcomes."


def _advice(kind: Kind, *reasons: str) -> Advice:
    return Advice(kind, tuple(reason for reason in reasons if reason))


def _nothing(findings: Sequence[Finding]) -> Advice:
    """Where nothing raised an alarm."""
    kept = [each for each in findings if each.check == "auc_kept"]
    if not kept:
        return _advice(
            "not yet",
            "Nothing moved beyond what is usual; no outcome has become known since the model was tested.",
        )
    last = kept[-1]
    if last.threshold is not None and last.value <= last.threshold:
        return _advice(
            "pointless",
            f"The AUC is {last.value:.3f}, below what training promised, but by no more than dates lie apart "
            "by chance: a new model would chase noise.",
        )
    return _advice("not yet", "Nothing moved beyond what is usual, and quality is what was promised.")


def _mend(broken: Sequence[Finding]) -> str:
    return (
        f"{_names(broken)} may be broken in the tables: a model would learn the break. Mend it first, or "
        "find out that it is meant."
    )


def _few(outcomes: int) -> str:
    return (
        f"But only {outcomes} outcomes have become known since the model was tested: too few to learn from "
        f"({FEWEST_NEW} at least)."
    )


def _of_before(trial: Trial, since: dt.date) -> str:
    return (
        f"It learned from dates up to {max(trial.learned_from)}, and quality is seen to have fallen from "
        f"{since} on. Of that a model can learn, and be judged, from {trial.can_know(since)} on: train then."
    )


def _why(fallen: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(f"{each.sentence}." for each in fallen[-1:])


def _gain(trial: Trial) -> str:
    gain = trial.gain
    return (
        f"A model trained today would have changed the log loss on {trial.tested_on} by {-gain.value:+.4f} "
        f"[{-gain.high:+.4f}, {-gain.low:+.4f}] (below zero is better)."
    )


def _names(findings: Sequence[Finding]) -> str:
    return ", ".join(dict.fromkeys(each.feature for each in findings))
