"""Every prospect's rows moved so that its as-of date is a common day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from salesml.errors import UsageError
from salesml.snapshots.shifted import refuse_undated, shift
from tests.snapshots.won import day, ideal_spec, order, prospect, won_crm

TO = day(500)


def moved(folder: Path) -> dict[str, list[dict[str, Any]]]:
    tables = {
        "prospects": [prospect("a", 0, 9), prospect("b", 5, 50), prospect("left-out", 5, 60)],
        "orders": [order("A", 10)],
        "accounts": [{"id": "A", "since": day(9)}],
        "visits": [
            {"lead": name, "seen": day(at), "pages": at} for name, at in (("a", 3), ("b", 8), ("b", 40))
        ],
        "activities": [{"lead": "a", "at": day(4), "hours": 1.0}, {"customer": "A", "at": day(4)}],
    }  # fmt: skip
    crm = won_crm(folder, tables)
    columns = {name: dict(relation.columns) for name, relation in crm.relations().items()}
    with crm.connect() as con:
        shift(con, columns, ["a", "b"], [day(5), day(20)], TO)
        return {
            name: con.sql(f'SELECT * FROM "{name}" ORDER BY ALL').to_arrow_table().to_pylist()
            for name in columns
        }


def test_days_before_the_as_of_date_stay_the_same(tmp_path: Path) -> None:
    found = moved(tmp_path)
    prospects = {row["id"]: row for row in found["prospects"]}
    assert set(prospects) == {"a", "b"}
    assert (TO - prospects["a"]["created_at"]).days == 5
    assert (TO - prospects["b"]["created_at"]).days == 15
    assert (prospects["b"]["won_at"] - TO).days == 30
    visits = [(row["prospect"], (TO - row["day"]).days, row["m_pages"]) for row in found["events_visits"]]
    assert sorted(visits) == [("a", 2, 3), ("b", -20, 40), ("b", 12, 8)]
    assert {(row["known_day"], row["at"].date()) for row in found["events_visits"]} == {
        (row["day"], row["day"]) for row in found["events_visits"]
    }
    assert [(row["prospect"], (TO - row["day"]).days) for row in found["activities"]] == [("a", 1)]


def test_rows_that_are_no_prospects_are_not_there(tmp_path: Path) -> None:
    found = moved(tmp_path)
    assert found["events_orders"] == found["accounts"] == []


def test_changes_of_others_are_on_no_day(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"table": table, "id": name, "column": column, "value": "1", "at": day(4)}
        for table, name, column in (
            ("prospects", "a", "employees"), ("prospects", "left-out", "industry"), ("accounts", "a", "plan"),
        )
    ]  # fmt: skip
    crm = won_crm(
        tmp_path,
        {"prospects": [prospect("a", 0, 9)], "orders": [order("A", 3)], "history": changes},
    )
    columns = {name: dict(relation.columns) for name, relation in crm.relations().items()}
    with crm.connect() as con:
        shift(con, columns, ["a"], [day(5)], TO)
        rows = con.sql('SELECT "column", "day" FROM "history" ORDER BY 1').fetchall()
    assert rows == [("employees", TO - dt.timedelta(days=1)), ("industry", None), ("plan", None)]


def test_own_features_must_read_rows_of_prospects(tmp_path: Path) -> None:
    spec = ideal_spec(tmp_path)
    columns = {"market": {"period": "DATE"}, "events_visits": {"prospect": "VARCHAR", "day": "DATE"}}
    refuse_undated(spec, columns, ["events_visits", "unknown"])
    with pytest.raises(UsageError, match=r"features of fit\.yaml read market, whose rows name no prospect"):
        refuse_undated(spec, columns, ["market", "events_visits"])


def test_the_sql_can_be_read(tmp_path: Path) -> None:
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": [order("A", 3)]})
    columns = {name: dict(relation.columns) for name, relation in crm.relations().items()}
    with crm.connect() as con:
        sql = shift(con, columns, ["a"], [dt.date(2024, 1, 5)], TO)
    assert sql.count("CREATE TEMP VIEW") == len(columns)
    assert sql.count("CREATE TEMP TABLE") == 1
    assert "INTERVAL" in sql
