"""Reps by name, and the periods by theirs."""

from __future__ import annotations

import duckdb
import pandas as pd

from salesml.scorecard.facts import Asked

NAMED = """
WITH now AS (
    SELECT rep, arg_max(team, start) AS team FROM teams WHERE start < ? GROUP BY rep
),
seen AS (SELECT id AS rep, name FROM {named} UNION ALL SELECT DISTINCT rep, NULL FROM {seen})
SELECT s.rep AS id, coalesce(max(s.name), s.rep) AS name, coalesce(max(n.team), '') AS team
FROM seen AS s LEFT JOIN now AS n ON n.rep = s.rep WHERE s.rep IS NOT NULL GROUP BY s.rep ORDER BY s.rep
"""

SEEN = "(SELECT rep FROM owned UNION SELECT rep FROM work UNION SELECT rep FROM wins)"


def people(con: duckdb.DuckDBPyConnection, asked: Asked) -> pd.DataFrame:
    """Every rep that the tables name: ``id, name, team``."""
    named = "reps" if "reps" in asked.have else "(SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS name)"
    query = NAMED.format(named=named, seen=SEEN)
    return con.execute(query, [asked.until]).df().astype(str)


def periods_table(asked: Asked) -> pd.DataFrame:
    """The table ``periods``."""
    table = pd.DataFrame(
        {
            "kind": each.kind,
            "start": pd.Timestamp(each.start),
            "end": pd.Timestamp(each.end),
            "title": each.name,
            "complete": each.complete,
        }
        for each in asked.periods
    )
    return table.astype({"start": "datetime64[us]", "end": "datetime64[us]"})
