"""The checks before training, made once for a backtest: a leak would raise every date's figures alike."""

from __future__ import annotations

from dataclasses import replace

from salesml.config import Spec
from salesml.lifecycle.backtest.collect import Late
from salesml.lifecycle.backtest.plan import Plan
from salesml.lifecycle.backtest.replay import usable
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import rows_of
from salesml.lifecycle.screened import screen_rows
from salesml.model.screening import Screening
from salesml.snapshots import Snapshot

KEPT_IN = "report.md"


def check_rows(spec: Spec, snapshot: Snapshot, plan: Plan, late: Late, say: Say) -> Screening | None:
    """Check the rows that any of the dates learns from, beside those of the newest date.

    Nothing of this reaches a model: each date's learns from what was known then, and no more.

    Returns
    -------
    Screening or None
        None where all rows have the same outcome, of which nothing can be said.

    Raises
    ------
    DataError
        With one fault for each column that all but equals the outcome.
    """
    dates = sorted(set().union(*(turn.train for turn in plan.turns)))
    newest = plan.turns[-1].as_of
    features = usable(snapshot.features, dates)
    known = replace(snapshot, features=features)
    rows = late.as_known(rows_of(known, dates), newest)
    if not 0 < rows.positives < len(rows):
        return None
    dated = [feature.name for feature in features if not feature.undated]
    later = rows_of(known, [newest])
    return screen_rows(spec, rows, say, later=later if len(later) else None, dated=dated, kept_in=KEPT_IN)
