"""Whether tuning was worth it, in words, by a written rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from salesml.lifecycle.tuning.compared import LEVEL, Compared
from salesml.lifecycle.tuning.luck import Luck
from salesml.model.bootstrap import Estimate

Kind = Literal["beat", "not shown", "worse", "defaults", "too few"]

FINE = 0.002
"""Intervals narrower than this are told with a digit more."""
FEWEST = 20
"""Accounts of either outcome in the test without which nothing is concluded."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What tuning came to.

    Parameters
    ----------
    kind : {"beat", "not shown", "worse", "defaults", "too few"}
        ``defaults``: on the folds no trial did better than the defaults. ``too few``: too few outcomes
        in the test to conclude anything.
    text : str
        In whole sentences.
    """

    kind: Kind
    text: str
    compared: Compared | None = None
    luck: Luck | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge(
    compared: Compared | None, luck: Luck | None, *, others: int, tested_on: str, many: str = "accounts"
) -> Answer:
    """The answer in words.

    Parameters
    ----------
    compared : Compared or None
        None when no trial did better than the defaults on the folds.
    others : int
        How many settings beside the defaults were tried.
    many : str
        What rows belong to.
    """
    if compared is None:
        text = (
            f"Tuning did not beat the defaults: on the folds {_none(others)}. Keep them. "
            "The test rows were not looked at."
        )
        return Answer(kind="defaults", text=text, luck=luck)
    kind = _kind(compared)
    parts = [_opening(kind), _on_test(compared, tested_on, many), _concluded(kind, compared, many)]
    parts += _flattered(luck, compared)
    return Answer(kind=kind, text=" ".join(filter(None, parts)), compared=compared, luck=luck)


def _none(others: int) -> str:
    if others < 2:
        return "the one other setting lost no less" if others else "nothing else was tried"
    return f"none of {others:,} other settings lost less"


def _kind(compared: Compared) -> Kind:
    if compared.fewest < FEWEST:
        return "too few"
    if compared.gain.low > 0 and len(compared.by_seed) > 1:
        return "beat"
    return "worse" if compared.gain.high < 0 else "not shown"


def _opening(kind: Kind) -> str:
    return {
        "beat": "Tuning beat the defaults by more than chance:",
        "worse": "Tuning did not beat the defaults, it lost against them:",
    }.get(kind, "Tuning did not beat the defaults by more than chance:")


def _on_test(compared: Compared, tested_on: str, many: str) -> str:
    gain, seeds = compared.gain, len(compared.by_seed)
    percent = 100 * (1 - LEVEL / compared.looks)
    fits = f"mean of {seeds} seeds" if seeds > 1 else "one seed only"
    return (
        f"on {compared.rows:,} rows of {compared.accounts:,} {many} that neither has seen ({tested_on}), "
        f"log loss is {compared.defaults:.4f} with the defaults and {compared.tuned:.4f} with the best "
        f"trial, a gain of {_signed(gain.value, gain)}, {percent:.3g} % interval "
        f"{_signed(gain.low, gain)} to {_signed(gain.high, gain)} "
        f"(paired, resampled by {many.removesuffix('s')}, {fits})."
    )


def _concluded(kind: Kind, compared: Compared, many: str) -> str:
    if kind == "beat":
        return (
            "Write the block below into the spec, train, and let the new version show in a backtest, or as "
            "challenger, that it is worth having: nothing was promoted."
        )
    if kind == "worse":
        return "Keep the defaults."
    if kind == "too few":
        return (
            f"With {compared.fewest:,} {many} of the rarer outcome in the test nothing can be concluded "
            f"({FEWEST} are needed). Keep the defaults."
        )
    half = (compared.gain.high - compared.gain.low) / 2
    if compared.gain.low > 0:
        return (
            "Time allowed one fit of either, so it may be the luck of that fit. Keep the defaults, or give "
            "more --minutes with --resume."
        )
    return (
        f"Anything in that interval may be true; a gain under about "
        f"{_signed(half, compared.gain)[1:]} cannot be seen on so many "
        "rows. Keep the defaults."
    )


def _flattered(luck: Luck | None, compared: Compared) -> list[str]:
    found = []
    if luck is not None:
        found.append(
            f"On the folds, where it was chosen as the best of {luck.trials + 1:,}, it gained "
            f"{_signed(luck.gain, compared.gain)}; the best of as many that are no better gains that by "
            f"chance with a probability of {luck.chance:.3f}."
        )
    if compared.looks > 1:
        found.append(
            f"It is the {_ordinal(compared.looks)} result of tuning that is compared on these rows, and the "
            f"interval is widened for that."
        )
    return found


def _signed(value: float, beside: Estimate) -> str:
    """A gain with as many digits as its interval is fine."""
    digits = 4 if beside.high - beside.low > FINE else 5
    return f"{value:+.{digits}f}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def learner_block(learner: Mapping[str, Any]) -> str:
    """A learner as a line of a spec."""
    import yaml

    inside = yaml.safe_dump(
        dict(learner), default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True
    )
    return f"learner: {inside.strip()}"
