"""How a ranking treats the best customers that it was learned from, and what follows for all others."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.model import seed_words as words
from salesml.model.bootstrap import Estimate
from salesml.model.positive_unlabelled import Prior, true_auc
from salesml.model.seed_words import percent
from salesml.model.verdict import Verdict

Floats = NDArray[np.float64]

PARTS = ("quarter", "half", "three_quarters")


@dataclass(frozen=True)
class SeedReport:
    """Figures of a ranking learned from seeds. No row and no id is in it.

    Parameters
    ----------
    prior : Prior
    auc : Estimate
        Of seeds against all others, by models that had not seen them.
    standing : tuple of float
        Share of all rows ranked above a seed: for a quarter of the seeds at most the first, for half of
        them the second, for three quarters the third.
    bend : float
        By how much published probabilities differ from Elkan and Noto's on average, where a rate was stated.
    """

    prior: Prior
    auc: Estimate
    standing: tuple[float, float, float]
    bend: float = 0.0

    @property
    def true_auc(self) -> Estimate:
        """The AUC against all who are no best customers, from none of them among the others to the most
        that fits."""
        return true_auc(self.auc, Estimate(0.0, 0.0, self.prior.most))

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "prior": self.prior.as_dict(),
            "region": asdict(self.prior.region),
            "auc_of_seeds_against_others": self.auc.as_dict(),
            "auc_against_true_others": self.true_auc.as_dict(),
            "auc_against_true_others_if_pure": true_auc(self.auc, self.prior.pure).as_dict(),
            "ranked_above_a_seed": dict(zip(PARTS, self.standing, strict=True)),
            "published_probabilities_off_by": self.bend,
        }

    def json(self) -> str:
        """``seeds.json`` of a run folder."""
        return json.dumps(self.as_dict(), indent=2) + "\n"

    def metrics(self) -> dict[str, float]:
        """The figures that runs are compared by."""
        known = {f"prior.{name}": value for name, value in self.prior.as_dict().items()}
        return {**known, "true_auc_high": self.true_auc.high, "median_standing": self.standing[1]}

    def judged(self, verdict: Verdict) -> Verdict:
        """The verdict on the ranking, with what it means where only seeds were known."""
        more = [words.NOTHING] if verdict.kind == "no usable signal" else self._found()
        reasons = (words.WHAT, *verdict.reasons, *more)
        return Verdict(verdict.kind, f"{verdict.kind.capitalize()}. {' '.join(reasons)}", reasons)

    def card(self) -> str:
        """The part of the model card: the figures that the verdict puts into words."""
        prior, pure, true = self.prior, self.prior.pure, self.true_auc
        figures = {
            "on the list, and others": f"{prior.seeds:,} and {prior.others:,}",
            "ranked above a listed customer: quarter, half, three quarters of them": ", ".join(
                map(percent, self.standing)
            ),
            "AUC of listed customers against all others": str(self.auc),
            "AUC against all who are no best customers": f"{true.low:.3f} to {true.high:.3f}",
            "best customers among the others, at most": percent(prior.most),
            "the same, if all in the densest region are": (
                f"{percent(pure.value)} [{percent(pure.low)}, {percent(pure.high)}]"
            ),
            "the densest region": f"{prior.region.rows:,} rows, {prior.region.seeds:,} of them listed",
        }
        lines = [f"| {name} | {figure} |" for name, figure in figures.items()]
        return "\n".join(["## What a list alone can tell", "", "| what | figure |", "|---|---|", *lines, ""])

    def _found(self) -> list[str]:
        ranks = words.of_ranks(self.standing, self.true_auc)
        numbers = words.of_probability(self.prior, self.bend)
        return [*ranks, *words.of_prior(self.prior), words.UNCHECKED, *numbers]


def standing_of(seed: NDArray[np.int8], score: Floats) -> tuple[float, float, float]:
    """The share of all rows above the seeds' quartiles, equal scores counting half.

    Parameters
    ----------
    seed : ndarray of shape (rows,)
        1 for a seed, else 0.
    score : ndarray of shape (rows,)
    """
    from scipy.stats import rankdata

    above = (rankdata(-score) - 0.5) / len(score)
    quarter, half, rest = np.quantile(above[seed == 1], [0.25, 0.5, 0.75])
    return float(quarter), float(half), float(rest)
