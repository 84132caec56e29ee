"""Risk-adjusted retention: losses observed against those expected from that very book as it then was.

What each customer was expected to cost was said by a model that had learned from earlier dates only. Losses
of a book are Poisson around what was expected, less where single risks are high; reps are drawn together,
and ranked only where they differ by more than luck. Sources: Breslow and Day, *Statistical Methods in Cancer
Research II*, 1987.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.cells import NOBODY
from salesml.scorecard.estimate import Sums, estimate
from salesml.scorecard.likelihood import of_counts, of_ratios
from salesml.scorecard.luck import difference, real
from salesml.scorecard.ranks import drawn_ranks
from salesml.scorecard.records import records
from salesml.scorecard.shrink import shrink
from salesml.words import numbers

Floats = NDArray[np.float64]

SURE = 0.95
LEAST = 3.0
"""Below so many expected losses nothing is said of a book."""

COLUMNS = (
    "measure", "kind", "start", "level", "id", "customers", "observed", "expected", "ratio", "low", "high",
    "usual", "against_usual", "against_usual_low", "against_usual_high", "above", "rank", "rank_low",
    "rank_high", "verdict", "words",
)  # fmt: skip

MEASURES = {"customers": ("lost", "p", "usual"), "value": ("value_lost", "value_expected", "value_usual")}
"""What is observed, expected by the models, and expected at the company's level of each date."""

GROUPS = """
WITH x AS (
    SELECT 'all' AS kind, (SELECT min(day) FROM losses) AS start, l.* FROM losses AS l
    UNION ALL
    SELECT 'year' AS kind, date_trunc('year', day)::DATE AS start, l.* FROM losses AS l
),
y AS (
    SELECT kind, start, account, coalesce(rep, '{nobody}') AS rep, coalesce(team, '{nobody}') AS team, p,
        {observed} AS n, {expected} AS d, {usual} AS u
    FROM x
)
SELECT kind, start,
    CASE WHEN grouping(rep) = 0 THEN 'rep' WHEN grouping(team) = 0 THEN 'team' ELSE 'company' END AS level,
    CASE WHEN grouping(rep) = 0 THEN rep WHEN grouping(team) = 0 THEN team ELSE 'company' END AS id,
    count(DISTINCT account)::DOUBLE AS customers, sum(n) AS n, sum(d) AS d, sum(u) AS u, sum(p) AS p,
    sum(p * (1 - p)) AS spread,
    sum(n * n) AS nn, sum(n * d) AS nd, sum(d * d) AS dd, sum(n * n * n) AS nnn, sum(n * n * d) AS nnd,
    sum(n * d * d) AS ndd, sum(d * d * d) AS ddd, count(*)::DOUBLE AS units
FROM y GROUP BY GROUPING SETS ((kind, start), (kind, start, team), (kind, start, rep))
ORDER BY kind, start, level, id
"""

FOUND = "Lost {observed} where {expected} were to be expected of these customers"

SAID = {
    "better": FOUND + ": fewer than usual here, by more than luck",
    "worse": FOUND + ": more than usual here, by more than luck",
    "same": FOUND + ": as usual here, as far as can be told",
    "luck": FOUND + "; {peers} differ here by no more than luck, so they bear no ranking",
    "too few": FOUND + ": too few to say anything",
    "company": "Lost {observed} where the models expected {expected}",
    "missing": "Nothing says what losses were to be expected: `salesml backtest {model}` would, and then "
    "each rep's losses are held against those expected of that very book",
}


def retention(con: duckdb.DuckDBPyConnection, currency: str) -> pd.DataFrame:
    """For the company, teams and reps, over all dates and by year; needs ``losses``.

    Returns
    -------
    DataFrame
        ``measure`` (``customers``, or ``value`` in money), ``kind``, ``start``, ``level``, ``id``,
        ``customers`` (how many there were), ``observed`` and ``expected`` losses, ``ratio`` of them with
        ``low`` and ``high``; ``usual``: what was expected, at the level at which the company lost on those
        dates; ``against_usual``: observed over that, drawn towards all reps or teams, with its interval;
        ``above``: the probability that it is more than usual; ``rank`` (the median; 1 loses least) with its
        interval, only where reps differ by more than luck; ``verdict``, ``words``.
    """
    tables = {}
    for measure in MEASURES:
        found = _figures(con, measure)
        if measure == "customers" or (found["expected"] > 0).any():
            tables[measure] = found
    differ = _differ(con, tuple(tables))
    return pd.concat([_judged(table, differ, currency) for table in tables.values()], ignore_index=True)


def missing(model: str) -> pd.DataFrame:
    """The table where no backtest was kept: one row that says what is missing and what it could tell."""
    row = {"measure": "customers", "kind": "all", "level": "company", "id": "company", "verdict": "missing"}
    row["words"] = SAID["missing"].format(model=model)
    return pd.DataFrame([row], columns=list(COLUMNS)).astype({"start": "datetime64[us]"})


def _figures(con: duckdb.DuckDBPyConnection, measure: str) -> pd.DataFrame:
    observed, expected, usual = MEASURES[measure]
    cells = con.execute(GROUPS.format(nobody=NOBODY, observed=observed, expected=expected, usual=usual)).df()
    sums = Sums(**{name: cells[name].to_numpy(float) for name in Sums.__dataclass_fields__})
    # Outcomes that are likely anyway vary less than counts do.
    effect = float(np.clip(cells["spread"].sum() / max(cells["p"].sum(), 1e-300), 0.05, 1.0))
    found = estimate("count" if measure == "customers" else "ratio", sums, effect)
    table = cells[["kind", "start", "level", "id", "customers"]].copy()
    table.insert(0, "measure", measure)
    table["observed"], table["expected"], table["usual"] = sums.n, sums.d, cells["u"]
    table["ratio"], table["low"], table["high"] = found.value, np.maximum(found.low, 0.0), found.high
    believed = np.full((len(table), 4), np.nan)
    peers = (table["level"] != "company") & (table["id"] != NOBODY) & (table["usual"] > 0)
    places = np.flatnonzero(peers)
    for rows in table[peers].groupby(["kind", "start", "level"]).indices.values():
        at = places[rows]
        if len(at) > 1:
            level = table["usual"].to_numpy()[at] / sums.d[at]
            seen = (
                of_counts(sums.n[at] / effect, sums.d[at] * level / effect)
                if measure == "customers"
                else of_ratios(found.value[at] / level, found.variance[at] / level**2, sums.units[at])
            )
            each = shrink(seen)
            believed[at] = np.column_stack([each.value, np.maximum(each.low, 0.0), each.high, each.above])
    table[["against_usual", "against_usual_low", "against_usual_high", "above"]] = believed
    return table


def _differ(con: duckdb.DuckDBPyConnection, measures: tuple[str, ...]) -> set[tuple[str, str]]:
    """Where reps, or teams, differ by more than luck: customers are dealt among those of like risk."""
    chances = {}
    for measure in measures:
        observed, _, usual = MEASURES[measure]
        for level in ("rep", "team"):
            found = con.execute(
                f"SELECT {level} AS id, {observed} - {usual} AS departed, {usual} AS size FROM losses "
                f"WHERE {level} IS NOT NULL ORDER BY {level}, account, day"
            ).df()
            codes = pd.factorize(found["id"])[0]
            departed, size = (found[name].to_numpy(float) for name in ("departed", "size"))
            chances[measure, level] = difference(codes, departed, size)
    names = list(chances)
    found_real = real(np.array([chances[name] for name in names]))
    return {name for name, differs in zip(names, found_real, strict=True) if differs}


def _judged(table: pd.DataFrame, differ: set[tuple[str, str]], currency: str) -> pd.DataFrame:
    measure = str(table["measure"].iloc[0])
    differs = np.array([(measure, level) in differ for level in table["level"]])
    customers = table["expected"] if measure == "customers" else table["customers"]
    few = (customers < (LEAST if measure == "customers" else 10)) | table["above"].isna()
    above = table["above"]
    side = np.select([~differs, above > SURE, above < 1 - SURE], ["luck", "worse", "better"], "same")
    table["verdict"] = np.where(table["level"] == "company", "company", np.where(few, "too few", side))
    table[["rank", "rank_low", "rank_high"]] = np.nan
    ranked = table[differs & table["above"].notna()]
    for rows in ranked.groupby(["kind", "start", "level"]).groups.values():
        names = ["against_usual", "against_usual_low", "against_usual_high"]
        believed = (table.loc[rows, name].to_numpy(float) for name in names)
        table.loc[rows, ["rank", "rank_low", "rank_high"]] = drawn_ranks(*believed)
    table["words"] = [_words(row, currency) for row in records(table)]
    return table.reindex(columns=list(COLUMNS))


def _words(row: Mapping[str, Any], currency: str) -> str:
    money = row["measure"] == "value"
    observed, expected = (
        numbers.money(row[name], currency) if money else numbers.count(round(row[name], 1))
        for name in ("observed", "expected")
    )
    return SAID[row["verdict"]].format(
        observed=observed, expected=expected, peers="teams" if row["level"] == "team" else "reps"
    )
