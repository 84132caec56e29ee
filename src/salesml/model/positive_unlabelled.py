"""What a ranking learned from a list of best customers says of those who are not on it.

Only positives are labelled. The learner tells them from all others, among whom are positives that nobody
listed; what that means for the others takes the share of positives among them, the class prior, and the
assumption that the list is a random choice of all positives ("selected completely at random").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.bootstrap import Estimate
from salesml.model.calibration import Calibration
from salesml.model.faults import InputError
from salesml.model.label_frequency import Region, densest_region

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """The share of positives among those who are not on the list.

    It is not identified by a list and a universe alone: anything from zero to ``most`` fits the data,
    unless there is a region in which everybody is positive. No data can show that there is one.

    Parameters
    ----------
    seeds, others : int
        Rows on the list, and all others.
    region : Region
        The top of the ranking, where seeds are densest.
    stated : float or None
        The share, where somebody knows it.

    References
    ----------
    Ramaswamy, Scott and Tewari, "Mixture proportion estimation via kernel embeddings of distributions", ICML
    (2016), for what identifies it; Bekker and Davis, "Learning from positive and unlabeled data: a survey",
    Machine Learning 109 (2020), for the assumptions.
    """

    seeds: int
    others: int
    region: Region
    stated: float | None = None

    @classmethod
    def of(cls, seed: NDArray[np.int8], score: Floats, stated: float | None = None) -> Prior:
        """The prior, from scores by models that have not seen the row.

        Parameters
        ----------
        seed : ndarray of shape (rows,)
            1 for a row on the list, else 0.
        score : ndarray of shape (rows,)

        Raises
        ------
        InputError
            ``bad-value`` when the stated share does not lie between 0 and 1.
        """
        if stated is not None and not 0 < stated < 1:
            raise InputError(
                Fault(
                    code="bad-value",
                    found=f"The base rate is {stated}",
                    allowed="The share of best customers among those who are not on the list, above 0 and "
                    "below 1, such as 0.05",
                    do="Correct it, or leave it out",
                )
            )
        seeds = int(seed.sum())
        return cls(seeds, len(seed) - seeds, densest_region(seed, score), stated)

    @property
    def frequency(self) -> Estimate:
        """P(on the list | positive) if the region is purely positive; else the most that can be said is that
        it is not below the interval."""
        return self.region.share

    @property
    def pure(self) -> Estimate:
        """The share of positives among the others if everybody in the region is positive.

        Its upper end holds even if they are not, as long as the list is a random choice.
        """
        share = self.region.share
        return Estimate(*(self._at(frequency) for frequency in (share.value, share.high, share.low)))

    @property
    def most(self) -> float:
        """The largest share of positives among the others that fits the data (97.5 % bound)."""
        return self.pure.high

    @property
    def contradicted(self) -> bool:
        """Whether the stated share is more than a random choice allows."""
        return self.stated is not None and self.stated > self.most

    def _at(self, frequency: float) -> float:
        if frequency <= 0:
            return 1.0
        return min(1.0, (1 - frequency) / frequency * self.seeds / self.others)

    def posterior(self, on_list: Floats, prior: float) -> Floats:
        """P(positive | row, not on the list), given P(on the list | row) and the prior.

        It is ``prior · f(row | positive) / f(row | not on the list)``, whose ratio of densities is that of
        the odds of being on the list, whether the list was drawn from the universe (Elkan and Noto 2008)
        or stands beside it.
        """
        ratio = on_list / np.maximum(1 - on_list, 1e-12) * self.others / self.seeds
        return np.asarray(np.minimum(1.0, prior * ratio))

    def calibration(self, raw: Floats, seed: NDArray[np.int8], on_list: Floats) -> Calibration | None:
        """``logit P(positive | row, not on the list) = a · raw + b`` at the stated share, None without one.

        Each row that is not on the list counts as positive with its posterior, and as negative with the
        rest (Elkan and Noto 2008, section 3, weighting of unlabelled examples); strictly increasing, so
        that the order stays.
        """
        if self.stated is None:
            return None
        other = seed == 0
        weight, raw = self.posterior(on_list[other], self.stated), raw[other]
        outcome = np.repeat(np.array([1, 0], dtype=np.int8), len(raw))
        return Calibration.fit(np.tile(raw, 2), outcome, np.concatenate([weight, 1 - weight]))

    def bend(
        self, calibration: Calibration | None, raw: Floats, seed: NDArray[np.int8], on_list: Floats
    ) -> float:
        """How far :meth:`calibration` is from :meth:`posterior` on average, over those not on the list."""
        if calibration is None or self.stated is None:
            return 0.0
        other = seed == 0
        off = calibration.probability(raw[other]) - self.posterior(on_list[other], self.stated)
        return float(np.abs(off).mean())

    def as_dict(self) -> dict[str, float]:
        """The prior as plain data, as a bundle keeps it."""
        pure = self.pure
        found = {
            "seeds": float(self.seeds),
            "others": float(self.others),
            "at_most": self.most,
            "if_pure": pure.value,
            "if_pure_low": pure.low,
            "frequency_if_pure": self.frequency.value,
        }
        return found if self.stated is None else {**found, "stated": self.stated}


def true_auc(measured: Estimate, prior: Estimate) -> Estimate:
    """The AUC of positives against negatives, from that of seeds against all others.

    Of the others a share ``prior`` is positive and ranked like the seeds: ``measured = prior / 2 +
    (1 - prior) · true``. What is measured is a lower bound of what is true, above one half.

    References
    ----------
    Menon, van Rooyen, Ong and Williamson, "Learning from corrupted binary labels via class-probability
    estimation", ICML (2015).
    """

    def true(auc: float, share: float) -> float:
        return min(1.0, max(0.0, (auc - share / 2) / (1 - share))) if share < 1 else 1.0

    found = Estimate(
        true(measured.value, prior.value),
        min(true(measured.low, share) for share in (prior.low, prior.high)),
        max(true(measured.high, share) for share in (prior.low, prior.high)),
    )
    return replace(found, low=min(found.low, found.value), high=max(found.high, found.value))
