"""The written tables agree with each other, and hold the faults and traps they are meant to hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from salesml.crm.sample.ideal import TOP, composite


@pytest.fixture(scope="module")
def db(folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET threads = 1")
    for path in folder.glob("*.parquet"):
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
    for path in (folder / "truth").glob("*.parquet"):
        con.execute(f"CREATE VIEW true_{path.stem} AS SELECT * FROM '{path}'")
    return con


def _one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = db.execute(query).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_a_prospect_is_open_won_or_lost(db: duckdb.DuckDBPyConnection) -> None:
    assert _one(db, "SELECT count(*) FROM prospects WHERE won_at IS NOT NULL AND lost_at IS NOT NULL") == 0
    assert _one(db, "SELECT count(*) FROM prospects WHERE least(won_at, lost_at) < created_at") == 0
    won, lost, open_ = _one(
        db, "SELECT avg((won_at IS NOT NULL)::int), avg((lost_at IS NOT NULL)::int), "
        "avg((won_at IS NULL AND lost_at IS NULL)::int) FROM prospects",
    )  # fmt: skip
    assert min(won, lost, open_) > 0.15


def test_a_won_prospect_is_the_account_it_became(db: duckdb.DuckDBPyConnection) -> None:
    pairs = (
        "FROM prospects AS p JOIN accounts AS a USING (account_id) "
        "WHERE p.won_at = a.acquired_at AND p.company = a.company AND p.employees = a.employees "
        "AND p.annual_revenue IS NOT DISTINCT FROM a.annual_revenue"
    )
    assert _one(db, f"SELECT count(*) {pairs}") == _one(
        db, "SELECT count(*) FROM prospects WHERE won_at IS NOT NULL"
    )


def test_nothing_happens_after_the_end(db: duckdb.DuckDBPyConnection) -> None:
    for table, column in (
        ("orders", "ordered_at"), ("tickets", "opened_at"), ("logins", "at"), ("activities", "done_at"),
        ("referrals", "given_at"), ("history", "changed_at"), ("accounts", "ended_at"),
    ):  # fmt: skip
        assert str(_one(db, f'SELECT max("{column}") FROM {table}')) <= "2025-12-31"
    decided = "activities JOIN prospects USING (prospect_id) WHERE done_at > least(won_at, lost_at)"
    assert _one(db, f"SELECT count(*) FROM {decided}") == 0


def test_money_comes_back_and_some_rows_come_late(db: duckdb.DuckDBPyConnection) -> None:
    back, late, behind = _one(
        db, "SELECT avg((quantity < 0)::int), avg((loaded_at > ordered_at)::int), "
        "max(loaded_at - ordered_at) FROM orders",
    )  # fmt: skip
    assert back == pytest.approx(0.03, abs=0.01)
    assert late == pytest.approx(0.01, abs=0.003)
    assert behind <= 20
    assert _one(db, "SELECT count(*) FROM orders WHERE quantity < 0 AND margin > 0") == 0


def test_orders_have_seasons(db: duckdb.DuckDBPyConnection) -> None:
    autumn, summer = _one(
        db, "SELECT count(*) FILTER (month(ordered_at) IN (9, 10, 11)), "
        "count(*) FILTER (month(ordered_at) IN (6, 7, 8)) FROM orders",
    )  # fmt: skip
    assert autumn > 1.1 * summer


def test_a_few_values_are_spelt_otherwise(db: duckdb.DuckDBPyConnection) -> None:
    odd = _one(db, "SELECT avg((industry <> lower(trim(industry)))::int) FROM prospects")
    assert odd == pytest.approx(0.01, abs=0.005)
    assert _one(db, "SELECT count(DISTINCT lower(trim(industry))) FROM prospects") == 8


def test_the_budget_is_not_missing_at_random(db: duckdb.DuckDBPyConnection) -> None:
    known, unknown = _one(
        db, "SELECT avg(need) FILTER (budget IS NOT NULL), avg(need) FILTER (budget IS NULL) "
        "FROM prospects JOIN true_hidden_prospects USING (prospect_id)",
    )  # fmt: skip
    assert known > unknown + 0.2


def test_what_reps_fill_in_afterwards_tells_the_outcome(db: duckdb.DuckDBPyConnection) -> None:
    won, lost = _one(
        db, "SELECT avg((call_result = 'interested')::int) FILTER (won_at IS NOT NULL), "
        "avg((call_result = 'interested')::int) FILTER (lost_at IS NOT NULL) FROM prospects",
    )  # fmt: skip
    assert won > 0.85
    assert (lost or 0) < 0.05


def test_noise_is_noise(db: duckdb.DuckDBPyConnection) -> None:
    table = db.execute("SELECT desk, newsletter, won_at IS NOT NULL AS won FROM prospects").df()
    assert abs(roc_auc_score(table["won"], table["desk"]) - 0.5) < 0.03


def test_work_leaves_its_mark(db: duckdb.DuckDBPyConnection) -> None:
    overtime, sick = _one(db, "SELECT corr(hours, overtime_hours), corr(hours, sick_days) FROM workload")
    assert overtime > 0.7
    assert sick > 0.1
    assert _one(
        db,
        "SELECT sum(amount) FILTER (year(month) = 2025) / sum(amount) FILTER (year(month) = 2024) FROM costs",
    ) == pytest.approx(1.04, abs=0.005)


def test_books_change_hands(db: duckdb.DuckDBPyConnection) -> None:
    ended, current = _one(db, 'SELECT count("end"), count(*) - count("end") FROM assignments')
    assert ended > 100
    assert current == _one(db, "SELECT count(*) FROM accounts")
    both = "FROM assignments AS s JOIN accounts AS a USING (account_id)"
    other = 'WHERE s."end" IS NULL AND s.owner <> a.owner AND a.ended_at IS NULL'
    assert _one(db, f"SELECT count(*) {both} {other}") == 0


def test_referrals_lead_to_prospects(db: duckdb.DuckDBPyConnection) -> None:
    sources = db.execute(
        "SELECT DISTINCT source, kind FROM referrals JOIN prospects USING (prospect_id) "
        "WHERE created_at BETWEEN given_at AND given_at + 60"
    ).fetchall()
    assert sources == [("referral", "referral")]
    twice = "SELECT count(prospect_id) - count(DISTINCT prospect_id) FROM referrals"
    assert _one(db, twice) == 0
    assert _one(db, "SELECT count(prospect_id) FROM referrals") > 50


def test_accounts_won_by_pushy_reps_leave_early(db: duckdb.DuckDBPyConnection) -> None:
    early = "coalesce(ended_at < acquired_at + 365, false)::int"
    pushed, others = _one(
        db, f"SELECT avg({early}) FILTER (won_by_pushy_rep), avg({early}) FILTER (NOT won_by_pushy_rep) "
        "FROM accounts JOIN true_hidden_accounts USING (account_id) WHERE year(acquired_at) = 2024",
    )  # fmt: skip
    assert pushed > others + 0.08


@pytest.fixture(scope="module")
def year(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What came of the prospects won in the first year, and the last truth before they were won."""
    return db.execute(
        """
        WITH won AS (
            SELECT prospect_id, account_id, won_at FROM prospects WHERE won_at < DATE '2025-01-01'
        ), bought AS (
            SELECT account_id, sum(margin) AS gross, count(DISTINCT order_id) FILTER (quantity > 0) AS orders
            FROM won JOIN orders USING (account_id) WHERE ordered_at < won_at + 365 GROUP BY ALL
        ), spent AS (
            SELECT w.account_id, sum(cost) AS cost FROM won AS w JOIN activities AS a
            ON (a.account_id = w.account_id AND done_at < won_at + 365) OR a.prospect_id = w.prospect_id
            GROUP BY ALL
        ), told AS (
            SELECT account_id, count(*) AS referrals FROM won JOIN referrals USING (account_id)
            WHERE given_at < won_at + 365 GROUP BY ALL
        ), truth AS (
            SELECT t.* FROM true_prospects AS t JOIN won USING (prospect_id)
            WHERE as_of <= won_at
            QUALIFY row_number() OVER (PARTITION BY prospect_id ORDER BY as_of DESC) = 1
        )
        SELECT truth.*, coalesce(gross, 0) AS gross, coalesce(gross, 0) - coalesce(cost, 0) AS margin,
            greatest(coalesce(orders, 0) - 1, 0) AS repeat, coalesce(referrals, 0) AS referrals,
            (ended_at IS NULL OR ended_at >= won_at + 365)::int AS kept
        FROM truth JOIN won USING (prospect_id) JOIN accounts USING (account_id)
        LEFT JOIN bought USING (account_id) LEFT JOIN spent USING (account_id)
        LEFT JOIN told USING (account_id)
        """
    ).df()


def test_the_first_year_is_worth_what_the_truth_says(year: pd.DataFrame) -> None:
    zeros = (year["gross"] <= 0).mean()
    assert 0.08 < zeros < 0.25
    assert year["gross"].mean() > 1.7 * year["gross"].median()
    for name in ("value_full", "value_observable"):
        for _, part in year.groupby(pd.qcut(year[name], 4, labels=False)):
            error = part["gross"].std() / np.sqrt(len(part))
            assert abs(part["gross"].mean() - part[name].mean()) < 4 * error


def test_ideal_customers_come_as_often_as_the_truth_says(year: pd.DataFrame) -> None:
    score = composite(
        {name: year[name].to_numpy(float) for name in ("margin", "repeat", "kept", "referrals")}
    )
    ideal = score > np.quantile(score, 1 - TOP)
    assert 0.7 < roc_auc_score(ideal, year["p_ideal_observable"]) < roc_auc_score(ideal, year["p_ideal_full"])
    for name in ("p_ideal_full", "p_ideal_observable"):
        for _, rows in year.groupby(pd.qcut(year[name], 5, labels=False)):
            chance = rows[name].mean()
            error = np.sqrt(chance * (1 - chance) / len(rows))
            assert abs(ideal[rows.index].mean() - chance) < 4 * error
