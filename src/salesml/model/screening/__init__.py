"""Checks of the rows before training: what would spoil a model, where, how sure, and what to do."""

from __future__ import annotations

from salesml.model.screening.after_contact import of_prospects
from salesml.model.screening.by_group import Comparison, compare_groups
from salesml.model.screening.finding import Finding
from salesml.model.screening.repeats import duplicate_groups
from salesml.model.screening.screening import Screening, screen

__all__ = [
    "Comparison",
    "Finding",
    "Screening",
    "compare_groups",
    "duplicate_groups",
    "of_prospects",
    "screen",
]
