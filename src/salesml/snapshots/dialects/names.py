"""The dialects that snapshots are translated to."""

from __future__ import annotations

SPARK, POSTGRES, SNOWFLAKE, BIGQUERY = "spark", "postgres", "snowflake", "bigquery"

DIALECTS = (SPARK, POSTGRES, SNOWFLAKE, BIGQUERY)
"""All but DuckDB's own."""
