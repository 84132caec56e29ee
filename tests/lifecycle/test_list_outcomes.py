"""What came of a list, answered or not, and what the docs ask of it: whether calls helped."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.cli import main
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.feedback import SCHEMA as FEEDBACK
from salesml.lifecycle.list_outcomes import list_outcomes
from salesml.scoring.rank import rank, write_ranked
from salesml.snapshots.labels import SCHEMA
from tests.snapshots import company
from tests.snapshots.company import day
from tests.store.made import row, unscored, write_rows

DOCS = Path(__file__).parents[2] / "docs" / "feedback.md"


def test_every_scored_row_has_its_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = {"C-000000": None, "C-000001": 40}
    accounts = [
        {"id": name, "since": day(0), "gone": None if at is None else day(at)} for name, at in gone.items()
    ]
    company.crm_of(tmp_path, {"accounts": accounts}, observed_until=day(60))
    (tmp_path / "models").mkdir()
    spec = company.spec_of(tmp_path / "models", label={"kind": "contract"}, horizon_days=20, gap_days=5)
    rows = [row(number, day=day(30)) for number in range(3)] + [unscored(3, day=day(30))]
    scores = write_rows(tmp_path / "scores.parquet", rows)
    given = ["feedback", "outcomes", "churn", "--scores", str(scores), "--crm", str(tmp_path / "crm.yaml")]
    given += ["--spec", str(tmp_path / "models" / "churn.yaml"), "--out", str(tmp_path / "o.parquet")]
    assert main(given) == 0
    assert capsys.readouterr().out.endswith("o.parquet; the outcome is known of 2\n")
    assert main([*given, "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown"] == {"unknown": 1}
    table = pq.read_table(tmp_path / "o.parquet")
    assert table.schema.equals(SCHEMA)
    assert table["label"].to_pylist() == [0, 1, None]
    with pytest.raises(UsageError, match="exists already"):
        list_outcomes(spec, CRM.open(tmp_path / "crm.yaml"), scores, tmp_path / "o.parquet")
    other = write_rows(tmp_path / "other.parquet", [row(1, model="conversion")])
    with pytest.raises(DataError, match="has scores of conversion"):
        list_outcomes(spec, CRM.open(tmp_path / "crm.yaml"), other, tmp_path / "p.parquet")


LISTS, ROWS, PLACES = 300, 24, 8
EFFECT, LISTENS = 0.3, 0.7
"""What a call takes off the chance of leaving, and how many of those listed are called."""


def simulated(folder: Path) -> None:
    """Lists with lots, calls that help, and reps who would rather call who is staying anyway."""
    rng = np.random.default_rng(5)
    day_of = dt.date(2026, 1, 1)
    rows = [
        row(number, day=day_of) | {
            "rep_id": f"R{number % LISTS}", "probability": float(chance),
            "expected_loss": 100 * float(chance),
        }
        for number, chance in enumerate(rng.uniform(0.65, 0.95, LISTS * ROWS))
    ]  # fmt: skip
    scores = pq.read_table(write_rows(folder / "scores.parquet", rows)).to_pandas()
    ranked = rank(scores, places_per_rep=PLACES, explore=0.5, seed=11)
    write_ranked(ranked, folder / "list.parquet")
    listed = ranked["rank"].notna().to_numpy()
    loyal = rng.random(len(ranked)) < 0.5
    called = listed & (rng.random(len(ranked)) < np.where(loyal, LISTENS + 0.25, LISTENS - 0.25))
    leaves = ranked["probability"].to_numpy() - 0.3 * loyal - EFFECT * called
    label = (rng.random(len(ranked)) < leaves).astype(np.int8)
    outcomes = pd.DataFrame({"entity_id": ranked["entity_id"], "as_of": ranked["as_of"], "label": label})
    outcomes.to_parquet(folder / "outcomes.parquet", index=False)
    answers = [
        dict.fromkeys(FEEDBACK.names) | {
            "id": number, "what": "contacted", "state": "active", "account_id": name, "model": "churn",
            "at": dt.datetime(2026, 1, 3, tzinfo=dt.UTC), "as_of": day_of,
        }
        for number, name in enumerate(ranked["entity_id"][called])
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(answers, schema=FEEDBACK), folder / "feedback.parquet")


def test_by_lot_the_docs_find_what_calls_do_and_by_choice_they_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated(tmp_path)
    sql = DOCS.read_text(encoding="utf-8").split("```sql\n")[1].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    (found,) = duckdb.connect().execute(sql).df().to_dict("records")
    assert found["rows"] > 1000
    assert found["unlisted_called"] == 0
    did = (found["listed_rate"] - found["unlisted_rate"]) / (
        found["listed_called"] - found["unlisted_called"]
    )
    chosen = found["drawn_called"] - found["drawn_not_called"]
    # Four standard errors: 1,200 listed against 4,800, by the seven tenths who are called.
    assert did == pytest.approx(-EFFECT, abs=0.1)
    assert chosen < -EFFECT - 0.1
