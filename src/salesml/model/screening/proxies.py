"""Features that tell a protected attribute which is itself no feature."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening.association import Outcome, crossed_auc
from salesml.model.screening.finding import Finding, listed
from salesml.model.screening.view import Column, View, read_column

TELLS, SURE = 0.7, 0.99
"""AUC from which a feature tells the attribute, surely."""
FEWEST = 20
SHOWN = 5


def proxies(view: View, protected: pd.DataFrame) -> list[Finding]:
    """Findings ``proxy``: one for each protected attribute that some feature tells."""
    found = []
    for place, name in enumerate(protected.columns):
        attribute = read_column(str(name), protected.iloc[:, place].reset_index(drop=True))
        told = _told(view, attribute)
        if told:
            found.append(_finding(attribute.name, told))
    return found


def levels_of(attribute: Column) -> list[tuple[str, np.ndarray]]:
    """The groups of an attribute with enough rows; a number is cut at its median."""
    if attribute.ordered and attribute.distinct > 8:
        middle = float(np.nanmedian(attribute.numbers))
        below = attribute.numbers < middle
        known = ~attribute.missing
        return [(f"under {middle:g}", below & known), (f"{middle:g} and over", ~below & known)]
    masks = [
        (str(_plain(attribute.levels[code])), attribute.codes == code) for code in range(attribute.distinct)
    ]
    return sorted((label, mask) for label, mask in masks if mask.sum() >= FEWEST)


def _plain(level: object) -> object:
    return int(level) if isinstance(level, float) and level.is_integer() else level


def _told(view: View, attribute: Column) -> list[tuple[float, str]]:
    """AUC and name of the features that tell one group of the attribute from the others."""
    best: dict[str, float] = {}
    groups = levels_of(attribute)
    for _, mask in groups[:1] if len(groups) == 2 else groups:
        outcome = Outcome.of(mask.astype(np.int8))
        if min(outcome.positives, outcome.negatives) < FEWEST:
            continue
        for column in view.varying:
            auc = crossed_auc(*column.cells, outcome)
            if auc.above(TELLS) >= SURE:
                best[column.name] = max(auc.value, best.get(column.name, 0.0))
    return sorted(((auc, name) for name, auc in best.items()), reverse=True)


def _finding(attribute: str, told: list[tuple[float, str]]) -> Finding:
    words = [f"{name} (AUC {auc:.2f})" for auc, name in told]
    return Finding(
        code="proxy",
        severity="note",
        what=f"{attribute} is no feature, but features tell it: {listed(words, SHOWN)}.",
        do=f"Leaving {attribute} out does not make the model blind to it. Compare its errors by group "
        "(checked), or leave those out too (exclude).",
        columns=tuple(name for _, name in told[:SHOWN]),
        sure=SURE,
    )
