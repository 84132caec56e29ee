"""How good the model may be expected to be before any outcome is known, from its probabilities alone.

If a probability is right, so many of those who have it will have the outcome: every figure has an expected
value. This holds only while the outcome goes with the features as in training; a change of that
(concept drift) is not seen before outcomes are known.

References
----------
Confidence-based performance estimation: Białek et al., "Estimating model performance under covariate shift
without labels" (2024), as in NannyML.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit, logit, xlogy

from salesml.monitoring.dated import Dated, Floats
from salesml.monitoring.family import of_a_look
from salesml.monitoring.finding import Finding
from salesml.monitoring.moved import WHEN
from salesml.monitoring.profile import LAGS
from salesml.monitoring.scores import Change, change

MATTERS = 0.03
"""A fall of the expected AUC by less raises no alarm."""

ASSUMED = "if probabilities are still calibrated and the outcome still goes with the features as in training"


def expected(p: Floats) -> dict[str, float]:
    """``auc``, ``log_loss``, ``lift_10`` and ``rate`` as calibrated probabilities promise them."""
    order = np.argsort(-p, kind="stable")
    ranked = p[order]
    positives, negatives = float(p.sum()), float((1 - p).sum())
    # Of each pair of a row with and a row without the outcome: equal probabilities count half.
    values, block = np.unique(p, return_inverse=True)
    hits = np.bincount(block, weights=p, minlength=len(values))
    rest = np.bincount(block, weights=1 - p, minlength=len(values))
    below = np.cumsum(rest) - rest / 2
    top = ranked[: max(1, round(0.1 * len(p)))]
    return {
        "auc": float((hits * below).sum() / (positives * negatives)),
        "log_loss": float(-(xlogy(p, p) + xlogy(1 - p, 1 - p)).mean()),
        "lift_10": float(top.mean() / p.mean()),
        "rate": float(p.mean()),
    }


def watch_expected(grid: Sequence[Dated], looks: int) -> list[Finding]:
    """Expected quality of the newest date; a fall of the expected AUC beyond what is usual is an alarm."""
    now = grid[-1]
    if len(now) < 2 or np.ptp(now.p) == 0:
        return []
    figures = expected(now.p)
    found = change(grid, lambda each: float(logit(expected(each.p)["auc"])), 0.01)
    alpha = of_a_look("expected", looks) / len(LAGS)
    findings = [_auc(grid, figures["auc"], found, alpha)]
    for name, words in (("log_loss", "log loss"), ("lift_10", "lift of the first tenth")):
        findings.append(
            Finding(
                as_of=now.as_of, check=f"expected_{name}", rows=len(now), value=figures[name],
                sentence=f"The {words} should be {figures[name]:.3f}, {ASSUMED}",
            )
        )  # fmt: skip
    return findings


def _auc(grid: Sequence[Dated], value: float, found: Change | None, alpha: float) -> Finding:
    now = grid[-1]
    base: dict[str, Any] = {
        "as_of": now.as_of, "check": "expected_auc", "rows": len(now), "value": value,
    }  # fmt: skip
    if found is None:
        return Finding(**base, sentence=f"The AUC should be {value:.3f}, {ASSUMED}")
    lag, _, usual, p = found
    before = expected(grid[-1 - lag].p)["auc"]
    low, high = (float(expit(logit(before) + end)) for end in usual.interval) if usual else (None, None)
    fallen = before - value >= MATTERS
    return Finding(
        **base, since=grid[-1 - lag].as_of, usual_low=low, usual_high=high, p_value=p,
        alarm=p is not None and p <= alpha and fallen,
        sentence=f"The AUC should be {value:.3f}, {before:.3f} {WHEN[lag]}, {ASSUMED}",
    )  # fmt: skip
