"""Whether lists paid, from tables and lists on disk to the sentences."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from salesml.cli import main
from salesml.config import Tracking
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.feedback import SCHEMA as FEEDBACK
from salesml.lifecycle.payoff import payoff
from salesml.payoffs.figure import (
    CONTACT,
    DRAWN,
    HOURS,
    LISTING,
    MONEY,
    OFF,
    RANKED,
    RATE,
    SCHEMA,
    TOUCHED,
    UNTOUCHED,
    Figure,
    find,
)
from salesml.scoring.rank import rank, write_ranked
from tests.snapshots import company
from tests.snapshots.company import day
from tests.store.made import row, write_rows

REPS, EACH, PLACES = 30, 16, 5
AS_OF, HORIZON = 40, 20
NO_LOG = Tracking(tracking_uri="sqlite:///nowhere.db")


def _scores(at: int, reps: int = REPS) -> list[dict[str, Any]]:
    made = [row(number, day=day(at)) for number in range(reps * EACH)]
    return [each | {"rep_id": f"R{number % reps}", "model_version": "v1"} for number, each in enumerate(made)]


def _list(folder: Path, at: int = AS_OF, **limits: Any) -> pd.DataFrame:
    folder.mkdir(parents=True, exist_ok=True)
    scores = pq.read_table(write_rows(folder.parent / f"scores{at}.parquet", _scores(at))).to_pandas()
    keys = {"places_per_rep": PLACES, "explore": 0.5, "seed": 4} | limits
    ranked = rank(scores, **keys)
    write_ranked(ranked, folder / f"{at}.parquet")
    return ranked


def _project(
    folder: Path, *, saves: float = 0.6, until: int = 100, touched: str = "activities"
) -> pd.DataFrame:
    """Accounts half of whom would leave; of the listed nine in ten are called, and a call keeps most."""
    ranked = _list(folder / "lists")
    rng = np.random.default_rng(8)
    listed = ranked["rank"].notna().to_numpy()
    called = listed & (rng.random(len(ranked)) < 0.9)
    leaves = (rng.random(len(ranked)) < 0.5) & ~(called & (rng.random(len(ranked)) < saves))
    accounts = [
        {"id": name, "since": day(0), "gone": day(AS_OF + 10) if gone else None}
        for name, gone in zip(ranked["entity_id"], leaves, strict=True)
    ]
    orders = [
        company.order(name, at, "30.00", invoice=f"{name}-{at}")
        for name, gone in zip(ranked["entity_id"], leaves, strict=True)
        for at in (20, AS_OF + 5, *(() if gone else (AS_OF + 15,)))
    ]
    orders.append(company.order(str(ranked["entity_id"][0]), until - 1, "1.00", invoice="last"))
    activities = [
        {"seller": "R1", "customer": name, "done": day(AS_OF + 2), "kind": "call", "hours": 0.5, "cost": 1.0}
        for name in ranked["entity_id"][called]
    ]
    tables = {"accounts": accounts, "orders": orders}
    if touched == "activities":
        tables["activities"] = activities
    more: dict[str, Any] = {}
    if touched == "feedback":
        answers = [
            dict.fromkeys(FEEDBACK.names) | {
                "id": number, "what": "contacted", "state": "active", "account_id": name, "model": "churn",
                "at": dt.datetime.combine(day(AS_OF + 2), dt.time(9), dt.UTC), "as_of": day(AS_OF),
            }
            for number, name in enumerate(ranked["entity_id"][called])
        ]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(answers, schema=FEEDBACK), folder / "feedback.parquet")
        more = {"feedback": {"source": "feedback.parquet"}}
    company.crm_of(folder, tables, observed_until=day(until), **more)
    (folder / "models").mkdir()
    company.spec_of(
        folder / "models", label={"kind": "contract"}, horizon_days=HORIZON, value="orders.revenue"
    )
    (folder / "mlflow.yaml").write_text(yaml.safe_dump({"tracking_uri": f"sqlite:///{folder / 'mlflow.db'}"}))
    ranked["leaves"], ranked["called"] = leaves, called
    return ranked


def _asked(folder: Path, *lists: Path, **more: Any) -> Any:
    crm = CRM.open(folder / "crm.yaml")
    return payoff("churn", crm, lists or folder / "lists", log=False, tracking=NO_LOG, **more)


def _figure(found: Any, *what: str, **more: str) -> Figure:
    figure = find(found.figures, *what, **more)
    assert figure is not None, (what, more)
    return figure


def test_calls_that_keep_customers_are_said_to_pay(tmp_path: Path) -> None:
    ranked = _project(tmp_path)
    found = _asked(tmp_path)
    assert found.conclusion.kind == "paid"
    listing = _figure(found, LISTING)
    # Half leave; nine in ten of the listed are called, and six in ten of those who would have left stay.
    assert listing.low < -0.5 * 0.9 * 0.6 < listing.high
    assert _figure(found, CONTACT).low < -0.5 * 0.6 < _figure(found, CONTACT).high
    # Who stays orders once more, for 30.
    assert _figure(found, LISTING, MONEY).low < 30 * 0.27 < _figure(found, LISTING, MONEY).high
    assert "Being listed lowered the share that was lost by" in found.summary
    assert "£" in found.summary
    listed = ranked["rank"].notna()
    by_lot = ranked["picked"] == "explore"
    groups = {RANKED: listed & ~by_lot, DRAWN: by_lot, OFF: ~listed}
    groups |= {TOUCHED: ranked["called"], UNTOUCHED: ~ranked["called"]}
    for who, chosen in groups.items():
        figure = _figure(found, RATE, who=who)
        assert figure.rows == chosen.sum()
        assert figure.value == pytest.approx(ranked.loc[chosen, "leaves"].mean())
        money = _figure(found, RATE, MONEY, who=who)
        assert money.value == pytest.approx(30 + 30 * (1 - ranked.loc[chosen, "leaves"].mean()))
    assert _figure(found, RATE, HOURS, who="all").total == pytest.approx(0.5 * ranked["called"].sum())


def test_the_folder_has_everything(tmp_path: Path) -> None:
    _project(tmp_path)
    found = _asked(tmp_path)
    assert sorted(path.name for path in found.folder.iterdir()) == [
        "chart.png", "payoff.json", "report.md", "table.csv", "table.parquet",
    ]  # fmt: skip
    assert pq.read_table(found.folder / "table.parquet").schema.equals(SCHEMA)
    text = (found.folder / "report.md").read_text(encoding="utf-8")
    assert "**Listing paid.**" in text
    told = json.loads((found.folder / "payoff.json").read_text(encoding="utf-8"))
    assert told["conclusion"]["kind"] == "paid"
    assert told["lots"] + told["sure"] + told["never"] == told["rows"] == REPS * EACH
    names = set(pq.read_table(tmp_path / "lists" / f"{AS_OF}.parquet")["entity_id"].to_pylist())
    assert not any(name in text or name in json.dumps(told) for name in names)


def test_as_a_command_with_mlflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _project(tmp_path)
    given = ["payoff", "churn", "--crm", str(tmp_path / "crm.yaml"), "--lists", str(tmp_path / "lists")]
    given += ["--config", str(tmp_path / "mlflow.yaml"), "--spec", str(tmp_path / "models" / "churn.yaml")]
    assert main([*given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run_id"]
    assert told["conclusion"]["kind"] == "paid"
    assert main(["register", told["folder"], "--config", str(tmp_path / "mlflow.yaml")]) == 0
    assert main([*given, "--within", "500"]) == 2
    assert "bad-days" not in capsys.readouterr().out


def test_calls_that_drive_customers_away_end_with_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ranked = _project(tmp_path, saves=0.0)
    rng = np.random.default_rng(2)
    driven = ranked["called"].to_numpy() & (rng.random(len(ranked)) < 0.8)
    company.write(
        tmp_path, "accounts",
        [
            {"id": name, "since": day(0), "gone": day(AS_OF + 10) if gone else None}
            for name, gone in zip(ranked["entity_id"], ranked["leaves"] | driven, strict=True)
        ],
    )  # fmt: skip
    given = ["payoff", "churn", "--crm", str(tmp_path / "crm.yaml"), "--lists", str(tmp_path / "lists")]
    given += ["--config", str(tmp_path / "mlflow.yaml"), "--spec", str(tmp_path / "models" / "churn.yaml")]
    assert main(given) == 3
    assert "Listing did harm" in capsys.readouterr().out


def test_answers_are_contacts_too_and_without_either_it_says_so(tmp_path: Path) -> None:
    for touched in ("feedback", "nothing"):
        (tmp_path / touched).mkdir()
    ranked = _project(tmp_path / "feedback", touched="feedback")
    found = _asked(tmp_path / "feedback")
    assert _figure(found, RATE, who=TOUCHED).rows == ranked["called"].sum()
    assert find(found.figures, RATE, HOURS, who="all") is None
    _project(tmp_path / "nothing", touched="nothing")
    found = _asked(tmp_path / "nothing")
    assert found.conclusion.kind == "paid"
    assert find(found.figures, CONTACT) is None
    assert "No table says who was contacted" in found.summary


def test_contacts_after_the_days_that_count_do_not(tmp_path: Path) -> None:
    _project(tmp_path)
    found = _asked(tmp_path, within_days=2)
    assert find(found.figures, RATE, who=TOUCHED) is None
    assert _figure(found, RATE, who=UNTOUCHED).rows == REPS * EACH
    with pytest.raises(UsageError, match="500 days"):
        _asked(tmp_path, within_days=500)


def test_without_lots_only_rates_are_told(tmp_path: Path) -> None:
    _project(tmp_path)
    _list(tmp_path / "sure", explore=0.0)
    found = _asked(tmp_path, tmp_path / "sure")
    assert found.conclusion.kind == "not known"
    assert not [each for each in found.figures if each.causal]
    assert "Nothing was left to lots" in found.summary
    found = _asked(tmp_path, tmp_path / f"scores{AS_OF}.parquet")
    assert "These are scores and no lists" in found.summary
    assert _figure(found, RATE, who="all").rows == REPS * EACH


def test_a_dataset_of_scores_is_read_by_the_names_of_its_folders(tmp_path: Path) -> None:
    """As `salesml score --out FOLDER` lays it out: task and date stand in the folders, not in the files."""
    _project(tmp_path)
    scores = pq.read_table(tmp_path / f"scores{AS_OF}.parquet")
    inside = tmp_path / "data" / "task=churn" / f"as_of={day(AS_OF)}"
    inside.mkdir(parents=True)
    pq.write_table(scores.drop_columns(["task", "as_of"]), inside / "part-0.parquet")
    for named in (inside, tmp_path / "data"):
        found = _asked(tmp_path, named)
        assert found.data["dates"] == (str(day(AS_OF)),)
        assert _figure(found, RATE, who="all").rows == REPS * EACH


def test_dates_that_are_not_ripe_are_left_out_and_counted(tmp_path: Path) -> None:
    _project(tmp_path, until=65)
    _list(tmp_path / "lists", at=50)
    found = _asked(tmp_path)
    assert found.data["dates"] == (str(day(AS_OF)),)
    assert found.data["unripe"]["not-observed"] == REPS * EACH
    assert "Left out: 480 rows without an outcome" in found.summary
    alone = _asked(tmp_path, tmp_path / "lists" / "50.parquet")
    assert alone.conclusion.kind == "not known"
    assert "Nothing can be concluded yet" in alone.summary


def test_lists_whose_rules_are_lost_go_by_students_t(tmp_path: Path) -> None:
    _project(tmp_path)
    path = tmp_path / "lists" / f"{AS_OF}.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
    path.with_name(path.name + ".rules.json").unlink()
    found = _asked(tmp_path)
    assert _figure(found, LISTING).method == "student-t"
    assert "cannot be drawn again" in found.summary
    assert found.conclusion.kind == "paid"


def test_what_is_no_list_of_this_model_is_refused(tmp_path: Path) -> None:
    _project(tmp_path)
    other = write_rows(tmp_path / "other.parquet", [row(1, model="conversion")])
    with pytest.raises(DataError, match="has scores of conversion"):
        _asked(tmp_path, other)
    with pytest.raises(DataError, match="on which the same customer does already"):
        _asked(tmp_path, tmp_path / "lists", tmp_path / "lists" / f"{AS_OF}.parquet")
    with pytest.raises(UsageError, match="does not exist"):
        _asked(tmp_path, tmp_path / "nothing.parquet")
    pq.write_table(pa.table({"model": ["churn"]}), tmp_path / "odd.parquet")
    with pytest.raises(DataError, match="lacks the columns task, entity_id"):
        _asked(tmp_path, tmp_path / "odd.parquet")
    assert not (tmp_path / "models" / "churn").exists()


def test_a_version_of_another_horizon_is_refused(tmp_path: Path) -> None:
    _project(tmp_path)
    run = tmp_path / "models" / "churn" / "20240101T000000Z"
    (run / "bundle").mkdir(parents=True)
    (run / "bundle" / "bundle.json").write_text(json.dumps({"training": {"horizon_days": 20, "gap_days": 0}}))
    (run / "logged.json").write_text(json.dumps({"uri": "models:/salesml-churn/3"}))
    assert "what horizon the versions v1 had" in _asked(tmp_path).summary
    table = pq.read_table(tmp_path / "lists" / f"{AS_OF}.parquet")
    place = table.schema.get_field_index("model_version")
    table = table.set_column(place, "model_version", pa.array(["salesml-churn/3"] * len(table)))
    pq.write_table(table, tmp_path / "named.parquet")
    assert "what horizon" not in _asked(tmp_path, tmp_path / "named.parquet").summary
    (run / "bundle" / "bundle.json").write_text(json.dumps({"training": {"horizon_days": 90, "gap_days": 0}}))
    with pytest.raises(DataError, match="looked at 90 days after a gap of 0"):
        _asked(tmp_path, tmp_path / "named.parquet")
