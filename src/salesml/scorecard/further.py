"""Tables of the checks that are no figures: a row for each is added here, and its words are in the table."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from salesml.scorecard.brief import brief
from salesml.scorecard.checks import (
    adoption,
    ahead,
    answered,
    conditions,
    early,
    leading,
    loyalty,
    obstacles,
    practices,
    reallocation,
    resemble,
    shared,
    steadiness,
    success,
    thrift,
    worth,
)
from salesml.scorecard.facts import Asked

SCORED_DAYS = 90
"""The horizon of scores of prospects, which hours are held against, where no spec says it."""


def further_tables(
    con: duckdb.DuckDBPyConnection, asked: Asked, currency: str, scored_days: int = SCORED_DAYS
) -> dict[str, pd.DataFrame]:
    """Every further table that the company's tables give, by name.

    Parameters
    ----------
    scored_days : int
        The horizon of the model that scored prospects.

    Raises
    ------
    UsageError
        ``unknown-practice``, as :func:`salesml.scorecard.checks.shared.check_names`.
    """
    found = loyalty.tables(con, asked, currency)
    found["steadiness"] = steadiness.steadiness(con, asked.have)
    if set(ahead.NEEDS) <= asked.have:
        found["ahead"] = ahead.ahead(con)
    found["leading"] = leading.leading(con, asked.have)
    found |= _practices(con, asked)
    if {"prospects.lost_at", "prospects.lost_reason"} <= asked.have:
        found["reasons_of_loss"] = obstacles.reasons_of_loss(con, currency)
    if {"stages", "prospects"} <= asked.have:
        found["time_in_stages"] = obstacles.time_in_stages(con, currency)
    if "feedback.reason" in asked.have:
        found["doubted_reasons"] = answered.doubted_reasons(con)
    if set(conditions.NEEDS) <= asked.have:
        found["conditions"] = conditions.conditions(con)
    if {"scores.fit", "prospects.won_at"} <= asked.have:
        found["fit_classes"] = resemble.fit_classes(con)
        found["fit_loop"] = resemble.fit_loop(con, currency)
    if {"costs", "revenue", "activities.hours"} <= asked.have:
        found["cost_changes"] = thrift.thrift(con, asked.have)
    found["hour_worth"] = worth.worth(con, asked.have, currency)
    if set(reallocation.NEEDS) <= asked.have:
        found["reallocation"] = reallocation.reallocation(con, scored_days, currency)
    return found


def _practices(con: duckdb.DuckDBPyConnection, asked: Asked) -> dict[str, pd.DataFrame]:
    """What was done differently, by whom, and whether what was shared was taken up and helped."""
    if not set(practices.NEEDS) <= asked.have:
        shared.check_names(asked.spec.shared, ())
        return {}
    known = practices.known_practices(con, asked.have)
    shared.check_names(asked.spec.shared, known)
    by_rep = shared.shared_by_rep(con, asked.spec.shared, known)
    return {
        "practices": practices.practices(con, asked.have),
        "adoption": adoption.adoption(con, known),
        "shared_by_rep": by_rep,
        "shared": shared.shared_helped(by_rep),
    }


def joint_tables(
    found: pd.DataFrame,
    defined: pd.DataFrame,
    further: Mapping[str, pd.DataFrame],
    asked: Asked,
    currency: str,
    names: Mapping[str, str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables that are made of figures and further tables, not of the database.

    Parameters
    ----------
    found, defined : DataFrame
        ``figures`` with their words, and ``definitions``.
    further : mapping of str to DataFrame
        Of :func:`further_tables`.
    asked : Asked
    currency : str
    names : mapping of str to str, optional
        Of reps, by id.
    """
    # Ends of half recorded periods would be told as changes.
    whole = {(each.kind, pd.Timestamp(each.start)) for each in asked.periods if each.complete}
    keys = zip(found["kind"], found["start"], strict=True) if len(found) else ()
    figures = found[[key in whole for key in keys]]
    year = max((each.start for each in asked.periods if each.kind == "year" and each.complete), default=None)
    made = {"success": success.success(figures, further["steadiness"], year, currency, names)}
    if "accounts.ended_at" in asked.have:
        made["early_by_winner"] = early.early_by_winner(
            figures, asked.spec.early_months, names or {}, asked.have
        )
    if "practices" in further:
        made["better_reps"] = adoption.better_reps(figures, further["adoption"], further["practices"])
    tables = {"figures": figures, "definitions": defined, **further, **made}
    return made | {"brief": brief(tables, names)}
