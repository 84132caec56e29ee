"""Whether the reasons of a row fit one another and its score: on all rows, by arithmetic alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import expit

from salesml.explain.strongest import ROUNDING
from salesml.model.bundle import Bundle
from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.result import Notes
from salesml.words import english as words
from salesml.words.reasons import MODERATE_SHARE, STRONG_SHARE

EXACT = 1e-6
"""What sums of double numbers may differ by, relative to the greatest of them or to 1."""

AGREE = 1e-5
"""What two ways of computing contributions may differ by, relative to a row's greatest or to 1."""

TIE = 1.5 * 10**-ROUNDING
"""What a reason may be weaker than the one behind it: contributions are ranked rounded."""

FEW = 32
"""Entries of a row that are compared pair by pair; more of them are sorted."""

STRENGTHS = (words.SLIGHT, words.MODERATE, words.STRONG)


def structure(listed: Listed, scores: pa.Table, bundle: Bundle, most: int, notes: Notes) -> None:
    """Note the sentences whose row or whose own fields do not fit together."""
    notes.add("too-many-reasons", (np.bincount(listed.row, minlength=len(scores)) > most)[listed.row])
    unknown = ~np.isfinite(listed.contribution) | ~np.isfinite(listed.share)
    notes.add("features", listed.group < 0)
    blank = np.array([not text for text in listed.words.values] + [True])[listed.words.codes]
    notes.add("empty", unknown | blank)
    known = listed.group >= 0
    notes.add("group-twice", repeated(listed.row, np.where(known, listed.group, -1 - listed.place)))
    follows = listed.place > 0
    size = np.abs(listed.contribution)
    notes.add("order", follows & (size > np.roll(size, 1) + TIE))
    ways = listed.direction.among((words.LOWERS, words.RAISES))
    notes.add("direction", ways != (listed.contribution > 0))
    notes.add("strength", listed.strength.among(STRENGTHS) != _strength(listed.share))
    notes.add("share", _shares(listed, scores))
    notes.add("sum", _sums(listed, scores, bundle)[listed.row])


def numbers(scores: pa.Table, name: str) -> NDArray[np.float64]:
    """A column as floats, NaN for null."""
    found: NDArray[np.float64] = pc.cast(scores[name], pa.float64()).to_numpy()
    return found


def repeated(row: NDArray[np.intp], what: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Entries whose row has the same thing before them; the entries of a row stand together."""
    result = np.zeros(len(row), dtype=bool)
    most = int(np.bincount(row).max(initial=1))
    if most <= FEW:
        for apart in range(1, most):
            result[apart:] |= (row[apart:] == row[:-apart]) & (what[apart:] == what[:-apart])
        return result
    order = np.lexsort((what, row))
    result[order] = (np.diff(row[order], prepend=-1) == 0) & (np.diff(what[order], prepend=-1) == 0)
    return result


def _strength(share: NDArray[np.float64]) -> NDArray[np.intp]:
    return (share >= MODERATE_SHARE).astype(np.intp) + (share >= STRONG_SHARE)


def _shares(listed: Listed, scores: pa.Table) -> NDArray[np.bool_]:
    """Shares are contributions over one whole, which is no less than all that is listed and the rest."""
    size, row = np.abs(listed.contribution), listed.row
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = size / listed.share
    first = np.flatnonzero(listed.place == 0)
    of_row = np.repeat(whole[first], np.diff(np.append(first, len(row))))
    least = np.bincount(row, size, minlength=len(scores)) + np.abs(numbers(scores, "other_contribution"))
    outside = ~((listed.share > 0) & (listed.share <= 1 + EXACT))
    differs = ~(np.abs(whole - of_row) <= EXACT * of_row)
    return outside | differs | (of_row < least[row] - AGREE * np.maximum(1, of_row))


def _sums(listed: Listed, scores: pa.Table, bundle: Bundle) -> NDArray[np.bool_]:
    """Rows in which base value, listed and other contributions are not the log-odds of the probability."""
    base, other = numbers(scores, "base_value"), numbers(scores, "other_contribution")
    raw, probability = numbers(scores, "raw_score"), numbers(scores, "probability")
    log_odds = bundle.calibration.logit(raw)
    total = base + other + np.bincount(listed.row, listed.contribution, minlength=len(scores))
    size = EXACT * np.maximum(1, np.abs(log_odds))
    wrong = np.abs(total - log_odds) > size
    wrong |= np.abs(base - bundle.base_value) > EXACT
    wrong |= ~np.isclose(probability, expit(log_odds), rtol=1e-9, atol=1e-12)
    found: NDArray[np.bool_] = wrong | ~np.isfinite(total)
    return found
