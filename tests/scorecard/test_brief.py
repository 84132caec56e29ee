"""The meeting brief: only what other tables say, never luck as if it were real, and one page of it."""

from __future__ import annotations

import pandas as pd
import pytest

from salesml.scorecard.brief import MOST, brief
from salesml.scorecard.checks import conditions, leading
from salesml.scorecard.checks.kept import metrics as kept_metrics
from salesml.scorecard.checks.outcomes import METRICS
from salesml.scorecard.figures import figures
from salesml.scorecard.further import joint_tables
from salesml.scorecard.registry import definitions
from tests.scorecard.simulated import simulated

QUARTER = pd.Timestamp(2024, 10, 1)


def change(metric: str, verdict: str, trend: float, reach: float, **other: object) -> dict[str, object]:
    row = {
        "metric": metric, "kind": "quarter", "start": QUARTER, "level": "company", "value": 1.0,
        "verdict": verdict, "trend": trend, "trend_low": trend - reach, "trend_high": trend + reach,
        "words": f"{metric} is {verdict}",
    }  # fmt: skip
    return row | other


def tables() -> dict[str, pd.DataFrame]:
    """Of every table a row that is to be told, and some that are not."""
    changed = [
        change("m1", "worse", 3.0, 1.0), change("m1b", "worse", 2.0, 1.0), change("m2", "better", -4.0, 1.0),
        change("m3", "worse", 5.0, 1.0), change("m4", "same", 0.1, 1.0), change("m5", "worse", 1.05, 1.0),
        change("m6", "worse", 9.0, 1.0, start=pd.Timestamp(2024, 7, 1)), change("m6", "same", 0.1, 1.0),
        change("m7", "worse", 9.0, 1.0, level="rep"), change("m8", "too few", 9.0, 1.0),
    ]  # fmt: skip
    names = [f"m{each}" for each in ("1", "1b", 2, 3, 4, 5, 6, 7, 8)]
    return {
        "figures": pd.DataFrame(changed),
        "definitions": pd.DataFrame(
            {"metric": names, "check": [1, 1, 2, 3, 4, 5, 6, 7, 4], "title": [name.upper() for name in names]}
        ).assign(unit="number"),
        "practices": pd.DataFrame(
            [
                ("done by all", 99.0, 1.0, 0.5, 0.5, "helps"), ("best", 50.0, 50.0, 0.2, 0.3, "helps"),
                ("good", 50.0, 50.0, 0.1, 0.2, "helps"), ("seeming", 50.0, 50.0, 0.01, 0.15, "luck"),
                ("seeming less", 50.0, 50.0, 0.01, 0.1, "luck"), ("real", 50.0, 50.0, 0.2, 0.3, "luck"),
            ],
            columns=["practice", "with_it", "without_it", "effect", "raw_difference", "verdict"],
        ).assign(words=lambda table: "practice " + table["practice"]),
        "better_reps": pd.DataFrame(
            [("style", "luck", "more", 0.001), ("best", "helps", "more", 0.01), ("x", "helps", "luck", 0.0)],
            columns=["practice", "works", "verdict", "chance"],
        ).assign(words=lambda table: "better do " + table["practice"]),
        "reasons_of_loss": pd.DataFrame(
            {"reason": ["no reason given", "price", "time"], "amount": [900.0, 500.0, 600.0]}
        ).assign(words=lambda table: "lost by " + table["reason"]),
        "time_in_stages": pd.DataFrame(
            {"stage": ["new", "offer"], "share": [0.3, 0.7], "words": ["stage new", "stage offer"]}
        ),
        "conditions": pd.DataFrame(
            [("rates", "luck", 0.9), ("orders", "goes with", 0.2), ("jobs", "goes with", 0.4)],
            columns=["indicator", "verdict", "explained"],
        ).assign(words=lambda table: "market of " + table["indicator"]),
        "shared": pd.DataFrame(
            {
                "practice": ["old", "last", "new"], "verdict": ["helped", "cannot be told", "too early"],
                "shared_on": pd.to_datetime(["2023-01-01", "2024-01-01", "2024-11-01"]),
                "words": ["shared old", "shared last", "shared new"],
            }
        ),
        "ahead": pd.DataFrame(
            {"level": ["rep", "company"], "id": ["a", "company"], "words": ["no", "ahead"]}
        ),
        "reallocation": pd.DataFrame(
            {
                "rep": ["a", "b", "c"], "low": [1.0, 1.0, -5.0], "opportunity_cost": [5.0, 9.0, 99.0],
                "words": ["hours a", "hours b", "hours c"],
            }
        ),
    }  # fmt: skip


def test_each_part_takes_the_sentence_that_tells_most():
    found = brief(tables(), {"b": "Bea"})
    assert list(found["words"]) == [
        "M3, 2024 Q4: m3 is worse", "M2, 2024 Q4: m2 is better", "M1, 2024 Q4: m1 is worse",
        "practice best", "better do best", "practice seeming", "lost by time", "stage offer",
        "market of jobs", "shared last", "ahead", "Bea: hours b",
    ]  # fmt: skip
    assert list(found["order"]) == list(range(1, MOST + 1))
    assert list(found["rests_on"])[3:] == [
        "practices: best", "better_reps: best", "practices: seeming", "reasons_of_loss: time",
        "time_in_stages: offer", "conditions: jobs", "shared: last", "ahead: company", "reallocation: b",
    ]  # fmt: skip


def test_one_change_of_many_figures_that_lies_just_outside_its_interval_is_no_change():
    given = tables()
    given["figures"] = given["figures"][given["figures"]["metric"].isin(["m4", "m5"])]
    found = brief(given)
    assert found.loc[0, "words"] == "No figure of the company changed by more than chance and visibly"
    assert found.loc[0, "rests_on"] == ""


def test_a_change_that_is_real_and_too_small_to_see_is_not_told():
    given = tables()
    given["definitions"]["unit"] = "share"
    given["figures"] = pd.DataFrame([change("m1", "worse", 0.0008, 0.0001, value=0.0413)])
    assert brief(given).loc[0, "words"] == "No figure of the company changed by more than chance and visibly"
    given["figures"] = pd.DataFrame([change("m1", "worse", 0.0013, 0.0001, value=0.0413)])
    assert brief(given).loc[0, "words"] == "M1, 2024 Q4: m1 is worse"


@pytest.mark.parametrize("name", sorted(set(tables()) - {"figures", "definitions", "practices"}))
def test_a_part_without_its_table_says_so(name):
    given = tables()
    full = brief(given)
    del given[name]
    found = brief(given)
    assert list(found["part"]) == list(full["part"])
    assert (found["rests_on"] == "").sum() == 1
    assert found.loc[found["rests_on"] == "", "words"].iloc[0].startswith("Nothing can be said of it without")


def test_tables_that_say_nothing_are_not_missing():
    given = tables()
    given["practices"] = given["practices"][given["practices"]["verdict"] == "too few"]
    given["shared"] = given["shared"].iloc[:0]
    found = brief(given).set_index("part")["words"]
    assert found["What only looks good"] == "No practice looks good and is luck"
    assert "Whoever looks after the scorecard can note one" in found["What was shared last time"]


def test_of_nothing_every_part_says_that_there_is_nothing():
    found = brief({})
    assert len(found) == 10
    assert set(found["rests_on"]) == {""}


def test_of_a_simulated_company_every_sentence_is_one_that_a_table_says(tmp_path):
    with simulated(tmp_path, size=1500, seed=8) as (con, asked):
        metrics = [*kept_metrics(6), *(each for each in METRICS if each.name in ("win_rate", "margin_rate"))]
        table = figures(con, metrics).assign(words="as the table says")
        further = {
            "steadiness": pd.DataFrame(columns=["level", "id", "verdict", "dispersion"]),
            "leading": leading.leading(con, asked.have),
            "conditions": conditions.conditions(con),
        }
        made = joint_tables(table, definitions(metrics), further, asked, "GBP", {})
    assert set(made) == {"success", "brief", "early_by_winner"}
    said = {str(words) for each in (*further.values(), table) if "words" in each for words in each["words"]}
    told = made["brief"][made["brief"]["rests_on"] != ""]
    assert len(told)
    for words in told["words"]:
        assert any(each in words for each in said)
    points = made["success"]
    assert len(points) >= 5
    assert (points["low"] < points["y"]).all()
    assert (points["y"] < points["high"]).all()
    assert set(points["made_of"]) == {"customers kept, new customers kept, win rate"}
    assert set(points["year"].dt.year) == {
        max(each.start.year for each in asked.periods if each.complete)
    } - {0}
