"""Columns of prospects are suspected sooner than those of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from salesml.model.screening import Screening, of_prospects, screen

SIZE = 4000


def rows(seed: int = 0) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """``late`` is filled in for 75 % of the won and 45 % of the others; ``tags`` copies most of it."""
    rng = np.random.default_rng(seed)
    y = (rng.random(SIZE) < 0.3).astype(int)
    filled = rng.random(SIZE) < np.where(y == 1, 0.75, 0.45)
    tags = np.where(rng.random(SIZE) < 0.7, np.where(y == 1, "will revert", "busy"), "none")
    frame = pd.DataFrame(
        {
            "late": np.where(filled, rng.choice(["a", "b"], SIZE), None),
            "random": np.where(rng.random(SIZE) < 0.5, rng.choice(["a", "b"], SIZE), None),
            "tags": tags,
        }
    )
    return frame, y


def screened(*, dated: tuple[str, ...] = (), allow: tuple[str, ...] = ()) -> tuple[Screening, Screening]:
    frame, y = rows()
    before = screen(frame, y, dated=dated, allow=allow)
    return before, of_prospects(before, frame, y, dated=dated, allow=allow)


def test_what_stands_for_the_outcome_stops() -> None:
    before, after = screened()
    assert {name for finding in before.stops for name in finding.columns} == set()
    assert {name for finding in after.stops for name in finding.columns} == {"tags"}
    assert [finding.severity for finding in after.findings] == sorted(
        (finding.severity for finding in after.findings), key=["stop", "warn", "note"].index
    )


def test_a_column_filled_in_for_some_is_asked_about() -> None:
    before, after = screened()
    assert "late" not in {name for finding in before.findings for name in finding.columns}
    (found,) = [finding for finding in after.findings if finding.columns == ("late",)]
    assert (found.code, found.severity) == ("filled-in-for-some", "warn")
    assert "Is it filled in after contact?" in found.what
    assert "whoever is to be scored has it empty still" in found.do
    asked = {f.columns for f in after.findings if f.code == "filled-in-for-some"}
    assert ("random",) not in asked


@pytest.mark.parametrize("spared", [{"dated": ("late", "tags")}, {"allow": ("late", "tags")}])
def test_what_is_dated_or_allowed_is_not(spared: dict[str, tuple[str, ...]]) -> None:
    _, after = screened(**spared)
    assert not after.stops
    assert ("late",) not in {finding.columns for finding in after.findings}
