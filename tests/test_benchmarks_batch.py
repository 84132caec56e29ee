"""The ways that the benchmark of batches compares do the same work."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from benchmarks import batch

import salesml


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small table and a small model."""
    made = tmp_path_factory.mktemp("batch")
    batch.make_table(made / "table.parquet", 300)
    batch.make_bundle(made / "bundle", trees=4)
    for way in batch.WAYS.values():
        way(made, 300)
    return made


def test_all_ways_give_the_same_probabilities(folder: Path) -> None:
    ours = salesml.read_scores(folder / "scores", "churn", batch.DAY).to_pandas()
    for name in ("predicted", "obvious"):
        theirs = pd.read_parquet(folder / f"{name}.parquet")
        assert list(theirs["customer"]) == list(ours["entity_id"])
        assert list(theirs["probability"]) == pytest.approx(list(ours["probability"]), abs=1e-12)


def test_plain_is_the_same_job_without_reasons(folder: Path) -> None:
    ours = salesml.read_scores(folder / "scores", "churn", batch.DAY).to_pandas()
    plain = salesml.read_scores(folder / "plain", "churn", batch.DAY).to_pandas()
    assert list(plain.columns) == list(ours.columns)
    assert set(plain["reasons"].map(len)) == {0}
    same = [name for name in ours if name not in ("scoring_run_id", "reasons", "other_contribution")]
    pd.testing.assert_frame_equal(plain[same], ours[same])


def test_both_that_tell_reasons_tell_five_at_most(folder: Path) -> None:
    ours = salesml.read_scores(folder / "scores", "churn", batch.DAY).to_pandas()
    assert ours["reasons"].map(len).max() == 5
    assert set(pd.read_parquet(folder / "obvious.parquet")["reasons"].map(len)) == {5}
