"""The tables of the first check that are no figures: cohorts, who leaves, retention per rep, hand-overs."""

from __future__ import annotations

import duckdb
import pandas as pd

from salesml.scorecard.checks.cohorts import cohorts
from salesml.scorecard.checks.defection import defection, make_classes
from salesml.scorecard.checks.dependency import dependency, followed
from salesml.scorecard.checks.renewed import revenue_retention
from salesml.scorecard.checks.retention import missing, retention
from salesml.scorecard.facts import Asked


def tables(con: duckdb.DuckDBPyConnection, asked: Asked, currency: str) -> dict[str, pd.DataFrame]:
    """``cohorts``, ``defection_by``, ``retention``, ``revenue_retention``, ``dependency``, ``handovers``.

    As far as tables allow.

    ``retention`` is always there: without a backtest it says what is missing.
    """
    make_classes(con)
    expected = "expected" in asked.have
    found = {
        "cohorts": cohorts(con, asked.spec.best, "revenue" in asked.have),
        "defection_by": defection(con),
        "retention": retention(con, currency) if expected else missing(asked.spec.churn),
    }
    if "revenue" in asked.have:
        found["revenue_retention"] = revenue_retention(con)
        found["dependency"] = dependency(con, currency, _names(con, asked))
    if "assignments" in asked.have:
        found["handovers"] = followed(con, risks=expected)
    return found


def _names(con: duckdb.DuckDBPyConnection, asked: Asked) -> dict[str, str]:
    if "reps.name" not in asked.have:
        return {}
    return dict(con.execute("SELECT id, name FROM reps WHERE name IS NOT NULL").fetchall())
