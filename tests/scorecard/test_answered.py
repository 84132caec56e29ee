"""Figures of what reps answered: each counted by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from salesml.scorecard.checks.answered import GIVEN, LISTED, doubted_reasons, metrics
from salesml.scorecard.estimate import estimate
from salesml.scorecard.metric import Base
from tests.scorecard.test_estimate import LEAST, covered, sums

CHURN = {each.name: each for each in metrics(90)}
MONTHS = [(dt.date(2025, month, 1), dt.date(2025, month + 1, 1)) for month in range(1, 7)]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Facts of half a year, without answers and scores."""
    with duckdb.connect() as con:
        con.execute('CREATE TABLE periods (kind VARCHAR, start DATE, "end" DATE, complete BOOLEAN)')
        con.executemany("INSERT INTO periods VALUES ('month', ?, ?, true)", MONTHS)
        con.execute(
            "CREATE TABLE scored (task VARCHAR, entity VARCHAR, as_of DATE, rep VARCHAR, band VARCHAR)"
        )
        con.execute(
            'CREATE TABLE feedback (account VARCHAR, prospect VARCHAR, "day" DATE, what VARCHAR, '
            "rep VARCHAR, as_of DATE, probability DOUBLE, label DOUBLE, reason VARCHAR, "
            "reason_words VARCHAR, withdrawn_at DATE)"
        )
        yield con


def answer(con: duckdb.DuckDBPyConnection, what: str, account: str | None, day: str, **more: Any) -> None:
    row = {"account": account, "day": day, "what": what, "rep": "R1", "as_of": day, **more}
    names = ", ".join(f'"{name}"' for name in row)
    con.execute(f"INSERT INTO feedback ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def rows(con: duckdb.DuckDBPyConnection, base: Base) -> list[dict[str, Any]]:
    found = con.execute(f"SELECT * FROM ({base.sql}) ORDER BY month, rep, unit").fetchdf()
    listed = found.to_dict("records")
    return [
        {**{str(name): each for name, each in row.items()}, "month": f"{row['month']:%Y-%m}"}
        for row in listed
    ]


def test_whoever_is_at_risk_is_contacted_within_the_week_or_not(con: duckdb.DuckDBPyConnection) -> None:
    scores = [
        ("churn", "first day", "2025-02-10", "A"), ("churn", "last day", "2025-02-10", "B"),
        ("churn", "too late", "2025-02-10", "A"), ("churn", "before", "2025-02-10", "A"),
        ("churn", "no risk", "2025-02-10", "C"), ("fit", "prospect", "2025-02-10", "A"),
        ("churn", "withdrawn", "2025-02-10", "A"), ("churn", "only lost", "2025-02-10", "A"),
        ("churn", "first day", "2025-02-20", "A"),  # stands there again in the month
        ("churn", "first day", "2025-03-10", "A"),
        ("churn", "nobody answered yet", "2025-01-10", "A"), ("churn", "not over", "2025-06-27", "A"),
    ]  # fmt: skip
    con.executemany("INSERT INTO scored VALUES (?, ?, ?, 'R1', ?)", [[*each] for each in scores])
    answer(con, "contacted", "first day", "2025-02-10")
    answer(con, "contacted", "first day", "2025-02-11")
    answer(con, "saved", "last day", "2025-02-16")
    answer(con, "contacted", "too late", "2025-02-17")
    answer(con, "contacted", "before", "2025-02-09")
    answer(con, "contacted", "withdrawn", "2025-02-11", withdrawn_at="2025-02-12")
    answer(con, "lost", "only lost", "2025-02-11")
    found = {(row["month"], row["unit"]): row["contacted"] for row in rows(con, LISTED)}
    assert found == {
        ("2025-02", "first day"): 1, ("2025-02", "last day"): 1, ("2025-02", "too late"): 0,
        ("2025-02", "before"): 0, ("2025-02", "withdrawn"): 0, ("2025-02", "only lost"): 0,
        ("2025-03", "first day"): 0,
    }  # fmt: skip
    assert {row["listed"] for row in rows(con, LISTED)} == {1}


def test_those_lost_after_contact_beside_those_expected(con: duckdb.DuckDBPyConnection) -> None:
    answer(con, "contacted", "left", "2025-02-03", probability=0.5, label=1)
    answer(con, "saved", "left", "2025-02-20", probability=0.9, label=1)  # again in the month
    answer(con, "contacted", "left", "2025-03-03", probability=0.7, label=1)
    answer(con, "saved", "stayed", "2025-02-03", probability=0.25, label=0, rep="R2")
    answer(con, "contacted", "unripe", "2025-02-03", probability=0.25)
    answer(con, "lost", "not contacted", "2025-02-03", probability=0.25, label=1)
    answer(con, "contacted", "withdrawn", "2025-02-03", probability=0.2, label=1, withdrawn_at="2025-02-04")
    answer(con, "contacted", None, "2025-02-03", prospect="P", probability=0.25, label=1)
    base = CHURN["lost_after_contact"].base
    found = [(row["month"], row["rep"], row["gone"], row["expected"]) for row in rows(con, base)]
    assert found == [("2025-02", "R1", 1, 0.5), ("2025-02", "R2", 0, 0.25), ("2025-03", "R1", 1, 0.7)]
    assert base.ripens == 90


def test_answers_by_what_they_say_and_the_reasons_called_wrong(con: duckdb.DuckDBPyConnection) -> None:
    few, many = {"reason": "orders", "reason_words": "Few orders"}, {"reason": "visits"}
    answer(con, "reason-is-wrong", "a", "2025-02-03", **few)
    answer(con, "reason-is-wrong", "b", "2025-02-03", **few | {"reason_words": "No orders"}, rep="R2")
    answer(con, "reason-is-wrong", "b", "2025-02-04", **few)
    answer(con, "reason-is-wrong", None, "2025-02-04", prospect="a", **many)
    answer(con, "reason-is-wrong", "c", "2025-02-04", **many, withdrawn_at="2025-02-04")
    answer(con, "disagree", "a", "2025-02-04", **few)
    answer(con, "contacted", "a", "2025-02-04")
    given = rows(con, GIVEN)
    assert (len(given), sum(each["answers"] for each in given)) == (6, 6)
    assert sum(each["doubted"] for each in given) == 4
    assert sum(each["disagreed"] for each in given) == 1
    assert {each["unit"] for each in given} == {"account a", "account b", "prospect a"}
    table = doubted_reasons(con).to_dict("records")
    columns = ("reason", "answers", "share", "reps", "customers")
    assert [tuple(row[name] for name in columns) for row in table] == [
        ("orders", 3, 0.75, 2, 2), ("visits", 1, 0.25, 1, 1),
    ]  # fmt: skip
    assert table[0]["words"] == (
        "Reasons such as 'Few orders' were called wrong 3 times, by 2 reps: 75% of all reasons called wrong"
    )
    assert table[1]["words"].startswith("Reasons such as 'visits' were called wrong once, by 1 rep:")


@pytest.mark.parametrize("accounts", [12, 300])
def test_the_interval_of_losses_after_contact_holds_what_contact_does(accounts: int) -> None:
    """Also where nobody was lost: of few accounts that may be luck."""
    luck, helps = np.random.default_rng(3), 0.8
    expected = luck.uniform(0.02, 0.5, (3000, accounts))
    gone = (luck.random(expected.shape) < helps * expected).astype(float)
    kind = CHURN["lost_after_contact"].kind
    found = estimate(kind, sums(gone, expected))
    assert covered(found, helps) >= LEAST
    nobody = estimate(kind, sums(np.zeros((1, accounts)), expected[:1]))
    assert nobody.low[0] == 0
    assert nobody.high[0] == pytest.approx(2 / expected[0].sum(), rel=0.6)
