"""Columns that stand for the outcome on their own, and columns whose being filled in tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from salesml.model.screening.association import Auc, Outcome, Sharp, by_rate, crossed_auc, sharpest
from salesml.model.screening.finding import Finding
from salesml.model.screening.view import Column, View

HONEST = 0.92
"""No column that was known beforehand reaches this AUC on its own: one that does is suspected."""
EQUAL = 0.985
"""From this AUC on a column all but equals the outcome."""
SURE = 0.99
SHARP, SHARP_LEVELS = 3.7, 3.0
"""Log odds ratio between two sides of a number (1 to 40), or of a category (1 to 20), that no honest
column reaches: numbers are sharper in their tails."""
VALUES_TELL, VALUES_ADD = 0.85, 0.1
"""AUC by single values, and what they add to their neighbourhood, from which they betray how they were
made: a term counted up to a few closing days."""
CUT_COVERS = 0.3
"""Share of the rarer outcome behind a cut: far tails of an honest number are sharp as well."""
CELL_COVERS = 0.1
FILLED = 2.5
"""The same for filled in against missing (1 to 12)."""

ASK = (
    "Find out when it is written: if only once the outcome is known, leave it out (exclude). "
    "If it was known beforehand, insist (allow)."
)


@dataclass(frozen=True)
class Alone:
    """What one column tells on its own."""

    column: Column
    auc: Auc
    sharp: Sharp | None
    fine: float = 0.0
    """How much of the AUC single values add to their neighbourhood."""


def tell_alone(view: View, outcome: Outcome) -> dict[str, Alone]:
    """How well each column tells the outcome on its own."""
    return {column.name: _alone(column, outcome) for column in view.varying}


def _alone(column: Column, outcome: Outcome) -> Alone:
    cells, size = column.cells
    auc = crossed_auc(cells, size, outcome)
    fine = 0.0
    if column.ordered and column.distinct + 1 > size and column.distinct < len(cells) / 2:
        exact = crossed_auc(*column.fine, outcome)
        if exact.value > auc.value:
            auc, fine = exact, exact.value - auc.value
    return Alone(column, auc, _sharp(column, outcome), fine)


def _sharp(column: Column, outcome: Outcome) -> Sharp | None:
    """The sharpest cut of a number, or value of it; of a category some levels against the others."""
    cells, size = column.cells
    sharp = sharpest(
        cells, size, outcome, ordered=column.ordered, cut_covers=CUT_COVERS, cell_covers=CELL_COVERS
    )
    if column.ordered or not 3 < size < len(cells) / 10:
        return sharp
    some = sharpest(
        *by_rate(cells, size, outcome), outcome, ordered=True, cut_covers=CUT_COVERS, cell_covers=CUT_COVERS
    )
    return max((found for found in (sharp, some) if found), key=lambda found: found.low, default=None)


def copies(told: dict[str, Alone], outcome: Outcome, *, dated: Collection[str]) -> list[Finding]:
    """Findings ``filled-in-after`` and ``stands-for-outcome``, at most one for each column."""
    found = []
    for alone in told.values():
        if alone.column.name in dated:
            continue
        finding = _stop(alone, outcome) or _filled(alone.column, outcome) or _copy(alone)
        if finding:
            found.append(finding)
    return found


def _stop(alone: Alone, outcome: Outcome) -> Finding | None:
    sure = alone.auc.above(HONEST)
    enough = min(outcome.positives, outcome.negatives) >= 10
    if alone.auc.value < EQUAL or sure < SURE or not enough:
        return None
    return Finding(
        code="equals-outcome",
        severity="stop",
        what=f"{alone.column.name} all but equals the outcome: alone it reaches an AUC of "
        f"{alone.auc.value:.3f} on rows it was not counted on.",
        do=ASK,
        columns=(alone.column.name,),
        sure=sure,
    )


def _filled(column: Column, outcome: Outcome) -> Finding | None:
    if not column.missing.any():
        return None
    filled = (~column.missing).astype(np.int64)
    sharp = sharpest(filled, 2, outcome, ordered=False, cut_covers=1.0, cell_covers=CELL_COVERS)
    if sharp is None or sharp.low < FILLED:
        return None
    inside, outside = (sharp.inside, sharp.outside) if sharp.mask[1] else (sharp.outside, sharp.inside)
    return Finding(
        code="filled-in-after",
        severity="warn",
        what=f"Whether {column.name} is filled in tells the outcome: {inside:.1%} of the "
        f"{int(filled.sum()):,} rows where it is have it, {outside:.1%} of the others.",
        do=ASK,
        columns=(column.name,),
        rows=int(filled.sum()),
        sure=0.99,
    )


def _copy(alone: Alone) -> Finding | None:
    name, auc, sharp = alone.column.name, alone.auc, alone.sharp
    if auc.above(HONEST) >= SURE:
        what = f"{name} alone reaches an AUC of {auc.value:.3f}, more than columns known beforehand do."
        return Finding(
            code="stands-for-outcome", severity="warn", what=what, do=ASK, columns=(name,),
            sure=auc.above(HONEST),
        )  # fmt: skip
    if auc.value >= VALUES_TELL and alone.fine >= VALUES_ADD:
        what = (
            f"Single values of {name} tell the outcome (AUC {auc.value:.3f}) far better than their "
            f"neighbourhood does ({auc.value - alone.fine:.3f}): it may be counted up to the outcome."
        )
        return Finding(
            code="stands-for-outcome", severity="warn", what=what, do=ASK, columns=(name,), sure=0.99
        )
    limit = SHARP if alone.column.ordered else SHARP_LEVELS
    if sharp is None or sharp.low < limit:
        return None
    what = (
        f"{name} divides the rows more sharply than columns known beforehand do: of {sharp.rows:,} rows "
        f"{sharp.inside:.1%} have the outcome, of the others {sharp.outside:.1%}."
    )
    return Finding(
        code="stands-for-outcome", severity="warn", what=what, do=ASK, columns=(name,), rows=sharp.rows,
        sure=0.99,
    )  # fmt: skip
