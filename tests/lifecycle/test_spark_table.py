"""Flat tables that Spark scores, row by row against one machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from salesml.config import Tracking
from salesml.errors import DataError
from salesml.lifecycle import score as alone
from salesml.lifecycle import with_spark
from salesml.lifecycle.score_job import How
from salesml.model.level_shares import all_shares
from salesml.scoring.batch import Event
from tests.scoring.made import bundle, rows
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BITS = ["as_of", "status", "problem", "probability", "raw_score", "band", "value", "expected_loss"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A bundle that knows how the levels of an attribute were spread."""
    shares = all_shares(bundle().coding, rows(600, 0), ["industry"])
    made = replace(bundle(), level_shares=shares, quarantine_max=0.05)
    return str(made.save(tmp_path_factory.mktemp("flat") / "bundle"))


def table(folder: Path) -> Path:
    """Rows of which some are wrong, far apart in two row groups; an attribute is written otherwise."""
    frame = rows(600, 5).rename(columns={"entity_id": "customer"}).drop(columns=["label"])
    frame["industry"] = frame["industry"].replace("farming", "Farming ")
    frame["orders_90"] = frame["orders_90"].map("{:.0f}".format)
    frame["colour"] = "red"
    frame.loc[7, "orders_90"] = "many"
    frame.loc[8, "customer"] = None
    frame.loc[590, "customer"] = " c00003 "
    frame.loc[591:592, "customer"] = "c00004"
    frame.to_parquet(folder / "t.parquet", row_group_size=300)
    return folder / "t.parquet"


def by_row(path: Path) -> pd.DataFrame:
    """Spark keeps no order: by what tells rows apart."""
    frame = pd.read_parquet(path)
    return frame.sort_values(["entity_id", "value"], ignore_index=True)


def sentences(frame: pd.DataFrame) -> list[list[str]]:
    return [[] if each is None else [reason["words"] for reason in each] for each in frame["reasons"]]


def compare(ours: Path, theirs: Path) -> dict[str, Any]:
    """The manifest of a folder that holds the rows of a file."""
    found, expected = by_row(ours), by_row(theirs)
    pd.testing.assert_frame_equal(
        found[["entity_id", *BITS]], expected[["entity_id", *BITS]], check_exact=True
    )
    assert sentences(found) == sentences(expected)
    manifest: dict[str, Any] = json.loads((ours / "_manifest.json").read_text())
    told: dict[str, Any] = json.loads(Path(f"{theirs}.manifest.json").read_text())
    for key in ("rows", "scored", "unscored", "bands", "problems", "drift", "audit", "rules", "schema"):
        assert manifest[key] == told[key], key
    return manifest


def test_rows_right_and_wrong(spark: SparkSession, model: str, tmp_path: Path) -> None:  # noqa: F811
    path = table(tmp_path)
    asked: dict[str, Any] = {"id_column": "customer", "model": model, "tracking": Tracking()}
    events: list[Event] = []
    alone.score_table("churn", path, tmp_path / "alone.parquet", **asked)
    how = How(listener=events.append)
    with_spark.score_table("churn", str(path), str(tmp_path / "spread"), how=how, **asked)
    manifest = compare(tmp_path / "spread", tmp_path / "alone.parquet")
    assert manifest["unscored"] == 5
    warned = [event.text for event in events if event.event == "warning"]
    assert warned == manifest["drift"]
    assert [line.split(" is ")[0] for line in warned] == [
        "+ colour (category): the model does not know it",
        "~ orders_90: number in training, category now",
        "warning [attribute-moved] industry",
    ]
    quarantine = pd.read_parquet(tmp_path / "spread" / "_quarantine")
    expected = pd.read_parquet(tmp_path / "alone.parquet.quarantine.parquet")
    keys = ["problem", "value"]
    pd.testing.assert_frame_equal(
        quarantine.sort_values(keys, ignore_index=True),
        expected.sort_values(keys, ignore_index=True)[list(quarantine)],
    )
    assert set(quarantine) == set(expected)


def test_a_table_of_the_catalog_and_one_that_lacks_a_column(
    spark: SparkSession,  # noqa: F811
    model: str,
    tmp_path: Path,
) -> None:
    path = table(tmp_path)
    spark.sql("CREATE DATABASE IF NOT EXISTS flat")
    spark.read.parquet(str(path)).write.mode("overwrite").saveAsTable("flat.customers")
    asked: dict[str, Any] = {"id_column": "customer", "model": model, "tracking": Tracking()}
    alone.score_table("churn", path, tmp_path / "alone.parquet", **asked)
    out = str(tmp_path / "spread")
    assert not with_spark.score_table("churn", "flat.customers", out, **asked).already
    compare(tmp_path / "spread", tmp_path / "alone.parquet")
    # Other files with the same rows are the same job.
    assert with_spark.score_table("churn", str(path), out, **asked).already
    lacking = str(tmp_path / "lacking.parquet")
    pd.read_parquet(path).rename(columns={"orders_30": "orders_1m"}).to_parquet(lacking)
    events: list[Event] = []
    with pytest.raises(DataError, match="lacks the column orders_30"):
        with_spark.score_table(
            "churn", lacking, str(tmp_path / "none"), how=How(listener=events.append), **asked
        )
    assert "- orders_30 (number): the model needs it" in [event.text for event in events]
    assert (events[-1].event, events[-1].facts["codes"]) == ("failed", ["missing-column"])
    with pytest.raises(DataError, match="neither files nor a table of its catalog"):
        with_spark.score_table("churn", "no.where", str(tmp_path / "none"), **asked)
    assert not (tmp_path / "none").exists()


def test_csv_files_are_text(spark: SparkSession, model: str, tmp_path: Path) -> None:  # noqa: F811
    frame = rows(60, 6).rename(columns={"entity_id": "customer"})
    frame["industry"] = np.where(frame.index % 7 == 0, 'a, "b"\nc', frame["industry"])
    frame.to_csv(tmp_path / "t.csv", index=False, sep=";")
    asked: dict[str, Any] = {"id_column": "customer", "model": model, "tracking": Tracking()}
    alone.score_table("churn", tmp_path / "t.csv", tmp_path / "alone.parquet", **asked)
    with_spark.score_table("churn", str(tmp_path / "t.csv"), str(tmp_path / "spread"), **asked)
    compare(tmp_path / "spread", tmp_path / "alone.parquet")
