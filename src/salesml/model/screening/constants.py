"""Columns from which nothing, or hardly anything, can be learned."""

from __future__ import annotations

import numpy as np

from salesml.model.screening.finding import Finding, listed
from salesml.model.screening.view import Column, View

NEARLY = 0.999
"""Share of rows with the same value from which a column is nearly constant."""


def constants(view: View) -> list[Finding]:
    """Findings ``empty-column``, ``constant-column`` and ``nearly-constant-column``, one for all such."""
    same = tuple(column.name for column in view.columns if column.constant)
    nearly = tuple(column.name for column in view.varying if _share(column) >= NEARLY)
    kinds = (
        ("empty-column", view.empty, "hold nothing in any row"),
        ("constant-column", same, "hold the same value in every row"),
        ("nearly-constant-column", nearly, f"hold the same value in {NEARLY:.1%} of the rows or more"),
    )
    return [_finding(code, names, what) for code, names, what in kinds if names]


def _share(column: Column) -> float:
    cells, size = column.fine
    return float(np.bincount(cells, minlength=size).max() / len(cells))


def _finding(code: str, names: tuple[str, ...], what: str) -> Finding:
    subject = "1 column" if len(names) == 1 else f"{len(names):,} columns"
    verb = what.replace("hold", "holds", 1) if len(names) == 1 else what
    return Finding(
        code=code,
        severity="note",
        what=f"{subject} {verb}: {listed(names)}.",
        do="Nothing, if that is right; otherwise mend where they come from.",
        columns=names,
    )
