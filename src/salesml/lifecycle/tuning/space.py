"""What tuning may change of the learner, between which limits, and why no more.

Left alone, every setting follows from the size of the table (``salesml.model.defaults``), other for
shallow trees than for deep ones. So each has a switch, off at first: a setting is replaced on its own, and
whatever stays off keeps the rule. How many accounts must share a level (``min_count``) protects people and
``monotone`` and ``base_rate`` say what is known: those are not tuned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial as Asked

VERSION = 1
"""Of the space: a study goes on in the one it began in."""

OWN = "own_"
"""Begins the name of a setting's switch."""
DIGITS = 3
"""Significant digits of a setting: what is printed is what was tried."""

REPEATS = 3
"""How often the folds are dealt anew, at most: boosters and their cost grow with it."""
HIGHEST_LEAF = 500
SMALLEST_LEAF = 3


@dataclass(frozen=True)
class Space:
    """The settings that are tried.

    Parameters
    ----------
    largest_leaf : int
        Rows of a leaf at most: a tenth of the rows learned from, within 20 and 500.
    """

    largest_leaf: int

    @classmethod
    def of(cls, rows: int) -> Space:
        """The space for so many rows to learn from."""
        return cls(max(20, min(HIGHEST_LEAF, rows // 10)))

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Least and greatest value of each setting, all tried on a logarithmic scale."""
        return {
            "learning_rate": (0.03, 0.3),
            "num_leaves": (3, 63),
            "min_data_in_leaf": (SMALLEST_LEAF, self.largest_leaf),
        }

    def distributions(self) -> dict[str, BaseDistribution]:
        """Every choice by name, as Optuna describes it."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found: dict[str, BaseDistribution] = {"n_repeats": IntDistribution(1, REPEATS)}
        for name, (low, high) in self.limits.items():
            found[OWN + name] = CategoricalDistribution((False, True))
            found[name] = (
                FloatDistribution(low, high, log=True)
                if name == "learning_rate"
                else IntDistribution(int(low), int(high), log=True)
            )
        return found

    def suggest(self, asked: Asked) -> dict[str, Any]:
        """Let Optuna choose; a setting whose switch is off is not asked for."""
        for name, (low, high) in self.limits.items():
            if not asked.suggest_categorical(OWN + name, (False, True)):
                continue
            if name == "learning_rate":
                asked.suggest_float(name, low, high, log=True)
            else:
                asked.suggest_int(name, int(low), int(high), log=True)
        asked.suggest_int("n_repeats", 1, REPEATS)
        return dict(asked.params)

    def chosen(self, learner: Mapping[str, Any]) -> dict[str, Any]:
        """The choices that lead to a learner; settings beyond the limits are brought to them."""
        found: dict[str, Any] = {}
        for name, (low, high) in self.limits.items():
            value = learner.get(name)
            found[OWN + name] = value is not None
            if value is not None:
                kept = min(max(value, low), high)
                found[name] = float(kept) if name == "learning_rate" else int(kept)
        repeats = learner.get("n_repeats") or 1
        return {**found, "n_repeats": min(int(repeats), REPEATS)}


TUNED = ("learning_rate", "num_leaves", "min_data_in_leaf", "n_repeats")
"""Keys of ``learner`` that tuning writes."""


def learner_of(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of ``learner`` that choices stand for; the defaults are no keys at all."""
    found: dict[str, Any] = {}
    for name in TUNED:
        if name == "n_repeats":
            if chosen.get(name, 1) > 1:
                found[name] = int(chosen[name])
        elif chosen.get(OWN + name):
            value = chosen[name]
            found[name] = float(f"{value:.{DIGITS}g}") if isinstance(value, float) else int(value)
    return found


def fixed_part(learner: Mapping[str, Any]) -> dict[str, Any]:
    """What a spec's learner says beyond what is tuned: every trial keeps it."""
    return {key: value for key, value in learner.items() if key not in TUNED}
