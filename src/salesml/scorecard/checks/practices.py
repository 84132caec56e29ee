"""What was done differently, and what came of it on matched prospects.

A practice is what was done with a prospect up to a **landmark**, a day of its way, among prospects that
were still open then; what came of them counts from there. So a prospect that was won at once does not make
early contacts look good, nor one that was lost at once make them look bad. Those with and without the
practice are compared as matched: what the rep, each attribute, the age at the landmark and its quarter make
of either is taken out of both first. What a rep does always and others never, which may be how skilled ones
differ, is thereby no evidence for it. Standard errors are by rep. Reps choose whom to call: where something
that nobody recorded moves both, the difference is too large, and every sentence says so.
Sources: Anderson, Cain, Gelber, *Analysis of survival by tumor response*, Journal of Clinical Oncology 1
(1983), for landmarks; Frisch, Waugh, Econometrica 1 (1933), and Lovell (1963), for taking out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesml.crm.sources import identifier, quoted
from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.words import numbers

Floats = NDArray[np.float64]

WITHIN = 180
"""Days after the landmark in which a prospect is to be won; younger ones do not count yet."""

LEAST = 50
"""Prospects with a practice, and without it, that can be matched."""

LEAST_REPS = 5

MOST_LEVELS = 50
"""An attribute of more levels is a name, not a kind."""

PARTS = 5
"""Parts that numbers are cut into."""

ROUNDS = 60

COLUMNS = (
    "practice", "with_it", "without_it", "won_with", "won_without", "raw_difference", "effect", "low", "high",
    "chance", "reps", "verdict", "words",
)  # fmt: skip

NEEDS = ("prospects.won_at", "activities.prospect")


@dataclass(frozen=True)
class Practice:
    """Something that is done with prospects or not.

    Parameters
    ----------
    key : str
        Its short name, by which ``scorecard.yaml`` calls it.
    name : str
        As a manager reads it, after "prospects with".
    sql : str
        A query of ``prospect``, ``landmark`` (a day) and ``done`` (0 or 1) for those it can be asked of.
    """

    key: str
    name: str
    sql: str


CONTACTS = """
-- The first two contacts of each prospect.
CREATE OR REPLACE TEMP TABLE contacts AS
SELECT w.prospect, w.day, w.kind,
    row_number() OVER (PARTITION BY w.prospect ORDER BY w.day, w.kind) AS number
FROM work AS w JOIN prospects AS p ON p.id = w.prospect AND w.day >= p.created_at
QUALIFY number <= 2
"""

PROMPT = """
SELECT p.id AS prospect, p.created_at + 2 AS landmark,
    coalesce(min(c.day) < p.created_at + 2, false)::INTEGER AS done
FROM prospects AS p LEFT JOIN contacts AS c ON c.prospect = p.id GROUP BY p.id, p.created_at
"""

AGAIN = """
SELECT a.prospect, a.day + 15 AS landmark, (b.day IS NOT NULL AND b.day < a.day + 15)::INTEGER AS done
FROM contacts AS a LEFT JOIN contacts AS b ON b.prospect = a.prospect AND b.number = 2 WHERE a.number = 1
"""

CHANNEL = """
SELECT prospect, day + 1 AS landmark, (kind = {kind})::INTEGER AS done
FROM contacts WHERE number = {number} AND kind IS NOT NULL
"""

TWO_CHANNELS = """
SELECT b.prospect, b.day + 1 AS landmark, (a.kind <> b.kind)::INTEGER AS done
FROM contacts AS a JOIN contacts AS b ON b.prospect = a.prospect AND a.number = 1 AND b.number = 2
WHERE a.kind IS NOT NULL AND b.kind IS NOT NULL
"""

ASKED = """
WITH asked AS ({practice}),
until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete)
SELECT p.rep, a.done, coalesce(p.won_at < a.landmark + {within}, false)::INTEGER AS won,
    date_trunc('quarter', a.landmark) AS quarter,
    CASE WHEN a.landmark - p.created_at < 8 THEN 0 WHEN a.landmark - p.created_at < 31 THEN 1
        WHEN a.landmark - p.created_at < 91 THEN 2 ELSE 3 END AS age {attributes}
FROM asked AS a JOIN prospects AS p ON p.id = a.prospect JOIN until AS u ON a.landmark + {within} <= u.day
WHERE p.rep IS NOT NULL AND (p.won_at IS NULL OR p.won_at >= a.landmark)
    AND (p.lost_at IS NULL OR p.lost_at >= a.landmark)
    AND p.created_at >= (SELECT min(start) FROM periods WHERE complete)
ORDER BY p.id
"""


def practices(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> pd.DataFrame:
    """Every practice that the tables tell of, and what came of it.

    Returns
    -------
    DataFrame
        ``practice, with_it, without_it`` (prospects), ``won_with, won_without`` (shares), ``raw_difference``,
        ``effect`` (of matched ones) with its interval, ``chance``, ``reps``, ``verdict`` (``helps``,
        ``hinders``, ``luck``, ``too few``), ``words``.
    """
    attributes = _attributes(con)
    rows = []
    for practice in known_practices(con, have):
        sql = ASKED.format(practice=practice.sql, within=WITHIN, attributes=attributes)
        rows.append({"practice": practice.name} | compared(con.execute(sql).df()))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if table.empty:
        return table
    differs = real(table["chance"].to_numpy(float))
    few = table["chance"].isna()
    table["verdict"] = np.select(
        [few, ~differs, table["effect"] > 0], ["too few", "luck", "helps"], default="hinders"
    )
    table["words"] = [_sentence(row) for row in records(table)]
    return table.sort_values("chance", ignore_index=True)


def compared(asked: pd.DataFrame) -> dict[str, float]:
    """The difference that a practice makes to the share won, among matched prospects.

    Parameters
    ----------
    asked : DataFrame
        A row for each prospect: ``rep``, ``done`` and ``won`` (0 or 1), and what is matched on.
    """
    done, won = asked["done"].to_numpy(float), asked["won"].to_numpy(float)
    found = {"with_it": done.sum(), "without_it": (1 - done).sum(), "reps": float(asked["rep"].nunique())}
    found["won_with"] = won[done == 1].mean() if done.any() else np.nan
    found["won_without"] = won[done == 0].mean() if (1 - done).any() else np.nan
    found["raw_difference"] = found["won_with"] - found["won_without"]
    nothing = {"effect": np.nan, "low": np.nan, "high": np.nan, "chance": np.nan}
    if min(found["with_it"], found["without_it"]) < LEAST or found["reps"] < LEAST_REPS:
        return found | nothing
    factors = [pd.factorize(asked[name])[0] + 1 for name in asked.columns if name not in ("done", "won")]
    left, right = _left(done, factors), _left(won, factors)
    squares = float((left**2).sum())
    # Where reps do it always or never, there is nobody to match with.
    if squares < LEAST / 4:
        return found | nothing
    effect = float(left @ right) / squares
    rep = pd.factorize(asked["rep"])[0]
    reps = int(rep.max()) + 1
    scores = np.bincount(rep, weights=left * (right - effect * left))
    error = float(np.sqrt(reps / (reps - 1) * (scores**2).sum())) / squares
    reach = float(stats.t.ppf(1 - TAIL, reps - 1)) * error
    chance = float(2 * stats.t.sf(abs(effect) / max(error, 1e-300), reps - 1))
    return found | {"effect": effect, "low": effect - reach, "high": effect + reach, "chance": chance}


def _left(values: Floats, factors: list[NDArray[np.intp]]) -> Floats:
    """What is left when the means of every factor's levels are taken out, in turn until nothing moves."""
    left: Floats = values - values.mean()
    sizes = [np.maximum(np.bincount(codes), 1) for codes in factors]
    for _ in range(ROUNDS):
        moved = 0.0
        for codes, size in zip(factors, sizes, strict=True):
            means = np.bincount(codes, weights=left, minlength=len(size)) / size
            left = left - means[codes]
            moved = max(moved, float(np.abs(means).max()))
        if moved < 1e-7:
            break
    return left


def known_practices(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> tuple[Practice, ...]:
    """The practices that the tables tell of; makes the table ``contacts`` that their queries read."""
    con.execute(CONTACTS)
    return tuple(_asked(con, have))


def _asked(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> Iterator[Practice]:
    yield Practice("prompt answer", "an answer on the day they came or the next", PROMPT)
    yield Practice("second contact soon", "a second contact within two weeks of the first", AGAIN)
    if "activities.kind" not in have:
        return
    kinds = con.execute(
        "SELECT kind FROM work WHERE prospect IS NOT NULL AND kind IS NOT NULL GROUP BY kind "
        "ORDER BY count(*) DESC, kind LIMIT 6"
    ).fetchall()
    for (kind,) in kinds:
        for number, place in ((1, "first"), (2, "second")):
            sql = CHANNEL.format(kind=quoted(kind), number=number)
            yield Practice(f"{place} contact by {kind}", f"a {place} contact by {kind}", sql)
    if len(kinds) > 1:
        yield Practice("two channels", "a second contact by another channel than the first", TWO_CHANNELS)


def _attributes(con: duckdb.DuckDBPyConnection) -> str:
    """SQL of the attributes that prospects are matched on: texts of few levels, and numbers in parts."""
    matched = []
    for name, kind, *_ in con.execute("DESCRIBE prospects").fetchall():
        column = identifier(name)
        if not name.startswith("a_") or kind == "DATE":
            continue
        if kind in ("VARCHAR", "BOOLEAN"):
            row = con.execute(f"SELECT count(DISTINCT {column}) FROM prospects").fetchone()
            if row and 1 < row[0] <= MOST_LEVELS:
                matched.append(f"p.{column}::VARCHAR AS {column}")
            continue
        edges = [part / PARTS for part in range(1, PARTS)]
        cuts = con.execute(f"SELECT quantile_cont({column}::DOUBLE, {edges}) FROM prospects").fetchone()
        if cuts and cuts[0]:
            above = " + ".join(f"(p.{column} > {float(cut)!r})::INTEGER" for cut in cuts[0])
            matched.append(f"{above} AS {column}")
    return "".join(f", {each}" for each in matched)


def _sentence(row: Mapping[str, Any]) -> str:
    practice, effect = row["practice"], row["effect"]
    if row["verdict"] == "too few":
        return f"Prospects with {practice}: too few that can be matched to say anything"
    size = f"{_points(effect)} (between {_points(row['low'])} and {_points(row['high'])})"
    if row["verdict"] == "luck":
        raw = row["raw_difference"]
        looks = f"; unmatched it looks like {_points(raw)}" if abs(raw) > 2 * abs(effect) else ""
        return f"Prospects with {practice}, matched by rep and kind: {size}, which may be luck{looks}"
    way = "more" if effect > 0 else "fewer"
    return (
        f"Of prospects with {practice}, {way} were won than of others of the same rep and kind: {size}, by "
        "more than luck; reps choose whom to call, so that part of it may be whom they chose"
    )


def _points(value: float) -> str:
    size = numbers.number(round(abs(value) * 100, 1))
    return f"{'' if size == '0' else '+' if value >= 0 else '-'}{size} in 100"
