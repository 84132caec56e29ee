"""The verb from tables to a kept and tracked look, the command, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.cli import main
from salesml.config import Spec, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import DataError, ModelError, OutsideError, UsageError
from salesml.lifecycle import train
from salesml.lifecycle.monitor import Monitored, monitor
from salesml.lifecycle.monitor.dates import choose_dates
from salesml.lifecycle.monitor.logs import Logs
from salesml.model.bundle import Bundle
from salesml.monitoring.finding import SCHEMA
from salesml.snapshots.feature import Feature
from salesml.tracking import runs
from salesml.tracking.monitors import log_monitor
from salesml.tracking.store import connected
from tests.company import make_project
from tests.lifecycle.backtest.conftest import QUICK

NOW = dt.date(2026, 1, 1)
DATES = "as_of: {train: [2024-09-01, 2024-10-01, 2024-11-01], test: [2025-03-01]}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with a model that was trained and tested long before its newest order."""
    folder = make_project(tmp_path_factory.mktemp("monitor") / "shop", customers=250)
    path = folder / "models" / "churn.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("as_of")]
    path.write_text("\n".join([*lines, DATES, QUICK]))
    train("churn", CRM.open(folder / "crm.yaml"))
    return folder


@pytest.fixture(scope="module")
def done(shop: Path) -> Monitored:
    return monitor("churn", CRM.open(shop / "crm.yaml"), NOW)


def spec_of(shop: Path) -> Spec:
    return read_spec(shop / "models" / "churn.yaml")


def bundle_of(shop: Path) -> Path:
    return next((shop / "models" / "churn").glob("*/bundle"))


def test_the_folder_holds_report_table_and_chart(shop: Path, done: Monitored) -> None:
    assert done.folder.parent == shop / "models" / "churn" / "monitoring"
    names = {path.name for path in done.folder.iterdir()}
    assert names == {"report.md", "chart.png", "table.csv", "table.parquet", "monitor.json"}
    table = pq.read_table(done.folder / "table.parquet")
    assert table.schema == SCHEMA
    assert len(pd.read_csv(done.folder / "table.csv")) == table.num_rows == len(done.findings)
    report = (done.folder / "report.md").read_text()
    assert "## Train again: " in report
    assert "Expected quality holds only while" in report
    assert "C0001" not in report + (done.folder / "table.csv").read_text()


def test_dates_that_ripened_are_measured_and_others_expected(done: Monitored) -> None:
    by_check = {
        check: [each for each in done.findings if each.check == check] for check in ("auc", "expected_auc")
    }
    ripe = [each.as_of for each in by_check["auc"]]
    assert ripe == [dt.date(2025, month, 1) for month in range(4, 11)]
    (expected,) = [each for each in done.findings if each.check == "expected_auc"]
    assert expected.as_of == NOW
    assert 0.6 < expected.value < 1.0
    assert not done.alarms


def test_mlflow_has_a_run_of_its_own(shop: Path, done: Monitored) -> None:
    tracking = read_tracking(shop / "mlflow.yaml")
    with connected(tracking) as client:
        run = client.get_run(done.run_id)
        files = {each.path for each in client.list_artifacts(done.run_id)}
    assert run.data.tags["kind"] == "monitor"
    assert run.data.metrics["alarms"] == 0
    assert {"report.md", "table.parquet"} <= files
    assert done.run_id not in set(runs(tracking, "churn")["run_id"])


def test_a_broken_column_is_an_alarm_and_exit_code_3(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    orders = pd.read_parquet(folder / "orders.parquet")
    late = orders["ordered_at"] >= pd.Timestamp("2025-12-01")
    orders.loc[late, "unit_price"] *= 100
    orders.to_parquet(folder / "orders.parquet", index=False)
    monkeypatch.chdir(folder)
    code = main(["monitor", "churn", "--as-of", str(NOW), "--model", str(bundle_of(folder)), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 3
    assert "orders_revenue_sum_30d" in {each["feature"] for each in answer["alarms"]}
    assert answer["advice"]["kind"] in ("not yet", "pointless")
    assert Path(answer["folder"]).is_dir()


def test_mlflow_away_costs_no_look(shop: Path, tmp_path: Path) -> None:
    tracking = replace(read_tracking(shop / "mlflow.yaml"), tracking_uri="http://127.0.0.1:9")
    crm = CRM.open(shop / "crm.yaml")
    found = monitor("churn", crm, NOW, model=str(bundle_of(shop)), out=tmp_path, tracking=tracking)
    assert "cannot be used now" in found.away
    assert f"salesml register {found.folder}" in found.text()
    assert log_monitor(found.folder, read_tracking(shop / "mlflow.yaml"))


def test_a_champion_that_is_away_is_exit_code_4(shop: Path) -> None:
    tracking = replace(
        read_tracking(shop / "mlflow.yaml"),
        tracking_uri="http://127.0.0.1:9", registry_uri="http://127.0.0.1:9",
    )  # fmt: skip
    with pytest.raises(OutsideError) as error:
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, tracking=tracking)
    assert error.value.code == "tracking-away"
    assert error.value.exit_code == 4


def test_probabilities_for_another_rate_than_that_of_the_tables_are_refused(
    shop: Path, tmp_path: Path
) -> None:
    made = Bundle.load(bundle_of(shop))
    replace(made, training=replace(made.training, base_rate=0.02)).save(tmp_path / "bundle")
    with pytest.raises(UsageError, match=r"base_rate of 0\.02 is stated") as error:
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, model=str(tmp_path / "bundle"), out=tmp_path)
    assert error.value.code == "base-rate"
    assert not list(tmp_path.glob("*/report.md"))


def test_a_champion_that_no_longer_loads(shop: Path, tmp_path: Path) -> None:
    broken = tmp_path / "bundle"
    shutil.copytree(bundle_of(shop), broken)
    (broken / "booster.txt").write_text("tree")
    with pytest.raises(ModelError, match="booster"):
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, model=str(broken))


def test_another_horizon(shop: Path) -> None:
    spec = replace(spec_of(shop), horizon_days=60)
    with pytest.raises(ModelError, match="horizon_days is not as in training"):
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, spec=spec)


def test_tables_that_end_before_the_date(shop: Path) -> None:
    with pytest.raises(DataError) as error:
        monitor("churn", CRM.open(shop / "crm.yaml"), dt.date(2026, 3, 1))
    assert error.value.code == "stale"


def test_outcomes_are_held_against_scores_that_were_written(
    shop: Path, tmp_path: Path, done: Monitored
) -> None:
    day = dt.date(2025, 8, 1)
    people = [f"C{number:04d}" for number in range(250)]
    turned = pd.DataFrame(
        {"entity_id": people, "as_of": day, "probability": 0.5, "band": "B", "status": "scored"}
    )
    turned["as_of"] = pd.to_datetime(turned["as_of"]).dt.date
    turned.to_parquet(tmp_path / "scores.parquet")
    found = monitor(
        "churn", CRM.open(shop / "crm.yaml"), NOW, out=tmp_path / "out", log=False,
        scores=tmp_path / "scores.parquet",
    )  # fmt: skip
    said = {each.as_of: each.value for each in found.findings if each.check == "auc"}
    before = {each.as_of: each.value for each in done.findings if each.check == "auc"}
    assert said[day] == 0.5
    assert {each: value for each, value in said.items() if each != day} == {
        each: value for each, value in before.items() if each != day
    }


def test_scores_of_other_dates_are_refused(shop: Path, tmp_path: Path) -> None:
    other = pd.DataFrame(
        {"entity_id": ["C0001"], "as_of": [dt.date(2025, 8, 2)], "probability": [0.5], "band": ["B"]}
    )
    other.to_parquet(tmp_path / "scores.parquet")
    with pytest.raises(DataError, match="has scores of 2025-08-02"):
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, scores=tmp_path / "scores.parquet")
    with pytest.raises(DataError, match="cannot be read as a table of scores"):
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, scores=tmp_path / "none.parquet")


def test_a_date_before_the_model(shop: Path) -> None:
    with pytest.raises(UsageError, match="the model was not there yet"):
        monitor("churn", CRM.open(shop / "crm.yaml"), dt.date(2025, 2, 1))


def test_models_of_ideal_customers_have_no_dates(shop: Path) -> None:
    spec = replace(spec_of(shop), label=replace(spec_of(shop).label, kind="ideal"))
    with pytest.raises(UsageError, match="not of an as-of date"):
        monitor("churn", CRM.open(shop / "crm.yaml"), NOW, spec=spec)


def test_outcomes_that_were_not_known_yet_are_not_used(shop: Path) -> None:
    spec, crm = spec_of(shop), CRM.open(shop / "crm.yaml")
    dates = choose_dates(spec, crm, dt.date(2025, 9, 1), [dt.date(2024, 9, 1), dt.date(2020, 1, 1)])
    assert max(dates.ripe) == dt.date(2025, 6, 1)
    assert dates.grid[-1] == dt.date(2025, 9, 1)
    assert dates.lost == (dt.date(2020, 1, 1),)
    gaps = [
        (b.year - a.year) * 12 + b.month - a.month for a, b in zip(dates.grid, dates.grid[1:], strict=False)
    ]
    assert set(gaps) == {1}


def test_a_feature_is_compared_from_when_its_days_lie_in_the_tables() -> None:
    features = (
        Feature(name="a", source="events.orders", window_days=30),
        Feature(name="b", source="events.orders", window_days=360),
        Feature(name="c", source="events.orders"),
        Feature(name="d", source="accounts"),
        Feature(name="e", source="own.mine"),
        Feature(name="f", source="events.visits", window_days=90),
    )
    logs = Logs(
        {"events.orders": dt.date(2024, 1, 1), "events.visits": dt.date(2025, 1, 1)},
        {"events.orders": (30, 360), "events.visits": (90,)},
    )
    assert logs.first == dt.date(2024, 1, 31)
    old = [logs.since(each, dt.date(2026, 6, 1)) for each in features]
    visits, year = dt.date(2025, 4, 1), dt.date(2024, 12, 26)
    assert old == [dt.date(2024, 1, 31), year, year, None, visits, visits]
    assert logs.whole(dt.date(2026, 6, 1)) == visits
    # A year before, 360 days would leave no three months, and no year to say what is usual of all.
    young = [logs.since(each, dt.date(2025, 3, 1)) for each in features]
    assert young[1] == young[2] == dt.date(2024, 1, 31)
    assert logs.whole(dt.date(2025, 3, 1)) == visits


def test_dates_before_the_logs_are_not_looked_at(shop: Path) -> None:
    crm = CRM.open(shop / "crm.yaml")
    features = [Feature(name="a", source="events.orders", window_days=400)]
    whole = crm.observed("events.orders").start + dt.timedelta(days=400)
    dates = choose_dates(spec_of(shop), crm, NOW, set(), features)
    assert whole <= dates.grid[0] < whole + dt.timedelta(days=31)
    assert dates.since == (whole,)
    assert choose_dates(spec_of(shop), crm, NOW, set()).grid[0] < whole
