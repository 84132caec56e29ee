"""How good the model was, once outcomes are known, beside what training promised and probabilities expected.

A fall is judged beside three things: what chance does to so many accounts (their rows come together), how
far dates of the company's past lie apart beyond chance, and how surely the promise itself was known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from salesml.model.auc_interval import _influence, auc_interval
from salesml.model.bootstrap import Estimate
from salesml.model.metrics import Scored, measure, slope_and_intercept
from salesml.monitoring.dated import Dated, Floats
from salesml.monitoring.expected import expected
from salesml.monitoring.family import holm, of_a_look
from salesml.monitoring.finding import Finding
from salesml.monitoring.scores import BANDS

WINDOWS = (1, 3, 6)
"""So many of the newest ripe dates are judged together: one shows a break at once, six a slow loss."""

FALL = 0.02
"""A smaller fall of the AUC raises no alarm."""
RATIO = 1.2
"""Nor does a rate that is off by a smaller factor."""

BELIEVED = 4
"""Past dates that the spread below is worth, which stands in where there are few."""
SPREAD_AUC, SPREAD_RATE = 0.015, 0.15
"""Between dates, beyond chance: of the AUC, and of the logarithm of observed by expected rate."""
FEWEST = 10
"""With fewer rows of either outcome a date is not measured."""


@dataclass(frozen=True)
class Measured:
    """A ripe date.

    Parameters
    ----------
    pull : ndarray of shape (rows,)
        By how much each row pulls the AUC.
    """

    date: Dated
    y: Floats
    auc: float
    pull: Floats

    @property
    def log_ratio(self) -> float:
        """The logarithm of the observed rate by the mean probability."""
        return float(np.log(self.y.mean() / self.date.p.mean()))


def measured(date: Dated) -> Measured | None:
    """A date whose outcomes are known, and of both kinds."""
    if date.y is None:
        return None
    positives = int(date.y.sum())
    if min(positives, len(date) - positives) < FEWEST:
        return None
    auc, pull = _influence(date.y, date.p, np.ones(len(date)))
    return Measured(date, date.y.astype(np.float64), auc, pull)


@dataclass(frozen=True)
class Spread:
    """How far a figure lies apart between past dates, beyond chance, and of how many that is known."""

    sd: float
    df: float


def watch_realised(
    dates: Sequence[Dated], promised: Estimate | None, since: Dated | None, reach_days: int, looks: int
) -> list[Finding]:
    """Every date that has ripened since the model was tested, and the newest of them judged together.

    Parameters
    ----------
    dates : sequence of Dated
        All dates, the oldest first; those that were learned from are passed over.
    promised : Estimate or None
        The AUC of the training's test; measured on ``since`` when left out.
    since : Dated or None
        The newest date that was learned from or tested on: only later ones are judged, and earlier ones
        tell how far dates lie apart.
    reach_days : int
        Days from an as-of date to the end of its horizon.
    """
    found = [each for each in map(measured, (one for one in dates if not one.learned)) if each]
    last = since.as_of if since else None
    new = [each for each in found if last is None or each.date.as_of > last]
    past = [each for each in found if each not in new]
    if promised is None and past:
        promised = _auc(past[-1])
    if not new:
        return []
    lines = [line for each in new for line in _of_date(each, promised)]
    return lines + _judged(new, past, promised, reach_days, looks)


def _of_date(each: Measured, promised: Estimate | None) -> list[Finding]:
    """The figures of one date."""
    date, y = each.date, each.y
    auc, said = _auc(each), expected(date.p)
    figures = measure(Scored.of(y.astype(np.int8), date.p), np.ones((1, len(date))))
    owner = np.unique(date.entity.astype(str), return_inverse=True)[1]
    slope = Estimate(
        *map(float, slope_and_intercept(y.astype(np.int8), date.p, np.ones(len(date)), owner)[0])
    )
    was = f", {promised.value:.3f} in the test of training" if promised else ""
    base = {"as_of": date.as_of, "rows": len(date)}
    lines = [
        _line(
            base, "auc", auc,
            f"AUC {_brackets(auc)}{was}, {said['auc']:.3f} expected of the probabilities",
        ),
        _line(
            base, "log_loss", _alone(figures["log_loss"]),
            f"Log loss {float(figures['log_loss'][0]):.4f}, {said['log_loss']:.4f} expected",
        ),
        _line(
            base, "lift_10", _alone(figures["lift_10"]),
            f"Lift of the first tenth {float(figures['lift_10'][0]):.2f}, {said['lift_10']:.2f} expected",
        ),
        _line(
            base, "calibration", _ratio([each]),
            f"The outcome came about in {y.mean():.1%}, {date.p.mean():.1%} were said",
        ),
        _line(base, "slope", slope, f"Calibration slope {_brackets(slope, 2)}; under 1 is too extreme"),
    ]  # fmt: skip
    return lines + _bands(each)


def _bands(each: Measured) -> list[Finding]:
    lines = []
    for band in BANDS:
        inside = each.date.band == band
        if inside.sum() < FEWEST:
            continue
        rate = float(each.y[inside].mean())
        lines.append(
            Finding(
                as_of=each.date.as_of, check=f"lift_{band}", rows=int(inside.sum()),
                value=rate / float(each.y.mean()),
                sentence=f"Of band {band} {rate:.1%} had the outcome, {each.date.p[inside].mean():.1%} said",
            )
        )  # fmt: skip
    return lines


def _judged(
    new: Sequence[Measured], past: Sequence[Measured], promised: Estimate | None, reach_days: int, looks: int
) -> list[Finding]:
    """The newest dates together, of each window that they fill."""
    apart_auc, apart_rate = between_aucs(past), between_rates(past)
    found = []
    for size in WINDOWS:
        if size <= len(new):
            window = new[-size:]
            free = _apart(window, reach_days)
            if promised:
                found.append(_fall(window, promised, apart_auc, free))
            found.append(_off(window, apart_rate, free))
    beyond = holm([each.p_value for each in found], of_a_look("realised", looks))
    return [
        Finding(**(each.__dict__ | {"alarm": each.alarm and unusual}))
        for each, unusual in zip(found, beyond, strict=True)
    ]


def _fall(window: Sequence[Measured], promised: Estimate, apart: Spread, free: int) -> Finding:
    """Whether the mean AUC of some dates lies below the promise."""
    value = float(np.mean([each.auc for each in window]))
    error = _error([each.pull for each in window], window) / len(window)
    doubt = (promised.high - promised.low) / (2 * 1.96)
    sd = float(np.sqrt(error**2 + doubt**2 + apart.sd**2 * (1 / free + 1)))
    z = (promised.value - value) / sd
    half = float(student.isf(0.025, apart.df)) * sd
    date = window[-1].date
    return Finding(
        as_of=date.as_of, check="auc_kept", since=window[0].date.as_of,
        rows=sum(len(each.date) for each in window), value=value,
        low=value - 1.96 * error, high=value + 1.96 * error,
        threshold=promised.value - FALL,
        usual_low=promised.value - half, usual_high=min(1.0, promised.value + half),
        p_value=float(student.sf(z, apart.df)), alarm=promised.value - value >= FALL,
        sentence=f"Over {_of(len(window))} the AUC was {value:.3f}, promised were {promised.value:.3f} "
        f"(usual from {promised.value - half:.3f} on)",
    )  # fmt: skip


def _off(window: Sequence[Measured], apart: Spread, free: int) -> Finding:
    """Whether the rate lies off what was said."""
    ratio = _ratio(window)
    value = float(np.log(ratio.value))
    error = float(np.log(ratio.high / ratio.low) / (2 * 1.96))
    sd = float(np.sqrt(error**2 + apart.sd**2 / free))
    half = float(student.isf(0.025, apart.df)) * sd
    date = window[-1].date
    return Finding(
        as_of=date.as_of, check="rate_kept", since=window[0].date.as_of,
        rows=sum(len(each.date) for each in window), value=ratio.value, low=ratio.low, high=ratio.high,
        usual_low=float(np.exp(-half)), usual_high=float(np.exp(half)),
        p_value=float(2 * student.sf(abs(value) / sd, apart.df)), alarm=abs(value) >= float(np.log(RATIO)),
        sentence=f"Over {_of(len(window))} the outcome came about {ratio.value:.2f} times as often as said "
        f"(usual {np.exp(-half):.2f} to {np.exp(half):.2f})",
    )  # fmt: skip


def between_aucs(past: Sequence[Measured]) -> Spread:
    """How far AUCs of past dates lie apart beyond what chance does to each."""
    if len(past) < 2:
        return Spread(SPREAD_AUC, BELIEVED)
    chance = np.mean([_error([each.pull], [each]) ** 2 for each in past])
    seen = max(float(np.var([each.auc for each in past], ddof=1) - chance), 0.0)
    return _moderated(seen, len(past) - 1, SPREAD_AUC)


def between_rates(past: Sequence[Measured]) -> Spread:
    """How far observed and said rates of past dates lie apart beyond chance."""
    if not past:
        return Spread(SPREAD_RATE, BELIEVED)
    beyond = [
        max(each.log_ratio**2 - (float(np.log(r.high / r.low)) / (2 * 1.96)) ** 2, 0.0)
        for each, r in ((one, _ratio([one])) for one in past)
    ]
    return _moderated(float(np.mean(beyond)), len(past), SPREAD_RATE)


def _moderated(seen: float, number: int, believed: float) -> Spread:
    """A variance of few dates, drawn towards a believed one; never below what chance could hide.

    References
    ----------
    Smyth, "Linear models and empirical Bayes methods", Statistical Applications in Genetics 3 (2004).
    """
    variance = (BELIEVED * believed**2 + number * seen) / (BELIEVED + number)
    return Spread(float(np.sqrt(variance)), float(BELIEVED + number))


def _auc(each: Measured) -> Estimate:
    owner = np.unique(each.date.entity.astype(str), return_inverse=True)[1]
    return auc_interval(each.y.astype(np.int8), each.date.p, np.ones(len(each.date)), owner)


def _ratio(window: Sequence[Measured]) -> Estimate:
    """Observed by said, over some dates; an account's rows come together."""
    said = sum(float(each.date.p.sum()) for each in window)
    seen = sum(float(each.y.sum()) for each in window)
    error = _error([each.y - each.date.p for each in window], window) / seen
    value = seen / said
    return Estimate(value, float(value * np.exp(-1.96 * error)), float(value * np.exp(1.96 * error)))


def _error(parts: Sequence[Floats], window: Sequence[Measured]) -> float:
    """The standard error of a sum over rows, each account's rows taken together."""
    entity = np.concatenate([each.date.entity.astype(str) for each in window])
    owner = np.unique(entity, return_inverse=True)[1]
    return float(np.sqrt((np.bincount(owner, weights=np.concatenate(parts)) ** 2).sum()))


def _apart(window: Sequence[Measured], reach_days: int) -> int:
    """How many of some dates have horizons of their own."""
    span = (window[-1].date.as_of - window[0].date.as_of).days
    return span // max(reach_days, 1) + 1


def _line(base: dict[str, object], check: str, figure: Estimate, sentence: str) -> Finding:
    known = np.isfinite(figure.low)
    return Finding(
        **base, check=check, value=figure.value, low=figure.low if known else None,  # type: ignore[arg-type]
        high=figure.high if known else None, sentence=sentence,
    )  # fmt: skip


def _alone(value: Floats) -> Estimate:
    return Estimate(float(value[0]), float("nan"), float("nan"))


def _brackets(figure: Estimate, digits: int = 3) -> str:
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def _of(number: int) -> str:
    return "the newest date whose outcome is known" if number == 1 else f"the newest {number} such dates"
