"""Too few outcomes: how many more, computed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from salesml.model.sample_size import auc_error
from salesml.model.screening.positives import positives


def test_how_many_more_rows_are_needed_is_computed() -> None:
    (finding,) = positives(30, 200)
    assert finding.severity == "warn"
    assert "30 of 200 rows have the outcome" in finding.what
    more = int(re.search(r"At least ([\d,]+) more", finding.do).group(1).replace(",", ""))  # type: ignore[union-attr]
    rows = 200 + more
    half = 1.96 * auc_error(0.7, round(rows * 0.15), rows - round(rows * 0.15))
    assert np.isclose(half, 0.05, atol=0.002)


def test_enough_outcomes_are_no_finding() -> None:
    assert positives(500, 2_000) == []
    assert positives(0, 100) == []


@pytest.mark.parametrize(("outcomes", "rows"), [(3, 10_000), (20, 20_000), (30, 200), (6_990, 7_000)])
def test_so_many_more_rows_are_enough_at_any_rate(outcomes: int, rows: int) -> None:
    (finding,) = positives(outcomes, rows)
    found = re.search(r"At least ([\d,]+) more such rows, ([\d,]+) of them", finding.do)
    assert found
    more, with_it = (int(number.replace(",", "")) for number in found.groups())
    assert 0.8 < with_it / (more * outcomes / rows) < 1.25
    total = rows + more
    half = 1.96 * auc_error(0.7, round(total * outcomes / rows), total - round(total * outcomes / rows))
    assert 0.045 < half < 0.051
