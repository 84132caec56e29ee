"""Tables of the checks that are no figures: a row for each is added here, and its words are in the table."""

from __future__ import annotations

import duckdb
import pandas as pd

from salesml.scorecard.checks import (
    ahead,
    conditions,
    leading,
    loyalty,
    obstacles,
    practices,
    reallocation,
    resemble,
    steadiness,
    thrift,
    worth,
)
from salesml.scorecard.facts import Asked

SCORED_DAYS = 90
"""The horizon of scores of prospects, which hours are held against."""


def further_tables(con: duckdb.DuckDBPyConnection, asked: Asked, currency: str) -> dict[str, pd.DataFrame]:
    """Every further table that the company's tables give, by name."""
    found = loyalty.tables(con, asked, currency)
    found["steadiness"] = steadiness.steadiness(con, asked.have)
    if set(ahead.NEEDS) <= asked.have:
        found["ahead"] = ahead.ahead(con)
    found["leading"] = leading.leading(con, asked.have)
    if set(practices.NEEDS) <= asked.have:
        found["practices"] = practices.practices(con, asked.have)
    if {"prospects.lost_at", "prospects.lost_reason"} <= asked.have:
        found["reasons_of_loss"] = obstacles.reasons_of_loss(con, currency)
    if {"stages", "prospects"} <= asked.have:
        found["time_in_stages"] = obstacles.time_in_stages(con, currency)
    if set(conditions.NEEDS) <= asked.have:
        found["conditions"] = conditions.conditions(con)
    if {"scores.fit", "prospects.won_at"} <= asked.have:
        found["fit_classes"] = resemble.fit_classes(con)
        found["fit_loop"] = resemble.fit_loop(con, currency)
    if {"costs", "revenue", "activities.hours"} <= asked.have:
        found["cost_changes"] = thrift.thrift(con, asked.have)
    found["hour_worth"] = worth.worth(con, asked.have, currency)
    if set(reallocation.NEEDS) <= asked.have:
        found["reallocation"] = reallocation.reallocation(con, SCORED_DAYS, currency)
    return found
