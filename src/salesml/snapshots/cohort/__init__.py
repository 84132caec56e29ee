"""Who is in a snapshot, what became of them, and who is left out and why: one file per kind of label."""

from salesml.snapshots.cohort.cohort import add_cohort
from salesml.snapshots.cohort.leaving import LEFT_DAY, add_leaving
from salesml.snapshots.cohort.reasons import KEPT, REASONS, UNSCORABLE, Dropped
from salesml.snapshots.cohort.steps import COHORT

__all__ = ["COHORT", "KEPT", "LEFT_DAY", "REASONS", "UNSCORABLE", "Dropped", "add_cohort", "add_leaving"]
