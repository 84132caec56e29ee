"""Whether a practice that was shared with all reps helped: those who took it up against those who did not.

A rep has taken it up where the share of prospects it is done with rose by more than chance (corrected for
asking all reps), and by no less than ``LEAST_RISE``, from the half year before the day to the half year
after. What is compared is the change of the share of prospects won within ``WITHIN`` days of being created,
between the same half years: what all reps live through (season, market, prices) happens to both groups and
drops out, what a rep always has (skill, patch) drops out, too. What else befell only those who took it up
does not: each sentence says so.
Prospects too young for the days to have passed do not count. Errors are by rep.
Sources: Angrist, Pischke, *Mostly Harmless Econometrics*, 2009, ch. 5, for differences in differences;
Bertrand, Duflo, Mullainathan, Quarterly Journal of Economics 119 (2004), for one value before and one after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from salesml.config.scorecard import Shared
from salesml.crm.sources import quoted
from salesml.errors import Fault, UsageError
from salesml.scorecard.checks.adoption import done_by_rep
from salesml.scorecard.checks.practices import Practice
from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.scorecard.welch import compare
from salesml.words import numbers

MONTHS = 6
"""Before the day, and after it."""

WITHIN = 90
"""Days in which a prospect is to be won."""

LEAST_RISE = 0.1
LEAST_PROSPECTS = 10
"""Of a rep in either half year, both for adoption and for what came of it."""

LEAST_REPS = 3
"""Who took it up, and who did not."""

COLUMNS = (
    "practice", "shared_on", "took_up", "did_not", "adoption_before", "adoption_after", "won_before",
    "won_after", "others_before", "others_after", "effect", "low", "high", "chance", "verdict", "words",
)  # fmt: skip

BY_REP = (
    "practice", "shared_on", "rep", "asked_before", "adoption_before", "asked_after", "adoption_after",
    "change", "change_low", "change_high", "took_up", "prospects_before", "won_before",
    "prospects_after", "won_after", "words",
)  # fmt: skip

WON = """
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete)
SELECT p.rep, count(*)::DOUBLE AS prospects,
    avg(coalesce(p.won_at < p.created_at + {within}, false)::INTEGER)::DOUBLE AS won
FROM prospects AS p JOIN until AS u ON p.created_at + {within} <= u.day
WHERE p.rep IS NOT NULL AND p.created_at >= {first} AND p.created_at < {end}
GROUP BY p.rep ORDER BY p.rep
"""


def check_names(given: Iterable[Shared], practices: Iterable[Practice]) -> None:
    """Every practice of ``scorecard.yaml`` must be one that the tables tell of.

    Raises
    ------
    UsageError
        ``unknown-practice``, one fault for each.
    """
    known = [each.key for each in practices]
    faults = [
        Fault(
            code="unknown-practice",
            found=f"scorecard.yaml: shared names {each.practice!r}, which the tables do not tell of",
            allowed=f"Practices: {', '.join(known) or 'none'}",
            do="Take one of them",
        )
        for each in given
        if each.practice not in known
    ]
    if faults:
        raise UsageError(faults)


def shared_by_rep(
    con: duckdb.DuckDBPyConnection, given: Iterable[Shared], practices: Iterable[Practice]
) -> pd.DataFrame:
    """Adoption and wins of each rep in the half years before and after each shared practice.

    Returns
    -------
    DataFrame
        ``practice, shared_on, rep, asked_before, adoption_before, asked_after, adoption_after`` (prospects of
        whom it can be asked, and the share it was done with), ``change`` with its interval, ``took_up``
        (missing where too few can be asked), ``prospects_before, won_before, prospects_after, won_after``
        (those that had their days, and the share won within them), ``words``.
    """
    by_key = {each.key: each for each in practices}
    parts = [_of_reps(con, each, by_key[each.practice]) for each in given]
    if not parts:
        return pd.DataFrame(columns=list(BY_REP))
    return pd.concat(parts, ignore_index=True).reindex(columns=list(BY_REP))


def _of_reps(con: duckdb.DuckDBPyConnection, given: Shared, practice: Practice) -> pd.DataFrame:
    day = f"DATE {quoted(given.on.isoformat())}"
    days = {
        "before": (f"{day} - INTERVAL {MONTHS} MONTH", day),
        "after": (day, f"{day} + INTERVAL {MONTHS} MONTH"),
    }
    parts = []
    for when, (first, end) in days.items():
        done = done_by_rep(con, practice, first, end).set_index("rep")
        won = con.execute(WON.format(within=WITHIN, first=first, end=end)).df().set_index("rep")
        parts += [
            done["prospects"].rename(f"asked_{when}"), done["share"].rename(f"adoption_{when}"),
            won["prospects"].rename(f"prospects_{when}"), won["won"].rename(f"won_{when}"),
        ]  # fmt: skip
    table = pd.concat(parts, axis=1).sort_index().rename_axis("rep").reset_index()
    for name in table:
        if str(name).startswith(("asked", "prospects")):
            table[name] = table[name].fillna(0.0)
    table.insert(0, "practice", practice.key)
    table.insert(1, "shared_on", pd.Timestamp(given.on))
    return with_adoption(table)


def with_adoption(table: pd.DataFrame) -> pd.DataFrame:
    """Whose adoption rose: the interval is Agresti's and Caffo's, which holds for few prospects, too."""
    centre, variance = pd.Series(0.0, table.index), pd.Series(0.0, table.index)
    for when, sign in (("before", -1.0), ("after", 1.0)):
        asked = table[f"asked_{when}"] + 2
        share = (table[f"adoption_{when}"] * table[f"asked_{when}"] + 1) / asked
        centre, variance = centre + sign * share, variance + share * (1 - share) / asked
    reach = stats.norm.ppf(1 - TAIL) * np.sqrt(variance)
    table["change"] = table["adoption_after"] - table["adoption_before"]
    table["change_low"], table["change_high"] = centre - reach, centre + reach
    known = (table[["asked_before", "asked_after"]] >= LEAST_PROSPECTS).all(axis=1)
    # Of many reps some rise by chance; where none took it up, none is to seem to.
    chance = np.where(known, stats.norm.sf(centre / np.sqrt(variance)), np.nan)
    rose = pd.Series(real(chance), table.index) & (table["change"] >= LEAST_RISE)
    table["took_up"] = rose.astype("boolean").where(known)
    table["words"] = [_rep_sentence(row) for row in records(table)]
    return table


def _rep_sentence(row: Mapping[str, Any]) -> str:
    what = row["practice"].capitalize()
    if pd.isna(row["took_up"]):
        return f"{what}: too few prospects before or after to say whether it was taken up"
    shares = f"{_share(row['adoption_before'])} of prospects before, {_share(row['adoption_after'])} after"
    return f"{what}: {shares}: {'taken up' if row['took_up'] else 'not taken up'}"


def shared_helped(by_rep: pd.DataFrame) -> pd.DataFrame:
    """Each shared practice: who took it up, and what came of it.

    Parameters
    ----------
    by_rep : DataFrame
        Of :func:`shared_by_rep`.

    Returns
    -------
    DataFrame
        ``practice, shared_on, took_up, did_not`` (reps that can be compared), ``adoption_before,
        adoption_after`` (of those who took it up), ``won_before, won_after`` (of them) and ``others_before,
        others_after``, ``effect`` (the change of the first less that of the others) with its interval,
        ``chance``, ``verdict`` (``helped``, ``hurt``, ``cannot be told``, ``nobody``, ``everybody``, ``too
        few``, ``too early``), ``words``.
    """
    rows = [_compared(group) for _, group in by_rep.groupby(["practice", "shared_on"], sort=False)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if table.empty:
        return table
    moved = real(table["chance"].to_numpy(float))
    said = np.select([~moved, table["effect"] > 0], ["cannot be told", "helped"], "hurt")
    table["verdict"] = np.where(table["chance"].isna(), table["verdict"], said)
    table["words"] = [_sentence(row) for row in records(table)]
    return table


def _compared(group: pd.DataFrame) -> dict[str, object]:
    known = group[group["took_up"].notna()]
    ripe = known[(known[["prospects_before", "prospects_after"]] >= LEAST_PROSPECTS).all(axis=1)]
    up, not_up = ripe[ripe["took_up"].astype(bool)], ripe[~ripe["took_up"].astype(bool)]
    change = [(each["won_after"] - each["won_before"]).to_numpy(float) for each in (up, not_up)]
    sizes = [each[["prospects_before", "prospects_after"]] for each in (up, not_up)]
    weights = [(1 / (1 / each).sum(axis=1)).to_numpy(float) for each in sizes]
    found = compare(change[0], change[1], (weights[0], weights[1]), least=LEAST_REPS)
    row: dict[str, object] = {
        "practice": group["practice"].iloc[0], "shared_on": group["shared_on"].iloc[0],
        "took_up": len(up), "did_not": len(not_up),
        "effect": found.difference, "low": found.low, "high": found.high, "chance": found.chance,
        "verdict": _why_not(known, ripe, len(up), len(not_up)),
    }  # fmt: skip
    for when in ("before", "after"):
        row[f"adoption_{when}"] = _mean(up[f"adoption_{when}"], up[f"asked_{when}"])
        row[f"won_{when}"] = _mean(up[f"won_{when}"], weights[0])
        row[f"others_{when}"] = _mean(not_up[f"won_{when}"], weights[1])
    return row


def _why_not(known: pd.DataFrame, ripe: pd.DataFrame, up: int, not_up: int) -> str:
    """What is to be said where nothing can be compared."""
    if len(known) < 2 * LEAST_REPS:
        return "too few"
    if not known["took_up"].astype(bool).any():
        return "nobody"
    if known["took_up"].astype(bool).all():
        return "everybody"
    had_days = (known["prospects_after"] >= LEAST_PROSPECTS).sum()
    return "too early" if had_days < len(known) / 2 else "too few"


def _mean(values: pd.Series, weights: Any) -> float:
    return float(np.average(values, weights=weights)) if len(values) else float("nan")


def _sentence(row: Mapping[str, Any]) -> str:
    what = f"{row['practice'].capitalize()}, shared on {numbers.date(row['shared_on'])}"
    if row["verdict"] in UNSAID:
        return f"{what}: {UNSAID[row['verdict']]}"
    who = (
        f"{numbers.count(row['took_up'])} of {numbers.count(row['took_up'] + row['did_not'])} reps took it up"
    )
    adopted = f"from {_share(row['adoption_before'])} of their prospects to {_share(row['adoption_after'])}"
    changes = (
        f"the share they won within {WITHIN} days went from {_share(row['won_before'])} to "
        f"{_share(row['won_after'])}, that of the others from {_share(row['others_before'])} to "
        f"{_share(row['others_after'])}"
    )
    size = f"{_points(row['effect'])} (between {_points(row['low'])} and {_points(row['high'])})"
    return f"{what}: {who}, {adopted}; {changes}: {size}, {SAID[row['verdict']]}"


SAID = {
    "helped": "more than chance explains; something else that befell only these reps may have a part in it",
    "hurt": "worse than chance explains; something else that befell only these reps may have a part in it",
    "cannot be told": "which may be luck, so whether it helped cannot be told",
}

UNSAID = {
    "nobody": "nobody took it up, so whether it would help cannot be told",
    "everybody": "everybody took it up, so nobody is left to compare with",
    "too early": f"too few prospects created since have had their {WITHIN} days: too early to say anything",
    "too few": "too few reps with enough prospects before and after took it up, or did not, to say anything",
}


def _share(value: float) -> str:
    return numbers.percent(value)


def _points(value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{numbers.number(abs(value) * 100, 2)} in 100"
