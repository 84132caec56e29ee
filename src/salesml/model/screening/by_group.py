"""Whether a model errs alike for the groups of a protected attribute."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from salesml.model.metrics import Scored, ranked
from salesml.model.sample_size import auc_error
from salesml.model.screening.association import NEVER_QUITE, wilson
from salesml.model.screening.finding import Finding
from salesml.model.screening.proxies import FEWEST, levels_of
from salesml.model.screening.view import Floats, read_column

TOP = 0.1
"""Share of the list whose make-up is compared."""
SURE = 0.05
"""Chance of naming any difference where there is none, over all groups and figures of an attribute."""


@dataclass(frozen=True)
class Part:
    """How a model did on one group, each figure with its 95 % interval.

    Parameters
    ----------
    group : str
    rows, outcomes : int
    observed, mean_p : float
    miss : tuple of float
        Mean probability less observed rate.
    auc : tuple of float
        NaN where a group has too few outcomes of either kind.
    top : tuple of float
        Share of the group in the first tenth of the list.
    """

    group: str
    rows: int
    outcomes: int
    observed: float
    mean_p: float
    miss: tuple[float, float, float]
    auc: tuple[float, float, float]
    top: tuple[float, float, float]


@dataclass(frozen=True)
class Comparison:
    """A protected attribute: its groups side by side, and what differs beyond chance."""

    attribute: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]

    def text(self) -> str:
        """The groups as a Markdown table, or that there are none to compare."""
        if len(self.parts) < 2:
            return f"Fewer than two groups of {self.attribute} have {FEWEST} rows: nothing can be compared."
        lines = [
            f"| {self.attribute} | rows | with the outcome | says less came true | AUC | in the first 10 % |",
            "|---|---|---|---|---|---|",
        ]
        for part in self.parts:
            lines.append(
                f"| {part.group} | {part.rows:,} | {part.observed:.1%} | {_points(part.miss)} | "
                f"{_plain(part.auc)} | {_share(part.top)} |"
            )
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {"attribute": self.attribute, "groups": [asdict(part) for part in self.parts]}


def compare_groups(
    y: NDArray[np.int8], p: Floats, attribute: pd.Series[Any], weight: Floats | None = None
) -> Comparison:
    """Compare calibration, ranking and the top of the list between the groups of an attribute.

    Parameters
    ----------
    y, p : ndarray of shape (rows,)
        Outcomes and probabilities of rows that the model had not seen.
    attribute : Series of shape (rows,)
        A number is cut at its median; groups of fewer than 20 rows are left out.
    weight : ndarray of shape (rows,), optional
        How much each row counts: with a stated base rate, how many rows it stands for.
    """
    column = read_column(str(attribute.name), attribute.reset_index(drop=True))
    rows = _Rows.of(y, p, np.ones(len(y)) if weight is None else weight)
    groups = levels_of(column) if column.distinct else []
    parts = tuple(_part(group, rows, mask) for group, mask in groups)
    named = np.any([mask for _, mask in groups], axis=0) if groups else np.zeros(len(y), dtype=np.bool_)
    others = tuple(_part("", rows, named & ~mask) if len(groups) > 1 else None for _, mask in groups)
    return Comparison(column.name, parts, tuple(_differences(column.name, parts, others)))


@dataclass(frozen=True)
class _Rows:
    """What is compared, and which rows stand in the first tenth of the list."""

    y: NDArray[np.int8]
    p: Floats
    weight: Floats
    first: NDArray[np.bool_]

    @classmethod
    def of(cls, y: NDArray[np.int8], p: Floats, weight: Floats) -> _Rows:
        order = np.argsort(-p, kind="stable")
        before = np.cumsum(weight[order]) - weight[order]
        first = np.zeros(len(y), dtype=np.bool_)
        first[order] = before < TOP * weight.sum()
        return cls(y, p, weight, first)


def _part(group: str, rows: _Rows, mask: NDArray[np.bool_]) -> Part:
    y, p, weight = rows.y[mask], rows.p[mask], rows.weight[mask]
    share = weight / weight.sum()
    spread = float(np.sqrt((share**2 * p * (1 - p)).sum()))
    said, observed, first = float(share @ p), float(share @ y), float(share @ rows.first[mask])
    many = 1 / np.array([(share**2).sum()])  # as many equal weights would be as sure (Kish 1965)
    low, high = wilson(first * many, many, 1.96)
    return Part(
        group, len(y), int(y.sum()), observed, said, _interval(said - observed, spread), _auc(y, p, weight),
        (first, float(low[0]), float(high[0])),
    )  # fmt: skip


def _auc(y: NDArray[np.int8], p: Floats, weight: Floats) -> tuple[float, float, float]:
    outcomes, others = int(y.sum()), int((1 - y).sum())
    if min(outcomes, others) < FEWEST:
        return (float("nan"),) * 3
    auc = float(ranked(Scored.of(y, p), weight[None, :])["auc"][0])
    return _interval(auc, auc_error(min(max(auc, 0.001), 0.999), outcomes, others))


def _interval(value: float, error: float) -> tuple[float, float, float]:
    return value, value - 1.96 * error, value + 1.96 * error


def _differences(attribute: str, parts: tuple[Part, ...], others: tuple[Part | None, ...]) -> list[Finding]:
    """Findings ``unequal-error``: groups whose figures differ beyond chance from those of the others."""
    figures = (
        ("miss", "Probabilities miss the observed rate by {a} for {group}, by {b} for the others", _points),
        ("auc", "The AUC is {a} for {group}, {b} for the others", _plain),
        ("top", "{a} of {group} stand in the first tenth of the list, {b} of the others", _share),
    )
    limit = float(norm.isf(SURE / 2 / max(1, len(figures) * max(1, len(parts) - (len(parts) == 2)))))
    found = []
    for name, words, form in figures:
        for part, rest in list(zip(parts, others, strict=True))[: 1 if len(parts) == 2 else None]:
            if rest is None:
                continue
            mine, theirs = getattr(part, name), getattr(rest, name)
            z = abs(_z(mine, theirs))
            if z > limit:
                what = words.format(a=form(mine), b=form(theirs), group=f"{attribute} {part.group}")
                found.append(_finding(attribute, name, what, z))
    return found


def _z(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """How many standard errors two figures lie apart; 0 where one is not known."""
    error = np.hypot(one[2] - one[1], other[2] - other[1]) / (2 * 1.96)
    apart = (one[0] - other[0]) / error if error > 0 else 0.0
    return float(apart) if np.isfinite(apart) else 0.0


def _finding(attribute: str, figure: str, what: str, z: float) -> Finding:
    do = {
        "miss": "Probabilities of this group are not to be taken at their word: find out what it has that "
        "the features do not tell.",
        "auc": "The list serves this group worse or better: bring features that tell it as much.",
        "top": "That may be right where the rates differ. Decide whether it may be so.",
    }[figure]
    return Finding(
        code="unequal-error" if figure != "top" else "unequal-list",
        severity="warn" if figure != "top" else "note",
        what=f"{what}.",
        do=do,
        columns=(attribute,),
        sure=min(float(1 - 2 * norm.sf(z)), NEVER_QUITE),
    )


def _points(figure: tuple[float, float, float]) -> str:
    value, low, high = (100 * part for part in figure)
    return f"{value:+.1f} points [{low:+.1f}, {high:+.1f}]"


def _plain(figure: tuple[float, float, float]) -> str:
    value, low, high = figure
    return "too few outcomes" if np.isnan(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _share(figure: tuple[float, float, float]) -> str:
    value, low, high = figure
    return f"{value:.1%} [{low:.1%}, {high:.1%}]"
