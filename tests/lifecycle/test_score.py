"""Scoring a date and ranking it, through the command line."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import salesml
from salesml.cli import main
from salesml.lifecycle.score import score
from salesml.scoring import Scorer
from salesml.scoring.table import schema
from salesml.snapshots import take
from tests.lifecycle.conftest import Project

AS_OF = "2026-01-01"


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as working directory."""
    monkeypatch.chdir(project.folder)
    return project


def test_score_and_rank(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores, ranked = tmp_path / "scores.parquet", tmp_path / "list.parquet"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(scores)]) == 0
    assert main(["rank", "churn", "--scores", str(scores), "--out", str(ranked)]) == 0
    table = pd.read_parquet(ranked)
    assert list(table["rank"]) == list(range(1, len(table) + 1))
    assert table["expected_loss"].is_monotonic_decreasing
    assert np.allclose(table["expected_loss"], table["probability"] * table["value"])
    assert set(table["model_version"]) == {"salesml-churn/1"}
    rules = json.loads((tmp_path / "list.parquet.rules.json").read_text())
    assert rules["order"][0].startswith("expected_loss descending")
    assert "Wrote" in capsys.readouterr().out


def test_what_is_written_was_audited(
    there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.parquet"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out)]) == 0
    sentences = sum(map(len, pd.read_parquet(out)["reasons"]))
    line = f"{sentences:,} sentences audited, no fault"
    assert any(said.endswith(line) for said in capsys.readouterr().out.splitlines())
    assert pq.read_schema(out).metadata[b"salesml.audit"].decode() == line


def test_a_table_with_a_false_sentence_is_not_written(
    there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Scorer.table

    def damaged(self: Scorer, *args: Any, **named: Any) -> pa.Table:
        rows = table(self, *args, **named).to_pylist()
        reason = rows[7]["reasons"][0]
        reason["words"] = re.sub(r"\d+", "4321", reason["words"])
        return pa.Table.from_pylist(rows, schema=schema("churn"))

    monkeypatch.setattr(Scorer, "table", damaged)
    out = tmp_path / "scores.parquet"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert re.search(r"1 of [\d,]+ sentences (state what the data do not hold|fit no template)", said)
    assert "4321" in said
    assert "Nothing was written" in said
    assert not out.exists()


def test_a_protected_attribute_that_is_used_is_never_told(there: Project, tmp_path: Path) -> None:
    out, bundle = tmp_path / "scores.parquet", str(there.trained.folder)
    spec = replace(there.spec, used=("revenue",))
    asked: dict[str, Any] = {"model": bundle, "tracking": there.tracking}
    made = {name for name in salesml.load(bundle).bundle.columns if name.startswith("orders_revenue")}
    score(there.spec, there.crm, dt.date(2026, 1, 1), tmp_path / "before.parquet", **asked)
    assert told_of(tmp_path / "before.parquet") & made
    assert "no fault" in score(spec, there.crm, dt.date(2026, 1, 1), out, **asked).audit
    assert told_of(out)
    assert not told_of(out) & made


def told_of(path: Path) -> set[str]:
    """All features that a reason of a score table names."""
    return {name for row in pd.read_parquet(path)["reasons"] for reason in row for name in reason["features"]}


def test_reasons_add_up_to_the_probability(there: Project, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out), "--reasons", "3"]) == 0
    table = pd.read_parquet(out)
    for row in table.to_dict("records"):
        assert len(row["reasons"]) <= 3
        parts = [reason["contribution"] for reason in row["reasons"]]
        assert parts == sorted(parts, key=abs, reverse=True)
        logit = row["base_value"] + sum(parts) + row["other_contribution"]
        assert logit == pytest.approx(np.log(row["probability"] / (1 - row["probability"])), abs=1e-9)


def test_scores_equal_those_of_the_training_snapshot(there: Project) -> None:
    """The same account and date, in a training snapshot of many dates and alone: the same bits."""
    day = dt.date(2025, 9, 1)
    many = take(there.spec, there.crm, [dt.date(2025, 6, 1), day, dt.date(2025, 9, 20)]).table.to_pandas()
    many = many[many["as_of"] == day]
    alone = take(there.spec, there.crm, [day], labels=False).table.to_pandas()
    scorer = salesml.load(there.trained.folder / "bundle")
    by_id = scorer.score(alone).set_index("entity_id")
    for row in range(0, len(many), 7):
        one = scorer.score(many.iloc[row : row + 1]).iloc[0]
        assert one["raw_score"] == by_id.loc[one["entity_id"], "raw_score"]
        assert one["probability"] == by_id.loc[one["entity_id"], "probability"]


def test_a_file_that_is_there_stays(
    there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("mine")
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert out.read_text() == "mine"


def test_stale_tables_are_refused(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scores.parquet"
    assert main(["score", "churn", "--as-of", "2026-02-01", "--out", str(out)]) == 1
    assert "The newest row is of 2025-12-31" in capsys.readouterr().err
    assert not out.exists()


def test_a_date_before_the_data(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scores.parquet"
    assert main(["score", "churn", "--as-of", "2020-01-01", "--out", str(out)]) == 1
    assert "2020-01-01" in capsys.readouterr().err
    assert not out.exists()


def test_a_local_bundle_needs_no_server(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    out = tmp_path / "scores.csv"
    bundle = str(there.trained.folder)
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out), "--model", bundle]) == 0
    assert len(pd.read_csv(out)) > 100


def test_status_shows_the_runs(there: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "churn"]) == 0
    said = capsys.readouterr().out
    assert "champion" in said
    assert "AUC" in said
    assert main(["status", "churn", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["version"] == 1
