"""Whether a model errs alike for the groups of a protected attribute."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from salesml.model.sample_size import auc_error
from salesml.model.screening.association import NEVER_QUITE
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
        """The groups as a Markdown table."""
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


def compare_groups(y: NDArray[np.int8], p: Floats, attribute: pd.Series[Any]) -> Comparison:
    """Compare calibration, ranking and the top of the list between the groups of an attribute.

    Parameters
    ----------
    y, p : ndarray of shape (rows,)
        Outcomes and probabilities of rows that the model had not seen.
    attribute : Series of shape (rows,)
        A number is cut at its median; groups of fewer than 20 rows are left out.
    """
    column = read_column(str(attribute.name), attribute.reset_index(drop=True))
    first = np.zeros(len(y), dtype=np.bool_)
    first[np.argsort(-p, kind="stable")[: max(1, round(TOP * len(y)))]] = True
    groups = levels_of(column) if column.distinct else []
    parts = tuple(_part(group, y[mask], p[mask], first[mask]) for group, mask in groups)
    return Comparison(column.name, parts, tuple(_differences(column.name, parts)))


def _part(group: str, y: NDArray[np.int8], p: Floats, first: NDArray[np.bool_]) -> Part:
    rows, outcomes = len(y), int(y.sum())
    spread = float(np.sqrt((p * (1 - p)).mean() / rows))
    miss, share = float(p.mean() - y.mean()), float(first.mean())
    top = float(np.sqrt(max(share * (1 - share), 1 / rows) / rows))
    return Part(
        group, rows, outcomes, float(y.mean()), float(p.mean()), _interval(miss, spread), _auc(y, p),
        (share, max(0.0, share - 1.96 * top), min(1.0, share + 1.96 * top)),
    )  # fmt: skip


def _auc(y: NDArray[np.int8], p: Floats) -> tuple[float, float, float]:
    from scipy.stats import rankdata

    outcomes, others = int(y.sum()), int((1 - y).sum())
    if min(outcomes, others) < FEWEST:
        return (float("nan"),) * 3
    auc = (rankdata(p)[y == 1].sum() - outcomes * (outcomes + 1) / 2) / (outcomes * others)
    return _interval(float(auc), auc_error(min(max(float(auc), 0.001), 0.999), outcomes, others))


def _interval(value: float, error: float) -> tuple[float, float, float]:
    return value, value - 1.96 * error, value + 1.96 * error


def _differences(attribute: str, parts: tuple[Part, ...]) -> list[Finding]:
    """Findings ``unequal-error``: groups whose figures differ beyond chance from those of the others."""
    figures = (
        ("miss", "Probabilities miss the observed rate by {a} for {group}, by {b} for the others", _points),
        ("auc", "The AUC is {a} for {group}, {b} for the others", _plain),
        ("top", "{a} of {group} stand in the first tenth of the list, {b} of the others", _share),
    )
    limit = float(norm.isf(SURE / 2 / max(1, len(figures) * max(1, len(parts) - (len(parts) == 2)))))
    found = []
    for name, words, form in figures:
        for part in parts[:1] if len(parts) == 2 else parts:
            others = _pooled([other for other in parts if other is not part], name)
            mine = getattr(part, name)
            z = abs(_z(mine, others))
            if z > limit:
                found.append(
                    _finding(
                        attribute,
                        name,
                        words.format(a=form(mine), b=form(others), group=f"{attribute} {part.group}"),
                        z,
                    )
                )
    return found


def _z(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """How many standard errors two figures lie apart; 0 where one is not known."""
    error = np.hypot(one[2] - one[1], other[2] - other[1]) / (2 * 1.96)
    apart = (one[0] - other[0]) / error if error > 0 else 0.0
    return float(apart) if np.isfinite(apart) else 0.0


def _pooled(parts: list[Part], name: str) -> tuple[float, float, float]:
    """The figure of several groups together, each counting by its precision."""
    figures = [getattr(part, name) for part in parts]
    known = [figure for figure in figures if np.isfinite(figure[0]) and figure[2] > figure[1]]
    if not known:
        return (float("nan"),) * 3
    weight = np.array([1 / (high - low) ** 2 for _, low, high in known])
    value = float(np.average([figure[0] for figure in known], weights=weight))
    half = 0.5 / float(np.sqrt(weight.sum()))
    return value, value - half, value + half


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
