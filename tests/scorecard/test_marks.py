from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salesml.config import read_spec
from salesml.config.scorecard import ScorecardSpec
from salesml.scorecard.data import Note
from salesml.scorecard.facts import Asked, Money
from salesml.scorecard.marks import mark
from salesml.scorecard.metric import Base, Metric
from tests.scorecard.small import CHURN


def asked() -> Asked:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "churn.yaml"
        path.write_text(CHURN)
        return Asked(
            spec=ScorecardSpec(),
            churn=read_spec(path),
            money=Money("orders", "revenue", "margin"),
            first=dt.date(2023, 1, 1),
            until=dt.date(2025, 11, 20),
            have=frozenset(),
        )


ASKED = asked()


def metric(name: str, *needs: str) -> Metric:
    return Metric(
        name=name, check=1, title=name, how="", unit="share", good="up", kind="rate",
        base=Base(name=name, sql="", needs=needs), numerator="n", denominator="d",
    )  # fmt: skip


def figures(*names: str) -> pd.DataFrame:
    rows = [
        (name, each.kind, pd.Timestamp(each.start), level, "worse", "worse")
        for name in names for each in ASKED.periods for level in ("company", "rep")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["metric", "kind", "start", "level", "verdict", "trend_verdict"])


def gap(table: str, first: dt.date | None, until: dt.date | None) -> Note:
    return Note(
        code="missing-month", words="", first=first, until=until, spoils=(table,), short=f"no {table}"
    )


def marked(notes: list[Note], *needs: str) -> pd.DataFrame:
    found = mark(figures("m"), [metric("m", *needs)], notes, ASKED)
    return found.set_index(["kind", "start", "level"]).sort_index()


def test_periods_that_are_not_over_are_compared_with_none() -> None:
    found = marked([], "costs")
    assert not found.loc[("month", "2025-11-01", "company"), "complete"]
    assert found.loc[("month", "2025-11-01", "company"), "verdict"] == "incomplete"
    assert found.loc[("month", "2025-11-01", "rep"), "trend_verdict"] == "incomplete"
    assert found.loc[("month", "2025-10-01", "company"), "verdict"] == "worse"
    # Reps of one period have it in common: they are still held against one another.
    assert found.loc[("month", "2025-11-01", "rep"), "verdict"] == "worse"


def test_a_gap_marks_every_period_with_it_and_the_year_after() -> None:
    found = marked([gap("costs", dt.date(2024, 3, 1), dt.date(2024, 4, 1))], "costs.amount")
    lacking = found[found["lacks"] != ""].xs("company", level="level").index
    assert set(lacking) == {
        ("month", pd.Timestamp("2024-03-01")),
        ("quarter", pd.Timestamp("2024-01-01")),
        ("year", pd.Timestamp("2024-01-01")),
        ("all", pd.Timestamp("2023-01-01")),
    }
    for kind, start in (("month", "2025-03-01"), ("quarter", "2025-01-01")):
        assert found.loc[(kind, start, "company"), "verdict"] == "incomplete"
        assert found.loc[(kind, start, "company"), "lacks"] == ""
    assert found.loc[("month", "2025-04-01", "company"), "verdict"] == "worse"


def test_a_gap_of_another_table_marks_nothing() -> None:
    assert (marked([gap("workload", None, None)], "costs.amount")["lacks"] == "").all()


@pytest.mark.parametrize("need", ["revenue", "margin", "accounts", "events.orders.m_margin"])
def test_a_gap_of_the_log_marks_what_is_derived_from_it(need: str) -> None:
    found = marked([gap("events.orders", None, None)], need)
    assert (found["lacks"] == "no events.orders").all()


def test_a_period_whose_cases_are_too_young_is_not_whole() -> None:
    slow = replace(metric("m", "costs"), base=Base(name="m", sql="", ripens=180))
    found = mark(figures("m"), [slow], [], ASKED).set_index(["kind", "start", "level"]).sort_index()
    young = "its newest cases are younger than 180 days"
    assert found.loc[("quarter", "2025-07-01", "company"), "lacks"] == young
    assert found.loc[("quarter", "2025-07-01", "company"), "verdict"] == "incomplete"
    assert found.loc[("quarter", "2025-01-01", "company"), "lacks"] == ""
    assert found.loc[("all", "2023-01-01", "company"), "lacks"] == ""


def test_what_was_too_few_stays_too_few() -> None:
    table = figures("m").assign(verdict="too few", trend_verdict="no year before")
    found = mark(table, [metric("m", "costs")], [gap("costs", None, None)], ASKED)
    assert set(found["verdict"]) == {"too few"}
    assert set(found["trend_verdict"]) == {"no year before"}


def test_no_figures_stay_none() -> None:
    assert mark(pd.DataFrame(), [], [], ASKED).empty


def test_a_month_that_is_missing_long_before_spoils_what_looks_back() -> None:
    far = replace(metric("m", "costs"), base=Base(name="m", sql="", needs=("costs",), looks_back=24))
    notes = [gap("costs", dt.date(2023, 9, 1), dt.date(2023, 10, 1))]
    found = mark(figures("m"), [far], notes, ASKED).query("kind == 'month' and level == 'company'")
    spoilt = set(found.loc[found["lacks"] != "", "start"].dt.strftime("%Y-%m"))
    assert "2025-08" in spoilt
    assert "2025-09" not in spoilt
    near = mark(figures("m"), [metric("m", "costs")], notes, ASKED).query("kind == 'month'")
    assert set(near.loc[near["lacks"] != "", "start"].dt.strftime("%Y-%m")) == {"2023-09"}
