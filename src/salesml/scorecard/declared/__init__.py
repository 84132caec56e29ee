"""The tables of the checks that are no figures: what stands in them, and how the report shows it."""

from salesml.scorecard.declared.customers import KEPT, RESEMBLE
from salesml.scorecard.declared.meeting import BRIEF, OUTCOMES
from salesml.scorecard.declared.selling import COSTS, HOURS, STEADY

FURTHER = (*KEPT, *RESEMBLE, *STEADY, *COSTS, *HOURS, *OUTCOMES, *BRIEF)
"""In the order of the report."""
