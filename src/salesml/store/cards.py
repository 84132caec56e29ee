"""The published scorecard as pages read it."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from salesml.store.card_source import NAME, REPORT
from salesml.store.generations import Current, current
from salesml.store.models import ScorecardRow


def scorecard(connection: sa.Connection) -> Current | None:
    """Which scorecard is current; nothing where none was published."""
    return current(connection, NAME)


def parts(connection: sa.Connection, generation: int) -> dict[str, int]:
    """The tables of a scorecard and how many rows each has."""
    query = (
        sa.select(ScorecardRow.part, sa.func.count())
        .where(ScorecardRow.generation_id == generation, ScorecardRow.part != REPORT)
        .group_by(ScorecardRow.part)
        .order_by(ScorecardRow.part)
    )
    return {str(row[0]): int(row[1]) for row in connection.execute(query)}


def rows(
    connection: sa.Connection,
    generation: int,
    part: str,
    *,
    level: str | None = None,
    subject: str | None = None,
) -> list[dict[str, Any]]:
    """The rows of one table, in the order in which it was written.

    Parameters
    ----------
    level : str, optional
        ``company``, ``team`` or ``rep``: only these.
    subject : str, optional
        The id of a team or rep: only its rows.
    """
    query = sa.select(ScorecardRow.row).where(
        ScorecardRow.generation_id == generation, ScorecardRow.part == part
    )
    if level is not None:
        query = query.where(ScorecardRow.level == level)
    if subject is not None:
        query = query.where(ScorecardRow.subject == subject)
    found = connection.execute(query.order_by(ScorecardRow.id)).scalars()
    return [json.loads(text) for text in found]


def report(connection: sa.Connection, generation: int) -> str:
    """The report as one HTML page; empty where none was written."""
    found = rows(connection, generation, REPORT)
    return str(found[0]["html"]) if found else ""
