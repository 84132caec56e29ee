"""Whether any column tells anything of the outcome on its own."""

from __future__ import annotations

from scipy.stats import norm

from salesml.model.screening.finding import Finding
from salesml.model.screening.outcome_copies import Alone

CHANCE = 0.51
SURE = 0.99


def no_signal(told: dict[str, Alone]) -> list[Finding]:
    """Finding ``no-column-tells``, with the number of columns tried taken into account."""
    if not told:
        return []
    best = max(told.values(), key=lambda alone: alone.auc.beyond(CHANCE))
    if best.auc.beyond(CHANCE) >= float(norm.isf((1 - SURE) / len(told))):
        return []
    return [
        Finding(
            code="no-column-tells",
            severity="note",
            what=f"No column tells the outcome on its own better than chance does: {best.column.name} comes "
            f"closest with an AUC of {best.auc.value:.3f}, among {len(told):,} columns.",
            do="Perhaps several do together, which the test after training will show. Otherwise bring "
            "columns that have to do with the outcome.",
            columns=(best.column.name,),
            sure=0.95,
        )
    ]
