"""What moved scores between two dates, through the command line."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.cli import main
from salesml.lifecycle.changes import _unscorable, score_changes
from salesml.model.bundle import Bundle
from salesml.model.calibration import Calibration
from salesml.scoring.changes.table import SCHEMA
from tests.lifecycle.conftest import Project

TEXTS = ("model", "task", "model_version", "entity_id")
AS_OF, SINCE = "2026-01-01", "2025-10-01"


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as working directory."""
    monkeypatch.chdir(project.folder)
    return project


@pytest.fixture
def other(project: Project, tmp_path: Path) -> Path:
    """Another model: the one of the project, calibrated otherwise."""
    bundle = Bundle.load(project.trained.folder / "bundle")
    a, b = bundle.calibration.a, bundle.calibration.b
    moved = replace(
        bundle, calibration=Calibration(a * 1.5, b - 1.0), base_value=1.5 * (bundle.base_value - b) + b - 1.0
    )
    return moved.save(tmp_path / "other")


def test_since_a_date(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = tmp_path / "now.parquet"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(now)]) == 0
    out = tmp_path / "changes.parquet"
    assert main(["changes", "churn", "--as-of", AS_OF, "--since", SINCE, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"Taking the rows of {SINCE} and {AS_OF}" in said
    table = pd.read_parquet(out)
    assert f"Wrote {len(table):,} rows to {out} with salesml-churn/1: " in said
    counts = table["status"].value_counts()
    assert set(counts.index) == {"compared", "gone"}
    for name, count in counts.items():
        assert f"{count:,} {name}" in said
    scores = pd.read_parquet(now).set_index("entity_id")
    here = table[table["status"] != "gone"].set_index("entity_id")
    assert here["probability"].equals(scores["probability"].reindex(here.index))
    assert set(here.index) == set(scores.index)
    compared = table[table["status"] == "compared"]
    assert np.allclose(compared["data_change"], compared["log_odds"] - compared["log_odds_before"], atol=1e-9)
    assert (compared["model_change"] == 0).all()
    assert compared["words"].str.contains("since 1 October 2025|as on 1 October 2025").all()


def test_with_another_model(there: Project, other: Path, tmp_path: Path) -> None:
    out = tmp_path / "changes.csv"
    arguments = ["--as-of", AS_OF, "--since", SINCE, "--out", str(out), "--model", str(other)]
    assert main(["changes", "churn", *arguments, "--since-model", str(there.trained.folder / "bundle")]) == 0
    table = pd.read_csv(out)
    compared = table[table["status"] == "compared"]
    assert (compared["model_change"] != 0).all()
    total = compared["data_change"] + compared["model_change"]
    assert np.allclose(total, compared["log_odds"] - compared["log_odds_before"], atol=1e-9)
    assert compared["words"].str.contains("The model itself changed").all()
    assert compared["data_reasons"].str.contains(r"on 1 October 2025\) \((?:raises|lowers) the risk").any()


def test_one_day_compares_two_models(there: Project, other: Path, tmp_path: Path) -> None:
    out = tmp_path / "changes.parquet"
    arguments = ["--as-of", AS_OF, "--since", AS_OF, "--out", str(out), "--since-model", str(other)]
    assert main(["changes", "churn", *arguments]) == 0
    table = pd.read_parquet(out)
    assert set(table["status"]) == {"compared"}
    assert (table["data_change"] == 0).all()


def test_what_the_spec_protects_is_not_told(there: Project, tmp_path: Path) -> None:
    told = {}
    for name, used in (("plain", ()), ("used", ("orders_recency",))):
        out = tmp_path / f"{name}.parquet"
        days = dt.date.fromisoformat(SINCE), dt.date.fromisoformat(AS_OF)
        score_changes(replace(there.spec, used=used), there.crm, *days, out, tracking=there.tracking, top=9)
        reasons = pd.read_parquet(out, columns=["data_reasons"])["data_reasons"].dropna()
        told[name] = {feature for row in reasons for reason in row for feature in reason["features"]}
    assert "orders_recency" in told["plain"]
    assert told["used"]
    assert "orders_recency" not in told["used"]


def test_who_cannot_be_scored_now_is_listed_once() -> None:
    columns = {field.name: pa.array(["a"] * (field.name in TEXTS), field.type) for field in SCHEMA}
    table = pa.table(
        {name: column if len(column) else pa.nulls(1, column.type) for name, column in columns.items()}
    )
    day, other = dt.date(2026, 1, 1), dt.date(2025, 10, 1)
    found = pa.table(
        {"entity_id": ["a", "b", "c"], "as_of": [day, day, other], "problem": ["p", "q", "r"]},
        schema=pa.schema([("entity_id", pa.string()), ("as_of", pa.date32()), ("problem", pa.string())]),
    )
    added = _unscorable(found, table, day)
    assert added.schema == SCHEMA
    (row,) = added.to_pylist()
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "model": "a", "task": "a", "model_version": "a", "entity_id": "b", "as_of": day, "problem": "q",
        "status": "not scored",
    }  # fmt: skip


@pytest.mark.parametrize(("since", "found"), [("2026-01-02", "is after"), (AS_OF, "are both")])
def test_nothing_to_compare(
    there: Project, tmp_path: Path, since: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "changes.parquet"
    assert main(["changes", "churn", "--as-of", AS_OF, "--since", since, "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert found in told
    assert "--since-model" in told
    assert not out.exists()
