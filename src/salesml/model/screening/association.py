"""How well cells of rows tell the outcome: across folds, and how sharply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from salesml.model.folds import deal
from salesml.model.sample_size import auc_error
from salesml.model.screening.view import Codes, Floats

FOLDS = 5
NEVER_QUITE = 0.9999
"""What is estimated is never surer than this."""
FEWEST = 5
"""A cell of fewer rows than this is no evidence of its own."""


@dataclass(frozen=True)
class Outcome:
    """Who has the outcome, and the fold of each row."""

    y: NDArray[np.int8]
    fold: Codes

    @classmethod
    def of(cls, y: NDArray[np.int8], owner: Codes | None = None, seed: int = 0) -> Outcome:
        """Deal the rows into folds at random, the outcome spread evenly, rows of one owner together."""
        y = np.asarray(y, dtype=np.int8)
        numbered = np.arange(len(y)) if owner is None else np.unique(owner, return_inverse=True)[1]
        return cls(y, deal(y, numbered, FOLDS, np.random.default_rng(seed)).astype(np.int64))

    @property
    def positives(self) -> int:
        return int(self.y.sum())

    @property
    def negatives(self) -> int:
        return len(self.y) - self.positives

    def where(self, mask: NDArray[np.bool_]) -> Outcome:
        """The rows where a mask is true."""
        return Outcome(self.y[mask], self.fold[mask])


@dataclass(frozen=True)
class Auc:
    """An AUC of rows by rates that were counted on other folds, and its standard error."""

    value: float
    error: float

    def above(self, limit: float) -> float:
        """The probability that the true AUC lies above a limit."""
        return min(float(norm.cdf(self.beyond(limit))), NEVER_QUITE)

    def beyond(self, limit: float) -> float:
        """How many standard errors the AUC lies above a limit: for rules that divide by many columns, to
        which no probability that is cut short reaches."""
        return (self.value - limit) / max(self.error, 1e-4)

    def low(self, z: float = 1.96) -> float:
        return self.value - z * self.error


def crossed_auc(cells: Codes, size: int, outcome: Outcome) -> Auc:
    """The AUC of the cells' rates, each row ranked by the rate of its cell on the other folds."""
    place = cells * FOLDS + outcome.fold
    positive = np.bincount(place[outcome.y == 1], minlength=size * FOLDS).reshape(size, FOLDS)
    everyone = np.bincount(place, minlength=size * FOLDS).reshape(size, FOLDS)
    used = everyone.any(axis=1)
    hits, rows = positive[used].astype(np.float64), everyone[used].astype(np.float64)
    base = max(outcome.positives, 1) / max(len(outcome.y), 1)
    others = hits.sum(axis=1, keepdims=True) - hits
    rates = (others + base) / (rows.sum(axis=1, keepdims=True) - rows + 1)
    found = [_auc(rates[:, f], hits[:, f], rows[:, f]) for f in range(FOLDS)]
    values = [value for value in found if value is not None]
    auc = float(np.mean(values)) if values else 0.5
    kept = min(max(auc, 0.5), 0.999)
    return Auc(auc, auc_error(kept, max(outcome.positives, 1), max(outcome.negatives, 1)))


def by_rate(cells: Codes, size: int, outcome: Outcome) -> tuple[Codes, int]:
    """Cells anew, in the order of the rates that their rows' cells have on other folds; the last is empty."""
    place = cells * FOLDS + outcome.fold
    positive = np.bincount(place[outcome.y == 1], minlength=size * FOLDS).reshape(size, FOLDS)
    everyone = np.bincount(place, minlength=size * FOLDS).reshape(size, FOLDS)
    base = outcome.positives / max(len(outcome.y), 1)
    others = everyone.sum(axis=1, keepdims=True) - everyone
    rates = (positive.sum(axis=1, keepdims=True) - positive + base) / (others + 1)
    levels, rank = np.unique(np.round(rates, 3), return_inverse=True)
    return np.asarray(rank.ravel()[place], dtype=np.int64), len(levels) + 1


def _auc(rates: Floats, positive: Floats, everyone: Floats) -> float | None:
    negative = everyone - positive
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return None
    _, rank = np.unique(np.round(rates, 12), return_inverse=True)
    up, down = np.bincount(rank, weights=positive), np.bincount(rank, weights=negative)
    below = np.cumsum(down) - down
    return float((up * (below + down / 2)).sum() / pairs)


@dataclass(frozen=True)
class Sharp:
    """The sharpest division of the rows in two, with bounds that hold for all that were tried.

    Parameters
    ----------
    low : float
        Lower bound of the log odds ratio between the two sides.
    inside, outside : float
        Rates of the outcome. The inside is the smaller side.
    rows : int
        Rows inside.
    covers : float
        Share of the rarer outcome that is inside.
    mask : ndarray of shape (cells,)
        The cells inside.
    """

    low: float
    inside: float
    outside: float
    rows: int
    covers: float
    mask: NDArray[np.bool_]


def sharpest(
    cells: Codes, size: int, outcome: Outcome, *, ordered: bool, cut_covers: float, cell_covers: float
) -> Sharp | None:
    """The division that tells the outcome most sharply.

    Divisions tried are each single cell against the rest and, for ordered cells, every cut.

    Parameters
    ----------
    ordered : bool
        Whether neighbouring cells are neighbouring values; the last cell is for missing.
    cut_covers, cell_covers : float
        The share of the rarer outcome that the side where it is frequent must hold.
    """
    everyone = np.bincount(cells, minlength=size).astype(np.float64)
    positive = np.bincount(cells[outcome.y == 1], minlength=size).astype(np.float64)
    candidates = np.flatnonzero((everyone >= FEWEST) & (everyone < len(cells)))
    if not len(candidates):
        return None
    inside = [(everyone[candidates], positive[candidates], np.full(len(candidates), cell_covers))]
    if ordered and size > 2:
        cut = np.cumsum(everyone[:-1])[:-1], np.cumsum(positive[:-1])[:-1]
        inside.append((*cut, np.full(len(cut[0]), cut_covers)))
    n, k, need = (np.concatenate(part) for part in zip(*inside, strict=True))
    low, covers = _bounds(n, k, len(cells), float(positive.sum()))
    low = np.where(covers >= need, low, -np.inf)
    best = int(np.argmax(low))
    if not np.isfinite(low[best]):
        return None
    mask = np.zeros(size, dtype=np.bool_)
    if best < len(candidates):
        mask[candidates[best]] = True
    else:
        mask[: best - len(candidates) + 1] = True
    if n[best] > len(cells) / 2:
        mask = ~mask
    rows, hits = float(everyone[mask].sum()), float(positive[mask].sum())
    outside = (positive.sum() - hits) / (len(cells) - rows)
    return Sharp(float(low[best]), hits / rows, float(outside), int(rows), float(covers[best]), mask)


def _bounds(n: Floats, k: Floats, rows: int, positives: float) -> tuple[Floats, Floats]:
    """Lower bounds of the absolute log odds ratios, and how much of the rarer outcome the side holds
    where it is frequent."""
    z = float(norm.isf(0.01 / len(n)))
    rest, rest_k = rows - n, positives - k
    low, high = wilson(k, n, z)
    rest_low, rest_high = wilson(rest_k, rest, z)
    up, down = _logit(low) - _logit(rest_high), _logit(rest_low) - _logit(high)
    rare_is_positive = positives <= rows / 2
    total = positives if rare_is_positive else rows - positives
    here, there = (k, rest_k) if rare_is_positive else (n - k, rest - rest_k)
    frequent_here = (up >= down) == rare_is_positive
    covers = np.where(frequent_here, here, there) / max(total, 1)
    sound = (n > 0) & (rest > 0)
    return np.where(sound, np.maximum(up, down), -np.inf), covers


def wilson(k: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Wilson's interval of rates k / n."""
    n = np.maximum(n, 1e-9)
    p, z2 = np.clip(k / n, 0, 1), z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _logit(p: Floats) -> Floats:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p / (1 - p)))
