"""Conversion the whole way: train, score, and what bad tables do to it."""

from __future__ import annotations

import datetime as dt
import json
import re
import runpy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.cli import main
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import DataError
from salesml.lifecycle import train
from salesml.lifecycle.moved import moved
from salesml.lifecycle.refuse import refuse_faulty
from salesml.lifecycle.training import Trained
from salesml.model.bundle import Bundle
from salesml.scoring import Scorer
from salesml.snapshots import take
from tests.prospects import UNTIL, make_team, team
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AS_OF = str(UNTIL)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = make_team(tmp_path_factory.mktemp("team") / "team")
    return train("conversion", CRM.open(folder / "crm.yaml"), log=False)


@pytest.fixture
def folder(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as working directory."""
    there = trained.folder.parents[2]
    monkeypatch.chdir(there)
    return there


def scored(model: Trained, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[pd.DataFrame, str]:
    command = ["score", "conversion", "--as-of", AS_OF, "--model", str(model.folder / "bundle")]
    assert main([*command, "--out", str(out)]) == 0, capsys.readouterr().err
    return pd.read_parquet(out), capsys.readouterr().out


def test_it_learns_who_is_won(trained: Trained) -> None:
    assert trained.evaluation.metrics["auc"].low > 0.6
    assert trained.verdict.kind in ("usable", "weak")
    features = {feature.name for feature in trained.bundle.features}
    assert {"prospect_age_days", "prospect_industry", "stage", "activities_call_count_30d"} <= features
    assert not {"prospect_verdict", "rep", "seller"} & features
    card = (trained.folder / "model_card.md").read_text()
    assert "How likely is it that this prospect is won within the horizon?" in card
    assert "won within the horizon, among those created at most 200 days before." in card
    assert "how often such prospects did it" in card
    assert "`prospect_amount`" in card.split("Attributes without a history")[1]
    assert "won before the as-of date" in (trained.folder / "split.txt").read_text()


def test_scores_of_open_prospects(
    trained: Trained, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, said = scored(trained, tmp_path / "scores.parquet", capsys)
    assert "prospects with" in said
    assert "attribute-moved" not in said
    assert set(table["task"]) == {"conversion"}
    assert set(table["status"]) == {"scored"}
    assert set(table["band"]) == {"A", "B", "C", "D"}
    assert set(table["rep_id"]) == {"S1"}
    assert table["value"].isna().all()
    assert table["expected_value"].isna().all()
    words = [reason["words"] for reasons in table["reasons"] for reason in reasons]
    assert any(text.startswith("Created ") and text.split(";")[0].endswith(" ago") for text in words)
    assert any(text.startswith("Line of business: ") for text in words)
    assert any("In stage '" in text for text in words)
    toys = [
        reason["direction"]
        for reasons in table["reasons"]
        for reason in reasons
        if reason["words"].startswith("Line of business: toys")
    ]
    assert set(toys) == {"raises"}


def test_the_list_goes_by_chance(
    trained: Trained, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(trained, tmp_path / "scores.parquet", capsys)
    out = tmp_path / "list.csv"
    assert main(["rank", "conversion", "--scores", str(tmp_path / "scores.parquet"), "--out", str(out)]) == 0
    assert pd.read_csv(out)["probability"].is_monotonic_decreasing


def test_who_cannot_be_scored_stands_in_the_table(
    trained: Trained, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "prospects.csv"
    whole = file.read_text()
    extra = pd.DataFrame(
        [
            {"lead": "undated", "industry": "toys"},
            {"lead": "twisted", "made": "2025-01-09", "signed": "2025-01-02", "became": "nobody"},
        ]
    )
    try:
        pd.concat([pd.read_csv(file), extra]).to_csv(file, index=False)
        table, said = scored(trained, tmp_path / "scores.parquet", capsys)
    finally:
        file.write_text(whole)
    row = table.set_index("entity_id").loc["undated"]
    assert (row["status"], row["problem"]) == ("not scored", "nothing says when it was created")
    assert row["probability"] is None or np.isnan(row["probability"])
    assert row["scoring_run_id"] == table["scoring_run_id"].iloc[0]
    assert "1 could not be scored" in said
    assert "1 prospects are left out: won before they were created, by their dates" in said
    assert "twisted" not in set(table["entity_id"])


def test_spark_scores_prospects_alike(
    spark: SparkSession,  # noqa: F811
    trained: Trained,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Bit by bit, those who cannot be scored and those left out among them."""
    file, out = folder / "prospects.csv", tmp_path / "spread"
    whole = file.read_text()
    extra = [
        {"lead": "undated", "industry": "toys"},
        {"lead": "twisted", "made": "2025-01-09", "signed": "2025-01-02", "became": "nobody"},
    ]
    try:
        pd.concat([pd.read_csv(file), pd.DataFrame(extra)]).to_csv(file, index=False)
        expected, _ = scored(trained, tmp_path / "scores.parquet", capsys)
        command = ["score", "conversion", "--as-of", AS_OF, "--model", str(trained.folder / "bundle")]
        assert main([*command, "--out", str(out), "--engine", "spark"]) == 0
    finally:
        file.write_text(whole)
    said = capsys.readouterr().out
    assert "1 prospects are left out: won before they were created, by their dates" in said
    assert "1 could not be scored" in said
    rows = [table.set_index("entity_id").sort_index() for table in (expected, pd.read_parquet(out))]
    own = ["reasons", "other_contribution", "scoring_run_id"]
    pd.testing.assert_frame_equal(*[table.drop(columns=own) for table in rows], check_exact=True)
    told = [[[each["words"] for each in row] for row in table["reasons"].dropna()] for table in rows]
    assert told[0] == told[1]
    (row,) = pd.read_parquet(out / "_quarantine").to_dict("records")
    assert row == {"entity_id": "undated", "problem": "nothing says when it was created"}


def test_old_tables_are_refused(
    trained: Trained, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["score", "conversion", "--as-of", "2025-05-01", "--model", str(trained.folder / "bundle")]
    assert main([*command, "--out", str(tmp_path / "late.parquet")]) == 1
    said = capsys.readouterr().err
    assert "[stale]" in said
    assert "older rows would make everybody look forgotten" in said
    assert not (tmp_path / "late.parquet").exists()


def test_an_attribute_that_moved_is_warned_of(trained: Trained, folder: Path) -> None:
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "conversion.yaml")
    table = take(spec, crm, [UNTIL], labels=False).table
    assert moved(trained.bundle, table) == []
    place = table.column_names.index("prospect_industry")
    swapped = table["prospect_industry"].to_pandas().replace({"toys": "law", "law": "toys", "steel": "Steel"})
    (line,) = moved(trained.bundle, table.set_column(place, "prospect_industry", [swapped.tolist()]))
    assert line.startswith("warning [attribute-moved] prospect_industry is not spread as in training: ")
    assert re.search(r"steel \d+%, now 0%; other or empty 0%, now \d+%", line)


def test_what_is_dated_after_a_past_date_is_no_warning_there(folder: Path) -> None:
    crm, lines = CRM.open(folder / "crm.yaml"), list[str]()
    past = UNTIL - dt.timedelta(days=200)
    others = [each.code for each in crm.check(past).faults if not each.fatal]
    assert "future-date" in others
    refuse_faulty(crm, lines.append, past, read_spec(folder / "models" / "conversion.yaml"))
    left = [code for code in others if code != "future-date"]
    told = [line for line in lines if "warning" in line]
    assert len(told) == bool(left)
    for line in told:
        assert line.startswith(f"The tables have {len(left)} warning")
        assert all(f"{code} in " in line for code in left)
        assert "future-date" not in line


def test_of_ideal_customers_only_other_levels_are_warned_of(trained: Trained, folder: Path) -> None:
    """The won, who are learned from, differ from the open by what won them."""
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "conversion.yaml")
    table, bundle = take(spec, crm, [UNTIL], labels=False).table, replace(trained.bundle, task="fit")
    place, name = table.column_names.index("prospect_industry"), "prospect_industry"
    industry = table[name].to_pandas()
    most = industry.value_counts().index[0]
    rows = table.filter(pa.array((industry != most) | (np.arange(len(industry)) % 4 == 0)))
    assert len(moved(trained.bundle, rows)) == 1
    assert moved(bundle, rows) == []
    for changed in ({most: "renamed"}, {most: None}, {most: industry.value_counts().index[1]}):
        others = industry.replace(changed).tolist()
        (line,) = moved(bundle, table.set_column(place, name, [others]))
        assert f"{most} " in line
        assert not re.search(r"(?<!\d)0%, now 0%", line)


def test_a_category_never_seen_in_training_is_scored_and_said(trained: Trained, folder: Path) -> None:
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "conversion.yaml")
    table = take(spec, crm, [UNTIL], labels=False).table.to_pandas().head(1)
    table["prospect_industry"] = "whaling"
    result = Scorer(trained.bundle).score(table, top=50).iloc[0]
    assert result["status"] == "scored"
    words = [reason["words"] for reason in result["reasons"]]
    assert "Line of business: whaling (a rare or new value)" in words


def test_level_shares_survive_saving(trained: Trained) -> None:
    again = Bundle.load(trained.folder / "bundle")
    assert again.level_shares == trained.bundle.level_shares
    assert set(again.level_shares) == {"prospect_industry"}
    assert sum(again.level_shares["prospect_industry"].values()) == pytest.approx(1, abs=1e-3)


def test_what_all_but_equals_the_outcome_is_refused_by_name(tmp_path: Path) -> None:
    folder = make_team(tmp_path / "team")
    text = (folder / "crm.yaml").read_text().replace("exclude: [prospects.verdict]\n", "")
    (folder / "crm.yaml").write_text(text)
    with pytest.raises(DataError) as caught:
        train("conversion", CRM.open(folder / "crm.yaml"), log=False)
    assert {fault.column for fault in caught.value.faults} == {"prospect_verdict"}
    assert "Leave it out with --exclude, or insist with --allow" in str(caught.value)


def test_warnings_and_errors_of_bad_prospects(tmp_path: Path) -> None:
    tables = team(60)
    prospects = tables["prospects"]
    prospects.loc[0, ["made", "signed"]] = [pd.Timestamp("2024-03-02"), pd.Timestamp("2024-03-01")]
    prospects.loc[1, "became"] = "nowhere"
    folder = make_team(tmp_path / "team", tables)
    faults = {fault.code: fault for fault in CRM.open(folder / "crm.yaml").check().faults}
    assert "1 row with signed before made" in str(faults["end-before-start"])
    assert not faults["orphan"].fatal
    assert faults["orphan"].examples == ("'nowhere'",)
    prospects.loc[2, "lead"] = prospects.loc[3, "lead"]
    make_again = tmp_path / "again"
    with pytest.raises(DataError) as caught:
        train("conversion", CRM.open(make_team(make_again, tables) / "crm.yaml"), log=False)
    assert {fault.code for fault in caught.value.faults if fault.fatal} == {"duplicate-key"}


def test_nobody_won(tmp_path: Path) -> None:
    tables = team(60)
    tables["prospects"]["signed"] = pd.NaT
    with pytest.raises(DataError, match="None of 60 prospects has a day on which it was won"):
        train("conversion", CRM.open(make_team(tmp_path / "team", tables) / "crm.yaml"), log=False)


def test_backtest(trained: Trained, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "conversion", "--dates", "2", "--json"]) in (0, 3)
    done = json.loads(capsys.readouterr().out)
    assert done["folder"]


def test_the_training_script_runs(trained: Trained, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "training" / "train_conversion.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "left out: " in said
    assert said.count("AUC") >= 2
    assert "Registered as models:/salesml-conversion/1" in said


def test_the_test_lies_behind_what_was_learned(trained: Trained) -> None:
    days = [dt.date.fromisoformat(day) for day in trained.bundle.training.as_of]
    tested = json.loads((trained.folder / "run.json").read_text())["tags"]
    assert max(days) + dt.timedelta(days=30) <= UNTIL - dt.timedelta(days=30), tested
