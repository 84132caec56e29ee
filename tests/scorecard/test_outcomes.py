"""Win rates, answers and stages by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import pytest

from salesml.scorecard.cells import cells_of, sums_of
from salesml.scorecard.checks.outcomes import METRICS, stage_metrics
from salesml.scorecard.estimate import estimate
from salesml.scorecard.metric import Metric
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2025, 1, 1)
HAVE = frozenset({"stages", "prospects.won_at", "prospects"})


def company() -> duckdb.DuckDBPyConnection:
    """80 prospects of March 2023: 20 won after 50 days, 20 after 200 (too late to count), 40 lost after 60.

    All are new, then called after 5 days; the won and half of the lost saw an offer; 80 more are too young.
    """
    con = duckdb.connect()
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)],
    )
    con.execute("CREATE TABLE teams (rep TEXT, start DATE, team TEXT)")
    con.execute("CREATE TABLE prospects (id TEXT, rep TEXT, created_at DATE, won_at DATE, lost_at DATE)")
    con.execute("CREATE TABLE stages (prospect TEXT, stage TEXT, day DATE)")
    con.execute("CREATE TABLE work (rep TEXT, day DATE, month DATE, prospect TEXT, hours DOUBLE, aim TEXT)")
    born, young = dt.date(2023, 3, 10), dt.date(2024, 12, 1)
    people, stages, work = [], [], []
    for number in range(160):
        start = born if number < 80 else young
        won = 50 if number < 20 else 200 if number < 40 else None
        lost = 60 if 40 <= number < 80 else None
        day = lambda after, start=start: start + dt.timedelta(days=after)  # noqa: E731
        people.append((f"p{number}", "r", start, won and day(won), lost and day(lost)))
        stages += [(f"p{number}", "new", start), (f"p{number}", "called", day(5))]
        work.append(("r", day(5), start.replace(day=1), f"p{number}", 1.0, "win"))
        if number < 60:
            stages.append((f"p{number}", "offer", day(30)))
        if won or lost:
            stages.append((f"p{number}", "signed" if won else "gone", day(won or lost)))
    con.register("people", pd.DataFrame(people, columns=["id", "rep", "created_at", "won_at", "lost_at"]))
    con.execute(
        "INSERT INTO prospects SELECT id, rep, created_at::DATE, won_at::DATE, lost_at::DATE FROM people"
    )
    con.executemany("INSERT INTO stages VALUES (?, ?, ?)", stages)
    con.executemany("INSERT INTO work VALUES (?, ?, ?, ?, ?, ?)", work)
    return con


def figure(con: duckdb.DuckDBPyConnection, metric: Metric) -> tuple[float, float]:
    """The company's value over all of the time, and its denominator."""
    cells = cells_of(con, metric.base, [metric])
    here = cells[(cells["kind"] == "all") & (cells["level"] == "company")]
    return float(estimate(metric.kind, sums_of(here)).value[0]), float(here["d"].iloc[0])


def named(name: str) -> Metric:
    return next(each for each in METRICS if each.name == name)


def test_only_what_had_time_to_be_won_counts():
    assert figure(company(), named("won_in_time")) == (0.25, 80)


def test_whoever_is_not_decided_is_no_loss():
    """20 of 60 decided in time were won; who leaves prospects open has no lower win rate for it."""
    assert figure(company(), named("win_rate")) == (pytest.approx(20 / 60), 60)
    assert figure(company(), named("left_open")) == (0.25, 80)


def test_days_are_those_of_the_won():
    assert figure(company(), named("days_to_win")) == (50, 20)


def test_days_until_the_first_contact():
    assert figure(company(), named("response_days")) == (5, 80)


def test_stages_stand_in_their_order_and_lead_to_winning():
    """Whoever signs is won; who is gone is lost: neither is gone on from, and to be gone is not to go on."""
    con = company()
    metrics = {each.title: each for each in stage_metrics(con, HAVE)}
    assert list(metrics) == ["From stage new onward", "From stage called onward", "From stage offer onward"]
    assert figure(con, metrics["From stage new onward"])[0] == 1.0
    assert figure(con, metrics["From stage called onward"])[0] == pytest.approx(30 / 40)
    assert figure(con, metrics["From stage offer onward"])[0] == pytest.approx(20 / 30)


def test_a_stage_named_with_a_quote_is_read():
    con = company()
    con.execute("UPDATE stages SET stage = 'rep''s \"offer\"' WHERE stage = 'offer'")
    metrics = [each for each in stage_metrics(con, HAVE) if "offer" in each.title]
    assert figure(con, metrics[0])[0] == pytest.approx(20 / 30)


def test_without_stages_there_are_no_such_metrics():
    (missing,) = stage_metrics(company(), HAVE - {"stages"})
    assert missing.title == "From each stage onward"
    assert "stages" in missing.base.needs
