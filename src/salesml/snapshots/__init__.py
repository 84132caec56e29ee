"""One row per account and as-of date: what was known then and, where it is past, the outcome."""

from salesml.snapshots.cohort import Dropped
from salesml.snapshots.feature import Feature
from salesml.snapshots.plan import plan_split
from salesml.snapshots.snapshot import Snapshot
from salesml.snapshots.take import snapshot_sql, take
from salesml.snapshots.take_outcomes import Outcomes, take_outcomes

__all__ = [
    "Dropped",
    "Feature",
    "Outcomes",
    "Snapshot",
    "plan_split",
    "snapshot_sql",
    "take",
    "take_outcomes",
]
