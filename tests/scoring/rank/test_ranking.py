"""The ranked list: its order, its ties, and its rules beside it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, UsageError
from salesml.scoring import Scorer, rank, write_ranked
from salesml.scoring.rank import METADATA, ranked_schema
from salesml.scoring.table import schema
from tests.scoring.made import bundle, rows

SCORES = Scorer(bundle(), threads=1).score(rows(60, 1), run_id="test")


def alike(**columns: list[object]) -> pd.DataFrame:
    """Rows that differ in the columns given only."""
    size = len(next(iter(columns.values())))
    base = pd.concat([SCORES.iloc[[0]]] * size, ignore_index=True)
    base["rep_id"] = None
    return base.assign(**columns)


def test_by_value_at_risk_within_each_list() -> None:
    ranked = rank(SCORES)
    assert ranked["expected_loss"].is_monotonic_decreasing
    assert list(ranked.columns) == ranked_schema("churn").names
    for _, part in ranked.groupby("list"):
        assert list(part["rank"]) == list(range(1, len(part) + 1))
    assert set(ranked["list"]) == {"ann", "bob", "unassigned"}
    assert (ranked["pick_probability"] == 1).all()


def test_one_list_where_nobody_has_a_rep() -> None:
    ranked = rank(SCORES.assign(rep_id=None))
    assert set(ranked["list"]) == {"all"}
    assert list(ranked["rank"]) == list(range(1, 61))


def test_ties_go_by_raw_score_then_by_id() -> None:
    ranked = rank(
        alike(
            entity_id=["d", "c", "b", "a", "e"],
            expected_loss=[5.0, 5.0, 5.0, 5.0, 6.0],
            raw_score=[40.0, 40.0, 41.0, 39.0, 1.0],
            probability=[1.0] * 5,
        )
    )
    assert list(ranked["entity_id"]) == ["e", "b", "c", "d", "a"]


def test_without_values_the_score_decides() -> None:
    ranked = rank(
        alike(entity_id=["a", "b", "c"], expected_loss=[math.nan, math.nan, 1.0], raw_score=[1.0, 2.0, 0.0])
    )
    assert list(ranked["entity_id"]) == ["c", "b", "a"]


def test_rows_that_were_not_scored_stand_last_without_a_rank() -> None:
    ranked = rank(alike(entity_id=["a", "b"], status=["not scored", "scored"], expected_loss=[9.0, 1.0]))
    assert list(ranked["entity_id"]) == ["b", "a"]
    assert ranked["rank"][0] == 1
    assert pd.isna(ranked["rank"][1])


def test_each_date_has_its_own_lists() -> None:
    days = [pd.Timestamp(day).date() for day in ("2026-02-28", "2026-01-31", "2026-02-28")]
    ranked = rank(alike(entity_id=["a", "b", "c"], as_of=days, expected_loss=[1.0, 2.0, 3.0]))
    assert list(ranked["entity_id"]) == ["b", "c", "a"]
    assert list(ranked["rank"]) == [1, 1, 2]


def test_the_order_of_the_input_does_not_matter() -> None:
    shuffled = SCORES.sample(frac=1, random_state=np.random.RandomState(0))
    pd.testing.assert_frame_equal(rank(SCORES), rank(shuffled))


@pytest.mark.parametrize("name", ["list.parquet", "list.csv"])
def test_the_rules_stand_beside_the_list(tmp_path: Path, name: str) -> None:
    beside = write_ranked(rank(SCORES, seed=7), tmp_path / name)
    rules = json.loads(beside.read_text())
    assert beside.name == f"{name}.rules.json"
    assert rules["seed"] == 7
    assert rules["order"] == [
        "expected_loss descending, unknown last",
        "raw_score descending",
        "entity_id ascending",
    ]
    with pytest.raises(UsageError, match="exists already"):
        write_ranked(rank(SCORES), tmp_path / name)
    if name.endswith("parquet"):
        table = pq.read_table(tmp_path / name)
        assert json.loads(table.schema.metadata[METADATA.encode()]) == rules
        assert table["rank"].to_pylist()[0] == 1
        write_ranked(rank(table, seed=7), tmp_path / "again.parquet")
        assert pq.read_table(tmp_path / "again.parquet").equals(table)
        assert rank(table)["entity_id"].tolist() == rank(SCORES)["entity_id"].tolist()


def test_rules_that_stand_there_are_not_overwritten_silently(tmp_path: Path) -> None:
    (tmp_path / "list.csv.rules.json").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write_ranked(rank(SCORES), tmp_path / "list.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv.rules.json"]
    write_ranked(rank(SCORES), tmp_path / "list.csv", overwrite=True)


def test_rules_survive_a_list_that_was_taken_apart(tmp_path: Path) -> None:
    beside = write_ranked(pd.DataFrame(rank(SCORES, seed=3).to_dict("list")), tmp_path / "list.csv")
    assert json.loads(beside.read_text())["seed"] == 3


def test_what_is_not_a_score_table() -> None:
    with pytest.raises(DataError, match=r"lacks scoring_run_id.*must be a score table"):
        rank(rows(3))
    mixed = pd.concat([SCORES, SCORES.assign(task="fit")])
    with pytest.raises(DataError, match="tasks churn, fit"):
        rank(mixed)


def test_no_rows() -> None:
    empty = schema("churn").empty_table()
    assert list(rank(empty).columns) == ranked_schema("churn").names
