"""How good probabilities are on rows that were not learned from, with intervals and baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.errors import Fault
from salesml.model.auc_interval import auc_interval, crossing, few, widened
from salesml.model.bootstrap import Estimate, estimates
from salesml.model.faults import InputError
from salesml.model.metrics import Floats, Scored, limits, measure, slope_and_intercept
from salesml.model.reliability import Bin, curve, histogram, reliability
from salesml.model.sample_size import needed_rows
from salesml.model.target import read_owner, read_weight
from salesml.model.value import BANDS, Valued, read_value

COMPARED = ("auc", "average_precision", "log_loss", "brier")
"""Metrics in which the model is compared with each baseline."""
LESS_IS_BETTER = ("log_loss", "brier")


@dataclass(frozen=True)
class Evaluation:
    """Figures with 95 % intervals, resampled by account; that of the AUC is computed where fewer than a
    hundred accounts have the outcome or lack it (``auc_interval``).

    Parameters
    ----------
    rows, accounts, positives : int
    observed, mean_p : float
        Weighted share of positives, and mean probability.
    metrics : dict of str to Estimate
        ``auc``, ``average_precision``, ``log_loss``, ``brier``, ``calibration_error`` (ten equal-mass
        bins), ``calibration_slope``, ``calibration_intercept``, ``drift`` (mean probability less
        observed rate), ``lift_1`` and ``gain_1`` (top 1 %), likewise 5, 10, 20. With values:
        ``value_expected`` (sum of probability times value), ``value_lost`` (value of the positives),
        ``value_ratio`` (the one by the other), ``value_auc`` (AUC with rows weighted by value),
        ``value_gain_1`` and ``value_lift_1`` … (the lost value's share in the top by probability times
        value), ``value_expected_A``, ``value_lost_A``, ``value_share_A`` … (the same by band).
    baselines : dict of str to dict of str to Estimate
        The same of each baseline, as far as compared.
    gains : dict of str to dict of str to Estimate
        Model against baseline, paired on the same rows; above zero means that the model is better.
    reliability : tuple of Bin
    curve : tuple of (float, float)
        Share of the list, share of the positives in it.
    histogram : tuple of (float, float, int, int)
        Probability from, to, negatives, positives.
    valued : int
        Rows whose value is known; 0 when no values were given.
    weighted : bool
        Whether rows count differently.
    """

    rows: int
    accounts: int
    positives: int
    observed: float
    mean_p: float
    metrics: dict[str, Estimate]
    baselines: dict[str, dict[str, Estimate]]
    gains: dict[str, dict[str, Estimate]]
    reliability: tuple[Bin, ...]
    curve: tuple[tuple[float, float], ...]
    histogram: tuple[tuple[float, float, int, int], ...]
    valued: int = 0
    weighted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The evaluation as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evaluation:
        """The evaluation from what ``as_dict`` gave, also after a way through JSON."""

        def read(group: Mapping[str, Any]) -> dict[str, Estimate]:
            return {name: Estimate(**values) for name, values in group.items()}

        plain = {name: data[name] for name in ("rows", "accounts", "positives", "observed", "mean_p")}
        return cls(
            **plain,
            metrics=read(data["metrics"]),
            baselines={name: read(group) for name, group in data["baselines"].items()},
            gains={name: read(group) for name, group in data["gains"].items()},
            reliability=tuple(Bin(**line) for line in data["reliability"]),
            curve=tuple((float(a), float(b)) for a, b in data["curve"]),
            histogram=tuple((float(a), float(b), int(c), int(d)) for a, b, c, d in data["histogram"]),
            valued=int(data.get("valued", 0)),
            weighted=bool(data.get("weighted", False)),
        )

    def text(self, one: str = "account", many: str = "accounts") -> str:
        """The evaluation as tables; ``one`` and ``many`` are what its rows belong to."""
        from salesml.model.report import text

        return text(self, one, many)


def evaluate(
    y: ArrayLike,
    p: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    baselines: Mapping[str, ArrayLike] | None = None,
    value: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    bands: Mapping[str, float] | None = None,
    folds: int = 0,
    seed: int = 0,
    resamples: int = 500,
) -> Evaluation:
    """Measure probabilities against outcomes.

    Parameters
    ----------
    y : array of shape (rows,)
        0 or 1.
    p : array of shape (rows,)
        Probability of 1.
    groups : array of shape (rows,), optional
        The account of each row; intervals are resampled by account, by row without it.
    baselines : mapping of str to array of shape (rows,), optional
        Probabilities of simpler ways, for the same rows.
    value : array of shape (rows,), optional
        What each account is worth; adds the figures in money. An account that costs more than it brings
        counts as zero, one whose value is missing is left out of them.
    weight : array of shape (rows,), optional
        How much each row counts. Only ratios matter; rows of weight zero are left out.
    bands : mapping of str to float, optional
        Cumulative shares of the list, highest probability first, by which money is told apart.
    folds : int
        Folds whose models gave the probabilities, each of rows that it had not seen; 0 when one model gave
        them all. Intervals are wider then with fewer than a hundred accounts of either outcome.
    resamples : int
        Bootstrap resamples.

    Raises
    ------
    InputError
        ``cannot-evaluate`` when fewer than two rows have the outcome or have it not, with how many
        are needed; ``wrong-length``, ``not-a-probability``.
    """
    outcome, scores = _read(y, {"the model": p, **(baselines or {})})
    owner = read_owner(groups, len(outcome))
    weights = read_weight(weight, len(outcome))
    worth = None if value is None else read_value(value, len(outcome))
    used = weights > 0
    if not used.all():
        outcome, weights = outcome[used], weights[used]
        owner = np.unique(owner[used], return_inverse=True)[1]
        scores = {name: p[used] for name, p in scores.items()}
        worth = None if worth is None else worth[used]
    _enough(outcome)
    model = scores.pop("the model")
    uneven = bool(np.ptp(weights) > 0)
    even = weights if uneven else None
    valued = None if worth is None else Valued.of(outcome, model, worth, weights, bands or BANDS)
    measured = Scored.of(outcome, model, weight=even)
    figures = _figures(outcome, measured, scores, valued, weights, owner, seed, resamples)
    slope, intercept = slope_and_intercept(outcome, model, weights, owner)
    metrics = {
        **figures.pop(""),
        "calibration_slope": Estimate(*map(float, slope)),
        "calibration_intercept": Estimate(*map(float, intercept)),
    }
    if few(outcome, owner):
        figures = {group: _widened(group, found, folds) for group, found in figures.items()}
        metrics = _widened("", metrics, folds)
        metrics["auc"] = auc_interval(outcome, model, weights, owner, folds)
    return Evaluation(
        rows=len(outcome),
        accounts=int(owner.max()) + 1,
        positives=int(outcome.sum()),
        observed=float(np.average(outcome, weights=weights)),
        mean_p=float(np.average(model, weights=weights)),
        metrics=metrics,
        baselines={name: figures[f"of {name}"] for name in scores},
        gains={name: figures[f"over {name}"] for name in scores},
        reliability=reliability(outcome, model, weights, measured.bin),
        curve=curve(outcome, model, weights),
        histogram=histogram(outcome, model),
        valued=0 if worth is None else int(np.isfinite(worth).sum()),
        weighted=uneven,
    )


def _figures(
    y: NDArray[np.int8],
    model: Scored,
    others: Mapping[str, Floats],
    valued: Valued | None,
    weight: Floats,
    owner: NDArray[np.intp],
    seed: int,
    resamples: int,
) -> dict[str, dict[str, Estimate]]:
    """Figures of the model (under an empty name), of each baseline, and of the model over each."""
    even = weight if np.ptp(weight) > 0 else None
    rivals = {name: Scored.of(y, other, weight=even) for name, other in others.items()}

    def all_of(weights: Floats) -> dict[str, Floats]:
        found = {f"|{name}": values for name, values in measure(model, weights).items()}
        if valued is not None:
            found |= {f"|{name}": values for name, values in valued.measure(weights).items()}
        for rival, scored in rivals.items():
            theirs = measure(scored, weights)
            for name in COMPARED:
                sign = -1.0 if name in LESS_IS_BETTER else 1.0
                found[f"of {rival}|{name}"] = theirs[name]
                found[f"over {rival}|{name}"] = sign * (found[f"|{name}"] - theirs[name])
        return found

    result: dict[str, dict[str, Estimate]] = {"": {}}
    for key, estimate in estimates(all_of, weight, owner, resamples=resamples, seed=seed).items():
        group, _, name = key.rpartition("|")
        result.setdefault(group, {})[name] = estimate
    return result


def _widened(group: str, figures: dict[str, Estimate], folds: int) -> dict[str, Estimate]:
    """Figures of few outcomes with intervals as wide as their folds ask for."""
    by = float(np.sqrt(crossing(folds)))
    free = group.startswith("over ")
    return {
        name: widened(figure, by, *((-np.inf, np.inf) if free else limits(name)))
        for name, figure in figures.items()
    }


def _read(y: ArrayLike, scores: Mapping[str, ArrayLike]) -> tuple[NDArray[np.int8], dict[str, Floats]]:
    outcome = np.asarray(y)
    read = {name: np.asarray(p, dtype=np.float64) for name, p in scores.items()}
    faults = []
    for name, p in read.items():
        if p.shape != outcome.shape:
            faults.append(_bad("wrong-length", f"{name} has shape {p.shape} for {len(outcome)} rows"))
        elif not ((p >= 0) & (p <= 1)).all():
            faults.append(_bad("not-a-probability", f"{name} gives values outside 0 to 1, or none"))
    if not np.isin(outcome, (0, 1)).all():
        faults.append(_bad("not-binary", "The outcomes hold other values than 0 and 1"))
    if faults:
        raise InputError(faults)
    return outcome.astype(np.int8), read


def _enough(outcome: NDArray[np.int8]) -> None:
    positives = int(outcome.sum())
    if min(positives, len(outcome) - positives) < 2:
        raise InputError(_too_few(len(outcome), positives))


def _bad(code: str, found: str) -> Fault:
    return Fault(
        code=code,
        found=found,
        allowed="One outcome (0 or 1) and one probability for each row",
        do="Check how they were made",
    )


def _too_few(rows: int, positives: int) -> Fault:
    rate = positives / rows if rows else 0.0
    return Fault(
        code="cannot-evaluate",
        found=f"{positives} of {rows} rows to evaluate on have the outcome",
        allowed="At least two rows with the outcome and two without are needed to measure anything, and "
        f"about {needed_rows(rate):,} rows for an AUC known to within 0.05",
        do="Take more as-of dates, a longer horizon or more accounts",
        count=rows,
    )
