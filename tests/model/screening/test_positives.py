"""Too few outcomes: how many more, computed."""

from __future__ import annotations

import re

import numpy as np

from salesml.model.sample_size import auc_error
from salesml.model.screening.positives import positives


def test_how_many_more_rows_are_needed_is_computed() -> None:
    (finding,) = positives(30, 200)
    assert finding.severity == "warn"
    assert "30 of 200 rows have the outcome" in finding.what
    more = int(re.search(r"About ([\d,]+) more", finding.do).group(1).replace(",", ""))  # type: ignore[union-attr]
    rows = 200 + more
    half = 1.96 * auc_error(0.7, round(rows * 0.15), rows - round(rows * 0.15))
    assert np.isclose(half, 0.05, atol=0.002)


def test_enough_outcomes_are_no_finding() -> None:
    assert positives(500, 2_000) == []
    assert positives(0, 100) == []
