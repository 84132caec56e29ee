"""The checks together: clean tables, real ones, hostile ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.model.faults import InputError
from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def test_an_honest_table_raises_no_alarm() -> None:
    X, y = honest()
    screening = screen(X, y)
    assert alarms(screening) == []
    assert (screening.groups == np.arange(len(y))).all()


def test_pure_noise_is_said_to_tell_nothing_and_raises_no_alarm() -> None:
    X, _ = honest()
    y = np.random.default_rng(9).integers(0, 2, len(X))
    screening = screen(X, y)
    assert alarms(screening) == []
    (finding,) = found(screening, "no-column-tells")
    assert "the outcome on its own better than chance does" in finding.what


def test_the_gravest_comes_first_and_text_counts_the_notes() -> None:
    X, y = honest()
    screening = screen(X.assign(copy=y, same=1), y)
    assert [finding.severity for finding in screening.findings] == sorted(
        (finding.severity for finding in screening.findings), key=["stop", "warn", "note"].index
    )
    assert "stop [equals-outcome, all but certain" in screening.text()
    assert "more note" in screening.text(notes=False)
    assert screening.as_dict()["findings"][0]["columns"] == ("copy",)


def test_what_is_allowed_becomes_a_note() -> None:
    X, y = honest()
    X["copy"] = y
    assert screen(X, y).stops
    screening = screen(X, y, allow=["copy"])
    assert alarms(screening) == []
    assert found(screening, "equals-outcome")[0].do == "You insist on it (allow)."


def test_dated_features_are_no_leaks() -> None:
    X, y = honest()
    X["recency"] = np.where(y == 1, 90, 3) + np.random.default_rng(0).normal(0, 2, len(y))
    assert screen(X, y).stops
    assert alarms(screen(X, y, dated=["recency"])) == []


def test_groups_given_stay_together() -> None:
    X, y = honest()
    groups = np.repeat(np.arange(len(y) // 2), 2)
    assert (screen(X, y, groups=groups).groups == groups).all()


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": list("abcde"), "c": [None] * 5}),
        pd.DataFrame({"a": [None] * 5}),
        pd.DataFrame({"a": [1.0] * 5, "b": ["x"] * 5}),
        pd.DataFrame({"a": [np.inf, -np.inf, np.nan, 1e308, -1e308], "b": [1e308, 1e308, 1, 2, 3]}),
        pd.DataFrame({"a": [[1], [2], [1], None, [3]], "b": pd.date_range("2026-01-01", periods=5)}),
        pd.DataFrame({"a": [1, "x", None, 2.5, True], "b": pd.Categorical(list("xyxyx"))}),
    ],
)
def test_a_few_odd_rows_survive(X: pd.DataFrame) -> None:
    screening = screen(X, [0, 1, 0, 1, 1])
    assert not screening.stops
    assert len(screening.groups) == 5


def test_a_thousand_columns_of_which_most_are_empty() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(np.where(np.arange(1000) < 10, rng.normal(size=(400, 1000)), np.nan))
    screening = screen(X, rng.integers(0, 2, 400))
    (finding,) = found(screening, "empty-column")
    assert len(finding.columns) == 990
    assert "990 columns hold nothing in any row: x10, x11" in finding.what
    assert alarms(screening) == []


def test_a_hundred_thousand_levels() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": [f"k{level}" for level in rng.integers(0, 100_000, 150_000)], "b": 1})
    assert alarms(screen(X, rng.integers(0, 2, 150_000))) == []


def test_a_target_of_three_values_is_refused() -> None:
    with pytest.raises(InputError, match="Two values"):
        screen(pd.DataFrame({"a": [1, 2, 3]}), [0, 1, 2])


def test_x_education_is_full_of_columns_written_after_contact(data: Path) -> None:
    table = pd.read_csv(data / "x_education" / "leads.csv").replace("Select", np.nan)
    screening = screen(table.drop(columns="Converted"), table["Converted"])
    named = {name for finding in screening.warnings for name in finding.columns}
    late = {"Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"}
    assert late | {name for name in table if name.startswith("Asymmetrique")} == named
    (tags,) = found(screening, "stands-for-outcome")
    assert tags.columns == ("Tags",)
    assert tags.sure >= 0.99
    (repeats,) = found(screening, "duplicate-rows")
    assert repeats.severity == "warn"
    assert "1,281 of them with the same outcome" in repeats.what
    identifiers = {finding.columns for finding in found(screening, "identifier")}
    assert identifiers == {("Prospect ID",), ("Lead Number",)}


def test_telco_and_the_pipeline_without_signal_raise_no_alarm(data: Path) -> None:
    table = pd.read_csv(data / "telco" / "Telco-Customer-Churn.csv")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    assert alarms(screen(table.drop(columns="Churn"), table["Churn"] == "Yes")) == []
    deals = pd.read_csv(data / "crm_pipeline" / "sales_pipeline.csv")
    deals = deals[deals["deal_stage"].isin(["Won", "Lost"])]
    deals = deals.merge(pd.read_csv(data / "crm_pipeline" / "accounts.csv"), how="left", on="account")
    hidden = ["opportunity_id", "deal_stage", "engage_date", "close_date", "close_value"]
    screening = screen(deals.drop(columns=hidden), deals["deal_stage"] == "Won")
    assert alarms(screening) == []
    assert found(screening, "no-column-tells")


def test_a_term_computed_to_the_end_is_found_beside_the_beginning(data: Path) -> None:
    table = pd.read_csv(data / "telco_contracts" / "contract.csv")
    begin = pd.to_datetime(table["BeginDate"], format="%Y-%m-%d")
    ends = table["EndDate"].str.slice(0, 10).where(table["EndDate"] != "No", "2020-02-01")
    table["tenure"] = (pd.to_datetime(ends, format="%Y-%m-%d") - begin).dt.days
    screening = screen(table.drop(columns="EndDate"), table["EndDate"] != "No")
    (finding,) = found(screening, "pair-tells-outcome")
    assert set(finding.columns) == {"tenure", "BeginDate"}
    assert "sum" in finding.what
