"""Columns that look as if they were written after the fact, whatever they tell: by name, by their filling."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np

from salesml.model.screening.association import Outcome, sharpest
from salesml.model.screening.finding import Finding, listed
from salesml.model.screening.identifiers import spaced
from salesml.model.screening.outcome_copies import CELL_COVERS, Alone
from salesml.model.screening.view import Column, View

STATE = re.compile(
    r"\b(last|latest|status|stage|reason|closed?|cancell?ed|cancell?ation|terminat\w+|outcome|result|"
    r"disposition|resolution|churn\w*|won|lost)\b"
)
"""Words of columns that say how things stood when the table was written, not when the prediction is due."""
TELLS, SURE = 0.6, 0.99
SUSPECTED = 0.5
"""Names and fillings are hints: as often as not the column was known beforehand."""
MOSTLY_MISSING, FILLED = 0.4, 1.0
"""A column empty in this share of rows, whose being filled in changes the odds by this much (log)."""
BLOCK, BLOCK_MISSING = 3, 0.3
"""Columns filled in for exactly the same rows from this number on were filled in by one later step."""


def written_later(
    view: View, outcome: Outcome, told: dict[str, Alone], *, dated: Collection[str], known: Collection[str]
) -> list[Finding]:
    """Findings ``state-of-today``, ``filled-in-for-some`` and ``filled-in-together``."""
    found = []
    for column in view.varying:
        if column.name in dated or column.name in known:
            continue
        finding = _state(told[column.name]) or _some(column, outcome)
        if finding:
            found.append(finding)
    return found + _together(view, dated=dated, known=known)


def _state(alone: Alone) -> Finding | None:
    column = alone.column
    if column.kind == "number" or not STATE.search(spaced(column.name)):
        return None
    if alone.auc.above(TELLS) < SURE:
        return None
    return Finding(
        code="state-of-today",
        severity="warn",
        what=f"{column.name} seems to say how things stood when the table was written, and tells the outcome "
        f"(AUC {alone.auc.value:.3f} alone).",
        do="If it is still changed once the outcome is known, leave it out (exclude), or take its value of "
        "the date of the prediction. If not, insist (allow).",
        columns=(column.name,),
        sure=SUSPECTED,
    )


def _some(column: Column, outcome: Outcome) -> Finding | None:
    share = float(column.missing.mean())
    if share < MOSTLY_MISSING:
        return None
    filled = (~column.missing).astype(np.int64)
    sharp = sharpest(filled, 2, outcome, ordered=False, cut_covers=1.0, cell_covers=CELL_COVERS)
    if sharp is None or sharp.low < FILLED:
        return None
    inside, outside = (sharp.inside, sharp.outside) if sharp.mask[1] else (sharp.outside, sharp.inside)
    return Finding(
        code="filled-in-for-some",
        severity="warn",
        what=f"{column.name} is empty in {share:.0%} of the rows, and whether it is filled in tells much of "
        f"the outcome: {inside:.1%} have it where it is, {outside:.1%} where it is not.",
        do="Find out who fills it in, and when. If it is filled in while dealing with the account, it grows "
        "with the time that an account stays: leave it out (exclude). If those accounts were known better "
        "from the start, as members of a loyalty scheme are, insist (allow).",
        columns=(column.name,),
        rows=int(filled.sum()),
        sure=SUSPECTED,
    )


def _together(view: View, *, dated: Collection[str], known: Collection[str]) -> list[Finding]:
    blocks: dict[bytes, list[Column]] = {}
    for column in view.varying:
        if BLOCK_MISSING <= column.missing.mean() < 1 and column.name not in dated:
            blocks.setdefault(np.packbits(column.missing).tobytes(), []).append(column)
    found = []
    for block in blocks.values():
        names = tuple(column.name for column in block if column.name not in known)
        if len(block) >= BLOCK and names:
            rows = int((~block[0].missing).sum())
            what = (
                f"{listed(names)} are filled in for exactly the same {rows:,} of {view.rows:,} rows: one "
                "step fills them in, for some rows only."
            )
            found.append(
                Finding(
                    code="filled-in-together",
                    severity="warn",
                    what=what,
                    columns=names,
                    rows=rows,
                    sure=SUSPECTED,
                    do="Find out when that step runs: if after the date of the prediction, leave them out "
                    "(exclude). If before, insist (allow).",
                )
            )
    return found
