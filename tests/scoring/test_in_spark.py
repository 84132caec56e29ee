"""What travels to executors, and what they do with a batch; no Spark is needed for either."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from salesml.explain.cell_model import CellModel
from salesml.explain.forest import Tree
from salesml.scoring import Scorer, in_spark
from salesml.scoring.in_spark import KeepFaulty, NoteUnscorable, ScoreBatches, Shipped, ship
from salesml.scoring.spark_counts import Counted
from tests.scoring.made import bundle, rows


class Sum:
    """What Spark's accumulator does."""

    def __init__(self, value: Counted, _: Any) -> None:
        self.value = value

    def add(self, more: Counted) -> None:
        self.value += more


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Shipped:
    """A bundle that has arrived in a worker which has none yet."""
    monkeypatch.setattr(in_spark, "_READY", {})
    context = SimpleNamespace(broadcast=lambda value: SimpleNamespace(value=value), accumulator=Sum)
    frame: Any = SimpleNamespace(sparkSession=SimpleNamespace(sparkContext=context))
    scorer = Scorer(bundle(), version="v")
    scorer.withheld = frozenset(["industry"])
    return ship(scorer, frame, top=3, run_id="run", protected=("industry",))


def batches(size: int, seed: int) -> list[pa.RecordBatch]:
    table = pa.Table.from_pandas(rows(size, seed), preserve_index=False)
    return list(table.to_batches(max_chunksize=40))


def test_tables_of_reasons_are_built_once_where_the_job_began(
    shipped: Shipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CellModel.build

    def build(trees: list[Tree]) -> CellModel:
        return pytest.fail("built on an executor") if trees else real(trees)

    monkeypatch.setattr(CellModel, "build", staticmethod(build))
    scorer = shipped.scorer()
    assert shipped.scorer() is scorer
    found = pa.Table.from_batches(ScoreBatches(shipped)(batches(100, 3)))
    assert len(found) == 100
    assert found["scoring_run_id"].unique().to_pylist() == ["run"]
    counts = shipped.counts.value
    assert counts.audit().findings == ()
    assert (counts.rows, counts.noted) == (100, 0)
    assert counts.sentences == sum(len(row) for row in found["reasons"].to_pylist()) > 100


def test_a_withheld_attribute_is_not_told(shipped: Shipped) -> None:
    found = pa.Table.from_batches(ScoreBatches(shipped)(batches(100, 3)))
    named = {name for row in found["reasons"].to_pylist() for each in row for name in each["features"]}
    assert named
    assert "industry" not in named


def test_a_row_has_the_same_reasons_however_rows_are_cut(shipped: Shipped) -> None:
    table = pa.Table.from_pandas(rows(300, 3), preserve_index=False)
    whole, cut = (
        pa.Table.from_batches(ScoreBatches(shipped)(table.to_batches(max_chunksize=size)))
        for size in (300, 7)
    )
    assert cut.combine_chunks().equals(whole.combine_chunks())


def test_rows_that_cannot_be_scored(shipped: Shipped) -> None:
    frame = rows(50, 3)
    frame["recency"] = np.where(frame.index == 9, np.inf, frame["recency"])
    batch = pa.Table.from_pandas(frame, preserve_index=False).to_batches()
    kept = pa.Table.from_batches(KeepFaulty(ScoreBatches(shipped))(batch)).to_pylist()
    assert [(row["entity_id"], row["problem"]) for row in kept] == [("c00009", "recency is infinite")]
    day = frame["as_of"][0]
    never = pa.table({"entity_id": ["x"], "as_of": pa.array([day]), "problem": ["nothing is known"]})
    (row,) = pa.Table.from_batches(NoteUnscorable(shipped)(never.to_batches())).to_pylist()
    assert (row["status"], row["problem"], row["scoring_run_id"]) == ("not scored", "nothing is known", "run")
    assert (shipped.counts.value.rows, shipped.counts.value.noted) == (1, 1)
