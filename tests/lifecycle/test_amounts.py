"""Value and hours the whole way: trained beside the chance, kept in the bundle, scored, told in words."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import ModelError
from salesml.lifecycle import train
from salesml.lifecycle.amounts import fit_amounts
from salesml.lifecycle.fit import fit_and_test
from salesml.lifecycle.rows import rows_of
from salesml.lifecycle.training import Trained
from salesml.model.bundle import Bundle
from salesml.scoring import Scorer
from salesml.snapshots import plan_split, take
from tests.prospects import CONTRACT, SPEC, UNTIL, make_team, team

LOG = """events:
  orders: {source: orders.csv, account: who, at: at, measures: {margin: margin}}
"""


def orders(prospects: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """What the won bought: two of five nothing, the others the more the more employees they have."""
    rng = np.random.default_rng(seed)
    won = prospects.dropna(subset=["became"])
    margin = 50 * won["employees"].to_numpy() ** 0.7 * rng.lognormal(0, 0.5, len(won))
    at = pd.to_datetime(won["signed"]) + pd.to_timedelta(rng.integers(0, 50, len(won)), unit="D")
    made = pd.DataFrame({"who": won["became"], "at": at, "margin": np.round(margin, 2)})
    kept = made[(rng.random(len(made)) < 0.6) & (at < pd.Timestamp(UNTIL))]
    last = pd.DataFrame({"who": ["Z"], "at": [pd.Timestamp(UNTIL) - pd.Timedelta(days=1)], "margin": [1.0]})
    return pd.concat([kept, last])


def valued_team(folder: Path, *, value_days: int = 60, margin: float = 1.0, hours: bool = True) -> Path:
    tables = team()
    tables["orders"] = orders(tables["prospects"])
    tables["orders"]["margin"] *= margin
    make_team(folder, tables)
    contract = CONTRACT + LOG
    if not hours:
        contract = "\n".join(line for line in contract.splitlines() if not line.startswith("activities"))
    (folder / "crm.yaml").write_text(contract)
    spec = SPEC + f"value: orders.margin\nvalue_days: {value_days}\n"
    (folder / "models" / "conversion.yaml").write_text(spec)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = valued_team(tmp_path_factory.mktemp("valued") / "team")
    return train("conversion", CRM.open(folder / "crm.yaml"), log=False)


@pytest.fixture(scope="module")
def scores(trained: Trained) -> pd.DataFrame:
    return scored(trained)


def scored(model: Trained) -> pd.DataFrame:
    folder = model.folder.parents[2]
    spec = read_spec(folder / "models" / "conversion.yaml")
    rows = take(spec, CRM.open(folder / "crm.yaml"), [UNTIL], labels=False)
    table = Scorer(Bundle.load(model.folder / "bundle")).score(rows.table)
    attributes = pd.read_csv(folder / "prospects.csv")[["lead", "employees"]]
    return table.merge(attributes, left_on="entity_id", right_on="lead")


def test_values_are_those_of_rows_not_seen(trained: Trained) -> None:
    found = json.loads((trained.folder / "amounts.json").read_text())["value"]
    assert "of them with an amount above zero" in found["says"]
    ratio = found["evaluation"]["figures"]["ratio"]
    assert ratio["low"] < 1 < ratio["high"]
    assert found["evaluation"]["figures"]["deviance_explained"]["low"] > 0.02


def test_the_bundle_holds_a_text_for_each_amount(trained: Trained) -> None:
    files = {path.name for path in (trained.folder / "bundle").iterdir()}
    assert files == {"booster.txt", "bundle.json", "value.txt", "hours.txt"}
    assert json.loads((trained.folder / "bundle" / "bundle.json").read_text())["format"] == 3
    assert Bundle.load(trained.folder / "bundle").digest == trained.bundle.digest


def test_larger_prospects_are_worth_more(scores: pd.DataFrame) -> None:
    assert (scores["value"] > 0).all()
    assert scores["value"].corr(scores["employees"], method="spearman") > 0.6


def test_what_is_expected_is_chance_times_value_within_its_interval(scores: pd.DataFrame) -> None:
    assert scores["expected_value"].to_numpy() == pytest.approx(
        (scores["probability"] * scores["value"]).to_numpy()
    )
    assert (scores["expected_low"] < scores["expected_value"]).all()
    assert (scores["expected_value"] < scores["expected_high"]).all()


def test_return_on_effort_is_value_per_hour_and_never_infinite(
    trained: Trained, scores: pd.DataFrame
) -> None:
    assert scores["return_on_effort"].to_numpy() == pytest.approx(
        (scores["expected_value"] / scores["expected_hours"]).to_numpy()
    )
    assert trained.bundle.amounts is not None
    assert trained.bundle.amounts.hours is not None
    floor = trained.bundle.amounts.hours.floor
    assert floor == 0.5
    assert scores["expected_hours"].min() >= floor


def test_the_card_tells_both_and_what_the_floor_is(trained: Trained) -> None:
    card = (trained.folder / "model_card.md").read_text()
    assert "## What a won prospect is worth" in card
    assert "orders.margin in the 60 days after being won" in card
    assert "## Hours still to be spent" in card
    assert "No fewer than 0.5 are expected" in card
    assert "came true" in card
    assert 'FROM "prospects"' in (trained.folder / "worth.sql").read_text()


def test_the_run_holds_the_main_figures_of_both_and_nothing_per_row(trained: Trained) -> None:
    metrics = json.loads((trained.folder / "run.json").read_text())["metrics"]
    told = json.loads((trained.folder / "amounts.json").read_text())
    for name in ("value", "hours"):
        evaluation = told[name]["evaluation"]
        own = {key.removeprefix(f"{name}."): metrics[key] for key in metrics if key.startswith(f"{name}.")}
        expected = {"rows": evaluation["rows"], "positive": evaluation["positive"]}
        for key, figure in evaluation["figures"].items():
            expected |= {key: figure["value"], f"{key}_low": figure["low"], f"{key}_high": figure["high"]}
        assert own == expected
        assert {"ratio", "gini", "deviance_explained", "calibration_error"} < set(own)


def test_the_card_speaks_of_prospects(trained: Trained) -> None:
    card = (trained.folder / "model_card.md").read_text()
    assert "prospects, " in card.partition("## Tested on rows it had not seen")[2].splitlines()[3]
    assert "resampled by prospect." in card
    assert "resampled by account" not in card


def test_a_changed_text_is_refused(trained: Trained, tmp_path: Path) -> None:
    folder = trained.bundle.save(tmp_path / "bundle")
    text = (folder / "value.txt").read_text()
    (folder / "value.txt").write_text(text.replace("leaf_value=", "leaf_value=9", 1))
    with pytest.raises(ModelError, match=r"value.txt of the bundle .* is not as it was written"):
        Bundle.load(folder)


def test_a_text_that_is_missing_or_does_not_belong_is_refused(trained: Trained, tmp_path: Path) -> None:
    folder = trained.bundle.save(tmp_path / "bundle")
    (folder / "hours.txt").rename(tmp_path / "hours.txt")
    with pytest.raises(ModelError, match=r"lacks hours.txt"):
        Bundle.load(folder)
    assert trained.bundle.amounts is not None
    plain = replace(trained.bundle, amounts=None).save(tmp_path / "plain")
    (plain / "hours.txt").write_text((tmp_path / "hours.txt").read_text())
    with pytest.raises(ModelError, match=r"holds hours.txt, which does not belong to it"):
        Bundle.load(plain)


def said(folder: Path) -> tuple[Trained, str]:
    lines: list[str] = []
    model = train("conversion", CRM.open(folder / "crm.yaml"), log=False, say=lines.append)
    return model, "\n".join(lines)


def test_values_that_are_all_zero_leave_the_chance_alone(tmp_path: Path) -> None:
    model, text = said(valued_team(tmp_path / "team", margin=0.0))
    assert "Nothing could be learned: The amount is zero in all" in text
    assert model.bundle.amounts is not None
    assert model.bundle.amounts.value is None
    table = scored(model)
    assert table["probability"].notna().all()
    assert table["expected_value"].isna().all()
    assert table["return_on_effort"].isna().all()
    assert table["expected_hours"].notna().all()


def test_rows_that_are_kept_together_keep_their_hours(trained: Trained) -> None:
    """Repeated rows share a group in folds, which is no prospect: amounts go by the prospect all the same."""
    folder = trained.folder.parents[2]
    spec, crm = read_spec(folder / "models" / "conversion.yaml"), CRM.open(folder / "crm.yaml")
    split = plan_split(spec, crm)
    snapshot = take(spec, crm, split.dates)
    training, testing = rows_of(snapshot, split.train), rows_of(snapshot, split.test)
    groups = np.array([f"group {number // 2}" for number in range(len(training))], dtype=object)
    tested = fit_and_test(spec, training, testing)
    told = [
        fit_amounts(spec, crm, tested, rows, testing, lambda _: None, prospects=training.entity).told["hours"]
        for rows in (training, replace(training, entity=groups))
    ]
    assert told[0].model is not None
    assert told[1].model is not None
    assert told[0].model.rows == told[1].model.rows == len(training)
    assert told[0].remarks == told[1].remarks


def test_a_history_too_short_for_the_value_is_said(tmp_path: Path) -> None:
    model, text = said(valued_team(tmp_path / "team", value_days=4_000, hours=False))
    assert "A smaller value_days would make do with a shorter history" in text
    assert model.bundle.amounts is None
    assert scored(model)["expected_hours"].isna().all()


def test_without_activities_there_are_no_hours(tmp_path: Path) -> None:
    model, _ = said(valued_team(tmp_path / "team", hours=False))
    table = scored(model)
    assert table["expected_value"].notna().all()
    assert table[["expected_hours", "return_on_effort"]].isna().all(axis=None)
    assert not (model.folder / "bundle" / "hours.txt").exists()


def test_nothing_after_the_date_moves_an_expectation(trained: Trained, tmp_path: Path) -> None:
    """The second guard: what is dated on or after the as-of date is corrupted, the scores stay."""
    source, day = trained.folder.parents[2], UNTIL - dt.timedelta(days=60)
    other = valued_team(tmp_path / "team")
    for name, column in {"activities": "done", "orders": "at"}.items():
        table = pd.read_csv(other / f"{name}.csv", parse_dates=[column])
        late = table[column] >= pd.Timestamp(day)
        assert late.any()
        table.loc[late, "hours" if name == "activities" else "margin"] = 99.0
        table.to_csv(other / f"{name}.csv", index=False)
    scorer = Scorer(Bundle.load(trained.folder / "bundle"))
    both = []
    for folder in (source, other):
        spec = read_spec(folder / "models" / "conversion.yaml")
        rows = take(spec, CRM.open(folder / "crm.yaml"), [day], labels=False)
        both.append(scorer.score(rows.table, run_id="x").drop(columns="reasons"))
    pd.testing.assert_frame_equal(*both, check_exact=True)
