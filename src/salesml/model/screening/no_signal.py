"""Whether any column tells anything of the outcome on its own."""

from __future__ import annotations

from scipy.stats import norm

from salesml.model.screening.finding import Finding
from salesml.model.screening.outcome_copies import Alone

CHANCE = 0.51
SURE = 0.99
FAINT = 0.55
"""An AUC below this is of hardly any use: where chance reaches no further, there is nothing to be found."""


def no_signal(told: dict[str, Alone]) -> list[Finding]:
    """Finding ``no-column-tells``, with the number of columns tried taken into account."""
    if not told:
        return []
    best = max(told.values(), key=lambda alone: alone.auc.beyond(CHANCE))
    z = float(norm.isf((1 - SURE) / len(told)))
    if best.auc.beyond(CHANCE) >= z:
        return []
    reach = min(CHANCE + z * best.auc.error, 1.0)
    tells = "tells" if reach < FAINT else "is shown to tell"
    return [
        Finding(
            code="no-column-tells",
            severity="note",
            what=f"No column {tells} the outcome on its own better than chance does: "
            f"{best.column.name} comes closest with an AUC of {best.auc.value:.3f}, where the best of "
            f"{len(told):,} columns may reach {reach:.3f} by chance.",
            do="Perhaps several do together, which the test after training will show. Otherwise bring "
            "columns that have to do with the outcome.",
            columns=(best.column.name,),
            sure=0.95,
        )
    ]
