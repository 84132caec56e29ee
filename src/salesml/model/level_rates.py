"""Categories of many levels as one number each: how often their rows have the outcome, drawn to the average.

A tree that splits such a column by level has too few rows in each to choose well. So the parts of the model
see a rate instead (target statistics: Micci-Barreca 2001, doi:10.1145/507533.507538), for each row counted
on the other folds alone, so that no row's own outcome stands in what is learned from it. Afterwards a split
of the rates is written as what it is, a split of the levels into two sets: the merged model reads the codes
themselves, needs no table of rates, and its SHAP values are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from salesml.model.coding import Coding
from salesml.model.part import Part, Rows
from salesml.model.tree_text import CATEGORICAL, DEFAULT_LEFT, MISSING_APART, bits, in_text

Floats = NDArray[np.float64]

MANY = 64
"""Levels from which on a category is read as a rate."""


@dataclass(frozen=True)
class LevelRates:
    """The rates of the levels of some columns, in log-odds beside the average.

    Parameters
    ----------
    of_level : dict of int to ndarray of shape (levels,)
        By the column's position.
    """

    of_level: dict[int, Floats]

    @classmethod
    def learn(cls, rows: Rows, coding: Coding) -> LevelRates:
        """Rates over all rows; empty where no category has many levels."""
        return cls(
            {
                place: _rates(rows.coded[:, place], rows.y, rows.weight, len(coding.columns[place].levels))
                for place in coding.categories
                if len(coding.columns[place].levels) >= MANY
            }
        )

    def rows(self, rows: Rows, fold: NDArray[np.intp]) -> Rows:
        """The rows with rates for codes, each counted without the row's own fold; missing stays missing."""
        if not self.of_level:
            return rows
        coded = rows.coded.copy()
        for place, levels in self.of_level.items():
            column = rows.coded[:, place]
            for number in np.unique(fold):
                out = fold == number
                rates = _rates(column[~out], rows.y[~out], rows.weight[~out], len(levels))
                coded[out, place] = _read(column[out], rates)
        return replace(rows, coded=coded)

    def coding(self, coding: Coding) -> Coding:
        """The coding of such rows: rates are numbers."""
        columns = [
            replace(column, kind="number", levels=()) if place in self.of_level else column
            for place, column in enumerate(coding.columns)
        ]
        return replace(coding, columns=tuple(columns))

    def part(self, part: Part) -> Part:
        """A part whose trees split levels where they split rates."""
        if not self.of_level:
            return part
        return replace(part, trees=[self._tree(tree) for tree in part.trees])

    def _tree(self, tree: str) -> str:
        fields = dict(line.split("=", 1) for line in tree.split("\n"))
        places = [int(place) for place in fields["split_feature"].split()]
        kinds = [int(kind) for kind in fields["decision_type"].split()]
        nodes = [n for n, place in enumerate(places) if place in self.of_level and not kinds[n] & CATEGORICAL]
        if not nodes:
            return tree
        cuts, left, right = (fields[key].split() for key in ("threshold", "left_child", "right_child"))
        bounds, words = (fields.get(key, "").split() for key in ("cat_boundaries", "cat_threshold"))
        bounds = bounds or ["0"]
        for node in nodes:
            levels, cut = self.of_level[places[node]], float(cuts[node])
            goes = levels <= cut
            if _missing_left(kinds[node], cut):
                # What is missing or was never seen always goes right of a split by category.
                goes = ~goes
                left[node], right[node] = right[node], left[node]
            words += [str(word) for word in bits(np.flatnonzero(goes))]
            cuts[node], kinds[node] = str(len(bounds) - 1), CATEGORICAL | MISSING_APART
            bounds.append(str(len(words)))
        fields["num_cat"] = str(len(bounds) - 1)
        changed = {
            "threshold": cuts, "decision_type": map(str, kinds), "left_child": left, "right_child": right,
            "cat_boundaries": bounds, "cat_threshold": words,
        }  # fmt: skip
        return in_text({**fields, **{key: " ".join(values) for key, values in changed.items()}})


def _missing_left(kind: int, cut: float) -> bool:
    """Whether a split of numbers sends NaN left; where none was seen it is read as zero, the average."""
    return bool(kind & DEFAULT_LEFT) if kind & MISSING_APART else cut >= 0


def _read(codes: Floats, rates: Floats) -> Floats:
    known = ~np.isnan(codes)
    found = np.full(len(codes), np.nan)
    found[known] = rates[codes[known].astype(np.intp)]
    return found


def _rates(codes: Floats, y: NDArray[np.int8], weight: Floats, levels: int) -> Floats:
    """Log-odds of each level less those of the average.

    A level's rate is drawn to the average as if it had more rows, as many as fit how much the levels' rates
    differ beyond chance (method of moments, DerSimonian and Laird 1986): where they do not, all are zero.
    """
    known = ~np.isnan(codes)
    if not known.any():
        return np.zeros(levels)
    at, weight = codes[known].astype(np.intp), weight[known] * (known.sum() / weight[known].sum())
    held = np.bincount(at, weight, levels)
    hits = np.bincount(at, weight * y[known], levels)
    mean = hits.sum() / held.sum()
    chance = mean * (1 - mean)
    seen = held > 0
    beyond = float(np.sum((hits[seen] - held[seen] * mean) ** 2 / held[seen]) - (seen.sum() - 1) * chance)
    if chance == 0 or beyond <= 0:
        return np.zeros(levels)
    spread = beyond / (held.sum() - np.sum(held**2) / held.sum())
    rows = chance / spread
    rate = (hits + rows * mean) / (held + rows)
    return np.asarray(logit(np.clip(rate, 1e-6, 1 - 1e-6)) - logit(mean), dtype=np.float64)
