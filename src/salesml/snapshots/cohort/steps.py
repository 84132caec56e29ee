"""The names of the steps that the labels share."""

from __future__ import annotations

COHORT, CANDIDATES, HORIZONS, BEGINNINGS = "cohort", "candidates", "horizons", "beginnings"
