"""Two columns that tell the outcome together: by their difference, sum, ratio, equality, or as a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from salesml.model.screening.association import Auc, Outcome, Sharp, crossed_auc, sharpest
from salesml.model.screening.coarse import coarse, grid_aucs
from salesml.model.screening.finding import Finding
from salesml.model.screening.outcome_copies import CUT_COVERS, HONEST, SHARP, SURE, Alone
from salesml.model.screening.view import Codes, Column, Floats, View

SAMPLED = 4_000
"""Rows on which all pairs are tried; the best are tried again on all rows."""
COLUMNS = 120
"""Columns whose pairs are tried as tables, the strongest alone first."""
NUMBERS = 40
"""Numbers whose differences, sums and ratios are tried."""
STRONGEST = 10
"""Columns that cannot leak themselves and are tried beside those that may."""
LIKELY = 0.85
"""AUC on the sample from which a pair is tried again."""
BEST = 12
"""Pairs of each form that are tried again on all rows."""
GAIN = 0.03
"""What a pair must add to the AUC of its better column."""


@dataclass(frozen=True)
class Pair:
    """Two columns, how they are put together, and a trial AUC on the sample."""

    a: Column
    b: Column
    form: str
    auc: float


FORMS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "difference": lambda a, b: a - b,
    "sum": lambda a, b: a + b,
    "ratio": lambda a, b: np.divide(a, b, out=np.full(len(a), np.nan), where=b != 0),
}

WORDS = {
    "difference": "the difference of {a} and {b}",
    "sum": "the sum of {a} and {b}",
    "ratio": "the ratio of {a} to {b}",
    "equality": "whether {a} and {b} are the same",
    "table": "{a} and {b} together",
}


def pairs(
    view: View, outcome: Outcome, told: dict[str, Alone], *, dated: Collection[str], known: Collection[str]
) -> list[Finding]:
    """Findings ``pair-tells-outcome``: each column in one at most.

    Parameters
    ----------
    known : collection of str
        Columns that are found out already.
    """
    usable = [c for c in view.varying if c.name not in known and not _row_by_row(c, view.rows)]
    usable.sort(key=lambda column: -told[column.name].auc.value)
    usable = _beside(usable, set(dated))[:COLUMNS]
    rows = np.random.default_rng(0).permutation(view.rows)[:SAMPLED]
    tried = [
        *_tables(usable, outcome, rows), *_arithmetic(usable, outcome, rows, set(dated)),
        *_equal(usable, outcome),
    ]  # fmt: skip
    found: list[Finding] = []
    used: set[str] = set()
    for pair in sorted(tried, key=lambda pair: -pair.auc):
        names = {pair.a.name, pair.b.name}
        if names & used or names <= set(dated):
            continue
        finding = _finding(pair, outcome, max(told[name].auc.value for name in names))
        if finding:
            found.append(finding)
            used |= names
    return found


def _beside(columns: list[Column], dated: set[str]) -> list[Column]:
    """The columns that may leak, and the strongest of the others, with which they may do so."""
    others = [column for column in columns if column.name in dated]
    kept = {column.name for column in others[:STRONGEST]}
    return (
        [] if len(others) == len(columns) else [c for c in columns if c.name not in dated or c.name in kept]
    )


def _row_by_row(column: Column, rows: int) -> bool:
    """Whether a category hardly repeats: no table can be made of it."""
    return column.kind == "category" and column.distinct > rows / 4


def _tables(columns: list[Column], outcome: Outcome, rows: Codes) -> Iterator[Pair]:
    """The pairs whose coarse table tells most on the sample."""
    if len(columns) < 2:
        return
    aucs = grid_aucs([coarse(column)[rows] for column in columns], outcome.y[rows])
    first, second = np.triu_indices(len(columns), 1)
    order = np.argsort(-aucs[first, second], kind="stable")[:BEST]
    for place in order:
        i, j = int(first[place]), int(second[place])
        if aucs[i, j] >= LIKELY:
            yield Pair(columns[i], columns[j], "table", float(aucs[i, j]))


def _arithmetic(columns: list[Column], outcome: Outcome, rows: Codes, dated: set[str]) -> Iterator[Pair]:
    """The pairs of numbers whose difference, sum or ratio tells most on the sample."""
    numbers = [column for column in columns if column.ordered and column.distinct > 2][:NUMBERS]
    sampled = Outcome(outcome.y[rows], outcome.fold[rows])
    tried = []
    for a, b in combinations(numbers, 2):
        if {a.name, b.name} <= dated:
            continue
        for form, make in FORMS.items():
            with np.errstate(all="ignore"):
                made = make(a.numbers[rows], b.numbers[rows])
            cells, size = cut(made)
            tried.append(Pair(a, b, form, _trial_auc(cells, size, sampled)))
    tried.sort(key=lambda pair: -pair.auc)
    yield from (pair for pair in tried[:BEST] if pair.auc >= LIKELY)


def _equal(columns: list[Column], outcome: Outcome) -> Iterator[Pair]:
    """The pairs of categories with common levels whose equality tells the outcome."""
    categories = [column for column in columns if column.kind == "category" and column.distinct > 2]
    for a, b in combinations(categories[:NUMBERS], 2):
        if 2 * len(set(a.levels) & set(b.levels)) >= min(a.distinct, b.distinct):
            yield Pair(a, b, "equality", _trial_auc(equal(a, b), 2, outcome))


def equal(a: Column, b: Column) -> Codes:
    """1 where two categories hold the same level."""
    places = {level: code for code, level in enumerate(b.levels)}
    same = np.array([*(places.get(level, -2) for level in a.levels), -3])
    return np.asarray(same[a.codes] == b.codes, dtype=np.int64)


def cut(values: Floats, number: int = 24) -> tuple[Codes, int]:
    """Equal-mass cells of numbers, frequent values in cells of their own; the last for missing."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values), dtype=np.int64), 1
    size = np.abs(values[known]).max()
    rounded = np.round(values / (size if size > 0 else 1.0), 9)
    ranked = np.sort(rounded[known])
    edges = ranked[(np.arange(1, number) * len(ranked)) // number]
    edges = np.unique(np.r_[edges, np.nextafter(edges[:-1][edges[1:] == edges[:-1]], np.inf)])
    cells = np.searchsorted(edges, rounded, side="right")
    return np.where(known, cells, len(edges) + 1).astype(np.int64), len(edges) + 2


def _trial_auc(cells: Codes, size: int, outcome: Outcome) -> float:
    """The AUC of cells by their own rates: flattering, and cheap."""
    everyone = np.bincount(cells, minlength=size).astype(np.float64)
    positive = np.bincount(cells, weights=outcome.y, minlength=size)
    order = np.argsort(positive / np.maximum(everyone, 1))
    up, down = positive[order], (everyone - positive)[order]
    whole = up.sum() * down.sum()
    return float((up * (np.cumsum(down) - down / 2)).sum() / whole) if whole else 0.5


def _finding(pair: Pair, outcome: Outcome, alone: float) -> Finding | None:
    cells, size = _cells(pair)
    auc = crossed_auc(cells, size, outcome)
    if auc.value < alone + GAIN:
        return None
    sharp = _sharp(pair, cells, size, outcome)
    surely = auc.above(HONEST)
    if surely < SURE and (sharp is None or sharp.low < SHARP):
        return None
    return _told(pair, auc, sharp if surely < SURE else None, alone)


def _cells(pair: Pair) -> tuple[Codes, int]:
    if pair.form == "equality":
        return equal(pair.a, pair.b), 2
    if pair.form in FORMS:
        with np.errstate(all="ignore"):
            return cut(FORMS[pair.form](pair.a.numbers, pair.b.numbers))
    a, b = coarse(pair.a), coarse(pair.b)
    width = int(b.max()) + 1
    return a * width + b, (int(a.max()) + 1) * width


def _sharp(pair: Pair, cells: Codes, size: int, outcome: Outcome) -> Sharp | None:
    """The sharpest cut; a table's cells are put in order on two folds and cut on the others."""
    if pair.form != "table":
        return sharpest(cells, size, outcome, ordered=True, cut_covers=CUT_COVERS, cell_covers=CUT_COVERS)
    learned = outcome.fold < 2
    everyone = np.bincount(cells[learned], minlength=size)
    positive = np.bincount(cells[learned], weights=outcome.y[learned], minlength=size)
    rates = (positive + outcome.y.mean()) / (everyone + 1)
    rank = np.empty(size, dtype=np.int64)
    rank[np.argsort(rates, kind="stable")] = np.arange(size)
    rest = ~learned
    return sharpest(
        rank[cells[rest]], size + 1, outcome.where(rest), ordered=True,
        cut_covers=CUT_COVERS, cell_covers=CUT_COVERS,
    )  # fmt: skip


def _told(pair: Pair, auc: Auc, sharp: Sharp | None, alone: float) -> Finding:
    words = WORDS[pair.form].format(a=pair.a.name, b=pair.b.name)
    words = words[0].upper() + words[1:] if pair.form != "table" else words
    verb = "tell" if pair.form == "table" else "tells"
    text = f"{words} {verb} the outcome: AUC {auc.value:.3f}, where either alone reaches {alone:.3f} at most."
    if sharp:
        text += f" Of {sharp.rows:,} rows {sharp.inside:.1%} have it, of the others {sharp.outside:.1%}."
    return Finding(
        code="pair-tells-outcome",
        severity="warn",
        what=text,
        do="Find out which of the two is written once the outcome is known, and leave it out (exclude). "
        "If both were known beforehand, insist (allow).",
        columns=(pair.a.name, pair.b.name),
        sure=auc.above(HONEST) if sharp is None else 0.99,
    )
