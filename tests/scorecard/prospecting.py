"""A company whose prospects, stages and days are counted by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd

from salesml.scorecard.cells import cells_of, sums_of
from salesml.scorecard.estimate import estimate
from salesml.scorecard.metric import Metric
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2025, 1, 1)


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
