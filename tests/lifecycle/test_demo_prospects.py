"""The demo's prospects, and what their order is held against."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.lifecycle.demo_prospects import AS_OF, demo_prospects
from salesml.lifecycle.demo_truth import against_truth, with_truth, worth


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The ranked list's path and everything printed, of a small company."""
    lines: list[str] = []
    folder = tmp_path_factory.mktemp("company")
    return demo_prospects(folder, lines.append, size=1_000), "\n".join(lines)


def test_prospects_are_trained_ranked_and_shown(shown: tuple[Path, str]) -> None:
    path, text = shown
    ranked = pd.read_parquet(path)
    assert (pd.to_datetime(ranked["as_of"]).dt.date == AS_OF).all()
    first = ranked[ranked["rank"] == 1].iloc[0]
    place = text.index(f"  1. {first['entity_id']}")
    entry = text[place : text.index("\n\n", place)]
    assert first["reasons"][0]["words"] in " ".join(entry.split())
    assert "expected in" in entry
    assert len(re.findall(r"Ideal\s+customers\s+like\s+it:", text)) == 3
    assert text.count("Verdict:") == 2


def test_what_is_shown_of_the_truth_is_between_none_and_all(shown: tuple[Path, str]) -> None:
    reached = re.search(r"the models\s+reach\s+(\d+)%\s+of\s+it", shown[1])
    assert reached
    assert 50 <= int(reached[1]) <= 105


def test_the_oracle_is_the_best_order_and_chance_alone_is_worse() -> None:
    """Two prospects of equal chance, of which one takes ten times the hours."""
    day = pd.Timestamp("2026-01-01")
    scores = pd.DataFrame(
        {
            "entity_id": ["quick", "slow", "failed"], "as_of": day, "status": ["scored"] * 2 + ["not scored"],
            "rep_id": "ann", "probability": [0.4, 0.5, np.nan], "return_on_effort": [100.0, 10.0, np.nan],
        }
    )  # fmt: skip
    truth = pd.DataFrame(
        {
            "prospect_id": ["quick", "slow"], "as_of": day, "p_observable": [0.5, 0.5],
            "value_observable": [200.0, 200.0], "hours_observable": [1.0, 10.0],
        }
    )  # fmt: skip
    rows = with_truth(scores, truth)
    assert rows["true_return"].tolist() == [100.0, 10.0]
    assert worth(rows, "return_on_effort", {"ann": 10.0}) == 100.0
    assert worth(rows, "probability", {"ann": 10.0}) == 10.0
    assert worth(rows, "probability", {"bob": 10.0}) == 0.0
    said = against_truth(scores, truth, {"ann": 10.0}, "GBP")
    assert "the models reach 100% of it" in said
    assert "£10, 10%" in said
