"""Reps and what they have: alone, without accounts, moved, gone, not known; accounts of nobody."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from salesml.scorecard.data.note import Found, Note, found, some
from salesml.scorecard.facts import Asked

SEEN = "(SELECT rep FROM owned UNION SELECT rep FROM work UNION SELECT rep FROM wins)"
"""Reps that any fact names."""

NAMED = "SELECT coalesce(name, id) AS name FROM reps WHERE id"

LEFT = """
WITH last AS (SELECT rep, bool_and("end" IS NOT NULL AND "end" <= ?) AS gone FROM owned GROUP BY rep)
SELECT rep FROM last WHERE gone AND rep IS NOT NULL
"""

UNOWNED = """
SELECT account FROM panel WHERE month = (SELECT max(month) FROM panel) AND rep IS NULL
"""

MOVED = """
SELECT rep FROM teams GROUP BY rep HAVING count(DISTINCT team) > 1
"""


def notes(con: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Note]:
    """All that is to be said of reps and of who has which account."""
    seen = found(con, f"SELECT DISTINCT rep FROM {SEEN} WHERE rep IS NOT NULL")
    yield from _how_many(seen)
    if "reps" in asked.have:
        yield from _without_accounts(con)
        yield from _unknown(con)
    if "reps.team" in asked.have:
        yield from _moved(con, asked)
    if "assignments.end" in asked.have:
        yield from _left(con, asked)
    if seen.count:
        yield from _unowned(con)


def _how_many(seen: Found) -> Iterator[Note]:
    if not seen.count:
        yield Note(
            code="no-rep",
            words="No table names a rep, so all figures are those of the company. With assignments or "
            "activities by rep each rep could be held against the others.",
        )
    if seen.count == 1:
        yield Note(
            code="one-rep",
            count=1,
            examples=seen.examples,
            words="Only one rep is named, so there is nobody to compare with: the rep's figures stand for "
            "themselves, and none is called better or worse than others.",
        )


def _without_accounts(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    here = found(con, f"{NAMED} NOT IN (SELECT rep FROM owned WHERE rep IS NOT NULL)")
    if here.count:
        yield Note(
            code="rep-without-accounts",
            table="reps",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'rep has', 'reps have')} never had an account: nothing of customers "
            "kept is said of them.",
        )


def _unknown(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    query = f"SELECT DISTINCT rep FROM {SEEN} WHERE rep IS NOT NULL AND rep NOT IN (SELECT id FROM reps "
    here = found(con, query + "WHERE id IS NOT NULL)")
    if here.count:
        yield Note(
            code="rep-unknown",
            table="reps",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'rep is', 'reps are')} named in other tables but not in the table of "
            "reps. Their figures are shown under what they are called there, in no team.",
        )


def _moved(con: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Note]:
    if "history" not in asked.have:
        yield Note(
            code="teams-not-dated",
            table="reps",
            words="Moves between teams are not recorded: what a rep did counts for the team the rep is in "
            "now. A history of the column team of reps would mend that.",
        )
        return
    here = found(con, MOVED)
    if here.count:
        yield Note(
            code="team-changed",
            table="history",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'rep has', 'reps have')} changed teams. Each month counts for the team "
            "that the rep was in on its first day.",
        )


def _left(con: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Note]:
    here = found(con, LEFT, [asked.until])
    if here.count:
        yield Note(
            code="rep-left",
            table="assignments",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'rep has', 'reps have')} left, or handed every account over. What was "
            "theirs then still counts as theirs; what came after counts for whoever followed.",
        )


def _unowned(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    here = found(con, UNOWNED)
    if here.count:
        yield Note(
            code="account-without-rep",
            table="accounts",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'customer has', 'customers have')} no rep today. They count for the "
            "company, and for no rep and no team: give them one.",
        )
