"""Whether the outcomes are enough to learn from and to tell how good a model is."""

from __future__ import annotations

from salesml.model.sample_size import HALF_WIDTH, auc_error, needed_rows, two_digits
from salesml.model.screening.finding import Finding

EXPECTED = 0.7
"""The AUC that is expected of an ordinary model."""
WIDE = 0.1
"""From this half width of the AUC's interval on hardly anything can be read."""


def positives(outcomes: int, rows: int) -> list[Finding]:
    """Finding ``few-outcomes``: how many more rows are needed, computed. Never a refusal.

    Parameters
    ----------
    outcomes : int
        Rows with the outcome.
    """
    rarer = min(outcomes, rows - outcomes)
    if rarer < 1:
        return []
    half = 1.96 * auc_error(EXPECTED, outcomes, rows - outcomes)
    if half <= HALF_WIDTH:
        return []
    more = max(1, needed_rows(outcomes / rows, EXPECTED) - rows)
    with_it = max(1.0, more * outcomes / rows)
    return [
        Finding(
            code="few-outcomes",
            severity="warn" if half > WIDE else "note",
            what=f"{outcomes:,} of {rows:,} rows have the outcome: an AUC of {EXPECTED} would be known to "
            f"within {half:.2f} only.",
            do=f"At least {two_digits(more):,} more such rows, {two_digits(with_it):,} of them with the "
            f"outcome, would make that {HALF_WIDTH}. Until then read the intervals, not the figures.",
            rows=outcomes,
        )
    ]
