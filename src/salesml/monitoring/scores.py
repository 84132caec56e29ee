"""Whether the scores themselves moved: their distribution, their mean, and who is in which band."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit, logit

from salesml.monitoring.dated import Dated
from salesml.monitoring.family import of_a_look
from salesml.monitoring.features import alarming, judge, limits
from salesml.monitoring.finding import Finding
from salesml.monitoring.moved import WHEN
from salesml.monitoring.profile import LAGS, Profile
from salesml.monitoring.usual import Usual, usual_of

RATIO = 1.2
"""A mean probability that changed by less than this factor raises no alarm."""

BANDS = ("A", "B", "C", "D")


def watch_scores(grid: Sequence[Dated], profiles: Sequence[Profile], looks: int) -> list[Finding]:
    """The distribution of the probabilities, their mean, and the share of each band."""
    alpha = of_a_look("scores", looks) / 2
    return [_spread(grid, profiles, alpha), *_mean(grid, alpha), *_bands(grid)]


def _spread(grid: Sequence[Dated], profiles: Sequence[Profile], alpha: float) -> Finding:
    now, judged = grid[-1], judge(profiles)[-1] or (1, float("nan"), None, None)
    lag, index, known, p = judged
    each = alpha / len(LAGS)
    low, high, threshold = limits(judged, each)
    usual = f"usual up to {high:.2f}" if high is not None else "what is usual is not known yet"
    return Finding(
        as_of=now.as_of, check="scores", since=grid[-1 - lag].as_of if len(grid) > lag else None,
        rows=len(now), value=index, usual_low=low, usual_high=high, threshold=threshold,
        p_value=p if known else None, alarm=alarming(judged, p is not None and p <= each),
        sentence=f"Probabilities against those of {WHEN[lag]}: stability index {index:.2f} ({usual})",
    )  # fmt: skip


def _mean(grid: Sequence[Dated], alpha: float) -> list[Finding]:
    """The mean probability in log-odds, against that of a month and of three months before."""
    found = change(grid, lambda each: float(logit(np.clip(each.p.mean(), 1e-6, 1 - 1e-6))), 0.02)
    if found is None:
        return []
    lag, _, usual, p = found
    before, now = float(grid[-1 - lag].p.mean()), float(grid[-1].p.mean())
    ratio = max(now, before) / max(min(now, before), 1e-9)
    low, high = usual.interval if usual else (None, None)
    base = float(logit(np.clip(before, 1e-6, 1 - 1e-6)))
    return [
        Finding(
            as_of=grid[-1].as_of, check="mean_score", since=grid[-1 - lag].as_of, rows=len(grid[-1]),
            value=now, usual_low=None if low is None else float(expit(base + low)),
            usual_high=None if high is None else float(expit(base + high)), p_value=p,
            alarm=p is not None and p <= alpha / len(LAGS) and ratio >= RATIO,
            sentence=f"The mean probability is {now:.1%}, was {before:.1%} {WHEN[lag]}",
        )
    ]  # fmt: skip


Change = tuple[int, float, Usual | None, float | None]
"""Lag, difference, what is usual of it, p-value."""


def change(grid: Sequence[Dated], figure: Callable[[Dated], float], least_sd: float) -> Change | None:
    """The least usual change of a figure up to the newest date, to either side; None with a single date."""
    values = np.array([figure(each) for each in grid])
    best: Change | None = None
    for lag in LAGS:
        if len(values) <= lag:
            continue
        steps = values[lag:] - values[:-lag]
        usual = usual_of(steps[:-1], least_sd)
        p = usual.p_away(float(steps[-1])) if usual else None
        if best is None or (p if p is not None else 1.0) < (best[3] if best[3] is not None else 1.0):
            best = (lag, float(steps[-1]), usual, p)
    return best


def _bands(grid: Sequence[Dated]) -> list[Finding]:
    """Shares of the bands, for whoever has to call all of A: told, without an alarm of their own."""
    now, past = grid[-1], grid[:-1]
    found = []
    for band in BANDS:
        value = float((now.band == band).mean())
        usual = usual_of([float((each.band == band).mean()) for each in past])
        low, high = (float(np.clip(end, 0, 1)) for end in usual.interval) if usual else (None, None)
        told = f", usual {low:.1%} to {high:.1%}" if usual else ""
        found.append(
            Finding(
                as_of=now.as_of, check=f"band_{band}", rows=len(now), value=value, usual_low=low,
                usual_high=high, sentence=f"{value:.1%} of all are in band {band}{told}",
            )
        )  # fmt: skip
    return found
