"""How good probabilities are on rows that were not learned from, with intervals and baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.errors import Fault
from salesml.model.bootstrap import Estimate, estimates
from salesml.model.faults import InputError
from salesml.model.metrics import Floats, Scored, bins, measure, ranked, slope_and_intercept
from salesml.model.sample_size import needed_rows
from salesml.model.target import read_owner, read_weight

COMPARED = ("auc", "average_precision", "log_loss", "brier")
"""Metrics in which the model is compared with each baseline."""
LESS_IS_BETTER = ("log_loss", "brier")


@dataclass(frozen=True)
class Bin:
    """One line of the reliability table: rows of like probability, and how often it came true."""

    rows: int
    mean_p: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """Figures with 95 % intervals, resampled by account.

    Parameters
    ----------
    rows, accounts, positives : int
    observed, mean_p : float
        Weighted share of positives, and mean probability.
    metrics : dict of str to Estimate
        ``auc``, ``average_precision``, ``log_loss``, ``brier``, ``calibration_error`` (ten equal-mass
        bins), ``calibration_slope``, ``calibration_intercept``, ``drift`` (mean probability less
        observed rate), ``lift_1`` and ``gain_1`` (top 1 %), likewise 5, 10, 20; with values
        ``value_gain_1`` …: the share of the positives' value in the top by probability times value.
    baselines : dict of str to dict of str to Estimate
        The same of each baseline, as far as compared.
    gains : dict of str to dict of str to Estimate
        Model against baseline, paired on the same rows; above zero means that the model is better.
    reliability : tuple of Bin
    curve : tuple of (float, float)
        Share of the list, share of the positives in it.
    histogram : tuple of (float, float, int, int)
        Probability from, to, negatives, positives.
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
        )

    def text(self) -> str:
        """The evaluation as tables."""
        from salesml.model.report import text

        return text(self)


def evaluate(
    y: ArrayLike,
    p: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    baselines: Mapping[str, ArrayLike] | None = None,
    value: ArrayLike | None = None,
    weight: ArrayLike | None = None,
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
        What each account is worth; adds the value-weighted gains. An account that costs more than it
        brings counts as zero.
    weight : array of shape (rows,), optional
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
    worth = None if value is None else _worth(value, len(outcome))
    model = scores.pop("the model")
    figures = _figures(outcome, model, scores, worth, weights, owner, seed, resamples)
    slope, intercept = slope_and_intercept(outcome, model, weights, owner)
    metrics = {
        **figures.pop(""),
        "calibration_slope": Estimate(*map(float, slope)),
        "calibration_intercept": Estimate(*map(float, intercept)),
    }
    return Evaluation(
        rows=len(outcome),
        accounts=int(owner.max()) + 1,
        positives=int(outcome.sum()),
        observed=float(np.average(outcome, weights=weights)),
        mean_p=float(np.average(model, weights=weights)),
        metrics=metrics,
        baselines={name: figures[f"of {name}"] for name in scores},
        gains={name: figures[f"over {name}"] for name in scores},
        reliability=_reliability(outcome, model, weights),
        curve=_curve(outcome, model, weights),
        histogram=_histogram(outcome, model),
    )


def _figures(
    y: NDArray[np.int8],
    p: Floats,
    others: Mapping[str, Floats],
    worth: Floats | None,
    weight: Floats,
    owner: NDArray[np.intp],
    seed: int,
    resamples: int,
) -> dict[str, dict[str, Estimate]]:
    """Figures of the model (under an empty name), of each baseline, and of the model over each."""
    model = Scored.of(y, p)
    rivals = {name: Scored.of(y, other) for name, other in others.items()}
    by_value = None if worth is None else Scored.of(y, p, rank_by=p * worth)

    def all_of(weights: Floats) -> dict[str, Floats]:
        found = {f"|{name}": values for name, values in measure(model, weights).items()}
        if worth is not None and by_value is not None:
            found |= {f"|{name}": values for name, values in _value_gains(by_value, weights, worth).items()}
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


def _value_gains(scored: Scored, weights: Floats, worth: Floats) -> dict[str, Floats]:
    """The positives' value found in the top of the list, the list being measured in accounts."""
    valued = Scored(scored.y * worth, scored.p, scored.order, scored.starts)
    return {f"value_{name}": v for name, v in ranked(valued, weights).items() if name.startswith("gain_")}


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
    positives = int(outcome.sum())
    if min(positives, len(outcome) - positives) < 2:
        raise InputError(_too_few(len(outcome), positives))
    return outcome.astype(np.int8), read


def _worth(value: ArrayLike, rows: int) -> Floats:
    worth = np.asarray(value, dtype=np.float64)
    if worth.shape != (rows,) or not np.isfinite(worth).all():
        raise InputError(
            Fault(
                code="bad-value",
                found=f"The values have shape {worth.shape} for {rows} rows, or some are missing or infinite",
                allowed="One value for each row",
                do="Put zero where an account is worth nothing",
            )
        )
    return np.maximum(worth, 0.0)


def _reliability(y: NDArray[np.int8], p: Floats, weight: Floats) -> tuple[Bin, ...]:
    """Ten bins of equal mass, with Wilson's interval for the observed rate."""
    codes = bins(p)
    found = []
    for code in np.unique(codes):
        here = codes == code
        rate = float(np.average(y[here], weights=weight[here])) if weight[here].sum() else 0.0
        low, high = _wilson(rate, int(here.sum()))
        found.append(Bin(int(here.sum()), float(p[here].mean()), rate, low, high))
    return tuple(found)


def _wilson(rate: float, rows: int) -> tuple[float, float]:
    z2 = 1.96**2
    middle = (rate + z2 / (2 * rows)) / (1 + z2 / rows)
    half = np.sqrt(rate * (1 - rate) * z2 / rows + z2**2 / (4 * rows**2)) / (1 + z2 / rows)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _curve(y: NDArray[np.int8], p: Floats, weight: Floats) -> tuple[tuple[float, float], ...]:
    order = np.argsort(-p, kind="stable")
    reached = np.r_[0.0, np.cumsum(weight[order])]
    found = np.r_[0.0, np.cumsum((weight * y)[order])]
    shares = np.linspace(0, 1, 101)
    gains = np.interp(shares * reached[-1], reached, found) / found[-1]
    return tuple(zip(shares.tolist(), gains.tolist(), strict=True))


def _histogram(y: NDArray[np.int8], p: Floats) -> tuple[tuple[float, float, int, int], ...]:
    edges = np.linspace(0, 1, 26)
    negative, _ = np.histogram(p[y == 0], edges)
    positive, _ = np.histogram(p[y == 1], edges)
    return tuple(
        (float(low), float(high), int(no), int(yes))
        for low, high, no, yes in zip(edges[:-1], edges[1:], negative, positive, strict=True)
    )


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
