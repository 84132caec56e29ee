"""Whether what moves the scores is what moved them in training: agreement of the SHAP ranking.

References
----------
Nigenda et al., "Amazon SageMaker Model Monitor", KDD 2022, for the measure and its limit of .9; Järvelin and
Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM Transactions on Information Systems 20
(2002).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salesml.monitoring.dated import Dated, Floats
from salesml.monitoring.family import of_a_look
from salesml.monitoring.finding import Finding
from salesml.monitoring.usual import usual_of

SAME = 0.9
"""From this agreement on nothing is told, however unusual."""
NAMED = 3


def watch_attributions(
    grid: Sequence[Dated], reference: Sequence[Dated], groups: Sequence[str], looks: int
) -> list[Finding]:
    """The agreement of the newest date with the model's own dates, beside that of all past dates."""
    if not len(grid[-1].size):
        return []
    own = np.mean([each.size for each in reference], axis=0)
    dates = {each.as_of for each in reference}
    past = [agreement(own, each.size) for each in grid[:-1] if each.as_of not in dates]
    now = grid[-1]
    value = agreement(own, now.size)
    usual = usual_of([_distance(each) for each in past], least_sd=0.01)
    alpha = of_a_look("attributions", looks)
    p = usual.p_above(_distance(value)) if usual else None
    low = max(0.0, 1 - max(usual.interval[1], 0.0) ** 2) if usual else None
    limit = min(SAME, 1 - max(usual.above(alpha), 0.0) ** 2) if usual else SAME
    unusual = True if p is None else p <= alpha
    return [
        Finding(
            as_of=now.as_of, check="attributions", since=max(dates), rows=len(now), value=value,
            usual_low=low, usual_high=1.0 if usual else None, threshold=limit, p_value=p,
            alarm=value < SAME and unusual, sentence=_sentence(value, own, now.size, groups, low),
        )
    ]  # fmt: skip


def agreement(gains: Floats, shown: Floats) -> float:
    """Normalised discounted cumulative gain of groups listed by ``shown``, each worth its ``gains``."""
    discount = 1 / np.log2(np.arange(2, len(gains) + 2))
    best = np.sort(gains)[::-1] @ discount
    return float(gains[np.argsort(-shown, kind="stable")] @ discount / best) if best > 0 else 1.0


def _distance(value: float) -> float:
    return float(np.sqrt(max(1 - value, 0.0)))


def _sentence(value: float, own: Floats, now: Floats, groups: Sequence[str], low: float | None) -> str:
    usual = f", usual from {low:.2f}" if low is not None else ""
    head = f"What moves the scores agrees with training by {value:.2f} (nDCG; 1 is the same{usual})"
    was, is_ = own / (own.sum() or 1.0), now / (now.sum() or 1.0)
    most = np.argsort(-np.abs(is_ - was), kind="stable")[:NAMED]
    told = [f"{groups[k]} {was[k]:.0%} to {is_[k]:.0%}" for k in most if abs(is_[k] - was[k]) >= 0.02]
    return f"{head}: {', '.join(told)}" if told else head
