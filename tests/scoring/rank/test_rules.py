"""Every list carries its rules: order, ties, limit, lots, seed, and those without a rep."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError
from salesml.scoring import rank, write_ranked
from salesml.scoring.rank import METADATA
from salesml.scoring.rank.explore import lot
from tests.scoring.rank.made import drawn


def test_the_rules_of_lists_within_hours() -> None:
    rules = rank(drawn(300, 1), hours_per_rep=20, explore=0.1, seed=7).attrs["rules"]
    assert rules["order"] == [
        "expected_value per expected hour descending, unknown last",
        "raw_score descending",
        "entity_id ascending",
    ]
    assert rules["limit"].startswith("hours of each list; rows are taken in order while they fit")
    assert "without a limit, for whoever hands them out" in rules["unassigned"]
    assert rules["explore"] == 0.1
    assert rules["seed"] == 7
    assert "BLAKE2b of seed, as_of, list and entity_id" in rules["pick_probability"]


def test_the_rules_where_nothing_limits_or_nothing_is_drawn() -> None:
    whole = rank(drawn(30, 1)).attrs["rules"]
    assert whole["limit"] == "none: every row that was scored is listed"
    assert whole["pick_probability"] == "1: nothing is drawn by lot"
    assert whole["lists"] == []
    sure = rank(drawn(30, 1), places_per_rep=3).attrs["rules"]
    assert sure["pick_probability"] == "1 for listed rows, 0 for others: nothing is drawn by lot"
    assert sure["order"][0] == "expected_value descending, unknown last"


def test_each_list_says_what_was_drawn_and_what_it_came_to() -> None:
    ranked = rank(drawn(300, 1), hours_per_rep=20, explore=0.1, seed=7)
    lists = {each["list"]: each for each in ranked.attrs["rules"]["lists"]}
    assert list(lists) == ["ann", "bob", "unassigned"]
    assert lists["unassigned"]["limit"] is None
    assert lists["unassigned"]["lot"] is None
    for name in ("ann", "bob"):
        part = ranked[(ranked["list"] == name) & ranked["rank"].notna()]
        lots = part[part["picked"] == "explore"]
        told = lists[name]
        assert told["lot"] == lot(7, "2026-01-01", name)
        assert told["listed"] == len(part)
        assert told["explored"] == len(lots)
        assert told["used"] == pytest.approx(part["expected_hours"].sum())
        assert told["expected"] == pytest.approx(part["expected_value"].sum())
        assert told["expected"] <= told["best"]
        assert told["limit"] == 20
        if len(lots):
            assert lots["pick_probability"].min() == pytest.approx(told["each"])


@pytest.mark.parametrize("name", ["list.parquet", "list.csv"])
def test_lists_with_a_limit_are_written_with_their_rules(tmp_path: Path, name: str) -> None:
    ranked = rank(drawn(100, 1), places_per_rep=5, explore=0.2, seed=3)
    beside = write_ranked(ranked, tmp_path / name)
    assert json.loads(beside.read_text()) == ranked.attrs["rules"]
    if name.endswith("parquet"):
        table = pq.read_table(tmp_path / name)
        assert json.loads(table.schema.metadata[METADATA.encode()]) == ranked.attrs["rules"]
        assert table["unlisted"].to_pylist() == [None if pd.isna(why) else why for why in ranked["unlisted"]]


def test_rules_that_were_lost_are_not_made_up(tmp_path: Path) -> None:
    taken_apart = pd.DataFrame(rank(drawn(100, 1), places_per_rep=5).to_dict("list"))
    with pytest.raises(DataError, match=r"their rules are no longer with them.*Write what `salesml\.rank`"):
        write_ranked(taken_apart, tmp_path / "list.csv")
    assert not list(tmp_path.iterdir())
