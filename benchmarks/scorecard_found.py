"""What was planted in the simulated companies, each a line: was it found within its interval?

Where no law says a truth in the words of the scorecard, it is what the other companies of the world come
to on average, and intervals are widened by what that is unsure of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks import scorecard_truth
from salesml.crm.sample import laws
from salesml.crm.sample.block import MARKET_LAG
from salesml.scorecard.checks import conditions

ANSWER = "an answer on the day they came or the next"
EMAIL = "contact by email"
CONTACTS, WINS = "activities with prospects", "new accounts"
DEARER = 1.04
INDEX_STEP = 5
"""Points of the published index that are one unit of the law."""

Gathered = Callable[[list[Any], str], pd.DataFrame]


def found(them: list[Any], gathered: Gathered) -> list[dict[str, Any]]:
    """A line for each truth.

    ``what``, ``covered`` with ``low`` and ``high`` of 90 %, ``companies``, ``given`` (the share of intervals
    asked for that were given), and ``seen`` (the share of these that leave out no effect).
    """
    number = sum((each.folder / "done").exists() for each in them)
    lines = [
        *_skill(gathered(them, "figures")),
        *_fit(gathered(them, "fit_loop")),
        *_costs(gathered(them, "cost_changes")),
        *_market(gathered(them, "conditions"), gathered(them, "market")),
        *_contacts(gathered(them, "contacts"), gathered(them, "leading")),
        *_practices(gathered(them, "practices"), gathered(them, "answered")),
        *_shared(gathered(them, "shared")),
    ]
    return [_line(what, table, number) for what, table in lines if len(table)]


Lines = Iterator[tuple[str, pd.DataFrame]]


def _line(what: str, table: pd.DataFrame, number: int) -> dict[str, Any]:
    """``table``: ``company, inside, given, seen``, a row for each interval."""
    told = table[table["given"]]
    each = told.groupby("company")["inside"].mean()
    low, high = _sure(each, len(told))
    return {
        "what": what, "covered": float(told["inside"].mean()) if len(told) else None, "low": low,
        "high": high, "companies": len(each), "intervals": len(told),
        "given": len(told) / max(len(table), number), "seen": float(told["seen"].mean()),
    }  # fmt: skip


def _sure(each: pd.Series, intervals: int) -> tuple[float | None, float | None]:
    """The interval of a coverage: binomial with one interval a company (Jeffreys'), otherwise by company."""
    size = len(each)
    if size < 2:
        return None, None
    if intervals == size:
        cases = float(each.sum())
        ends = stats.beta.ppf([0.05, 0.95], cases + 0.5, size - cases + 0.5)
        return float(ends[0]), float(ends[1])
    reach = float(stats.t.ppf(0.95, size - 1) * each.std() / np.sqrt(size))
    return float(each.mean()) - reach, float(each.mean()) + reach


def _skill(figures: pd.DataFrame) -> Lines:
    if figures.empty:
        return
    reps = figures[
        (figures["metric"] == "won_in_time") & (figures["level"] == "rep") & (figures["id"] != "(nobody)")
    ]
    truth = scorecard_truth.with_truth(reps)
    for kind, name in (("all", "all of the time"), ("year", "years")):
        each = scorecard_truth.held(truth[truth["kind"] == kind], "shrunk")
        yield f"skill: share of prospects a rep wins, {name}", each.assign(seen=each["low"] > 0)


def _fit(loop: pd.DataFrame) -> Lines:
    if loop.empty:
        return
    keys = ["world", "company"]
    high, low = (loop[loop["band"] == band].set_index(keys) for band in ("high", "low"))
    for value, name in (("kept", "share that stays a year"), ("margin", "margin of the first year")):
        table = pd.DataFrame({"value": high[value] - low[value]})
        down = np.hypot(high[value] - high[f"{value}_low"], low[f"{value}_high"] - low[value])
        up = np.hypot(high[f"{value}_high"] - high[value], low[value] - low[f"{value}_low"])
        table["low"], table["high"] = table["value"] - down, table["value"] + up
        table["few"] = high["verdict"] == "too few"
        yield f"fit: {name}, high fit less low", against_others(table.reset_index())


def _costs(costs: pd.DataFrame) -> Lines:
    if costs.empty:
        return
    pay = costs[costs["factor"] == "pay"]
    yield "cost trend: a month of a rep dearer by 4 % a year", _held(pay, DEARER, none=1.0)


def _market(found: pd.DataFrame, market: pd.DataFrame) -> Lines:
    if found.empty or market.empty:
        return
    rows = []
    for row in found.to_dict("records"):
        index = market[market["company"] == row["company"]].set_index("month")["orders_index"]
        rows.append(_market_truth(index, int(row["delay"])))
    yield "leading figure: the market, at the delay chosen", _held(found, np.array(rows))
    right = found["delay"] == MARKET_LAG
    yield (
        "leading figure: the market, four months before",
        _held(found[right], np.array(rows)[right.to_numpy()]),
    )


def _market_truth(index: pd.Series, delay: int) -> float:
    """What wins owe to the market, compared as the scorecard does it with the index so many months before."""
    owed = laws.WIN_MARKET * (index - 100) / INDEX_STEP
    owed.index = owed.index + pd.DateOffset(months=MARKET_LAG)
    months = owed[owed.index <= index.index[-1]]
    return float(conditions._against(months, index, delay)["effect"])


def _contacts(contacts: pd.DataFrame, leading: pd.DataFrame) -> Lines:
    if contacts.empty or leading.empty:
        return
    every = contacts.rename(columns={"effect": "value"})
    yield "leading figure: contacts, wins of the month after", against_others(every)
    # The table has the time after which most was seen: what is seen then is a little more than is true.
    asked = leading[(leading["figure"] == CONTACTS) & (leading["outcome"] == WINS)]
    shown = asked[asked["from_month"] == 1].set_index("company").index
    kept = against_others(every)
    yield "  the same where the table shows that month", kept[kept["company"].isin(shown)]


def _practices(tried: pd.DataFrame, answered: pd.DataFrame) -> Lines:
    if tried.empty or answered.empty:
        return
    prompt = tried[tried["practice"].str.contains(ANSWER)]
    parts = [
        _held(group, within_reps(answered[(answered["world"] == world) & (answered["company"] != company)]))
        for (world, company), group in prompt.groupby(["world", "company"])
    ]
    yield "effective practice: an answer at once", pd.concat(parts, ignore_index=True)
    yield "practice without effect: e-mails", _held(tried[tried["practice"].str.contains(EMAIL)], 0.0)


def _shared(shared: pd.DataFrame) -> Lines:
    if shared.empty:
        return
    yield (
        "effective practice: shared, and taken up",
        against_others(shared.rename(columns={"effect": "value"})),
    )


def within_reps(answered: pd.DataFrame) -> float:
    """The difference that an answer makes, among prospects of the same rep, which nothing else decides."""
    if answered.empty:
        return float("nan")
    sums = answered.groupby(["rep_id", "answered"])[["sum", "count"]].sum().unstack("answered")
    n = {done: sums["count", done].to_numpy(float) for done in (False, True)}
    share = {done: sums["sum", done].to_numpy(float) / n[done] for done in (False, True)}
    weight = n[True] * n[False] / (n[True] + n[False])
    known = np.isfinite(weight)
    return float(np.average((share[True] - share[False])[known], weights=weight[known]))


def against_others(table: pd.DataFrame) -> pd.DataFrame:
    """Intervals of a table with one row a company, against the mean of the world's other companies."""
    table = table[np.isfinite(table["value"].to_numpy(float))]
    world = table.groupby("world")["value"]
    others = (world.transform("count") - 1).replace(0, np.nan)
    truth = (world.transform("sum") - table["value"]) / others
    unsure = (table["high"] - table["low"]) / 2 / np.sqrt(others)
    down, up = (
        np.hypot(table["value"] - table["low"], unsure),
        np.hypot(table["high"] - table["value"], unsure),
    )
    wide = table.assign(low=table["value"] - down, high=table["value"] + up)
    held = _held(wide, truth.to_numpy(float))
    held["seen"] = ((table["low"] > 0) | (table["high"] < 0)).to_numpy()
    return held


def _held(table: pd.DataFrame, truth: Any, none: float = 0.0) -> pd.DataFrame:
    low, high = (table[name].to_numpy(float) for name in ("low", "high"))
    few = table["few"].to_numpy(bool) if "few" in table else np.zeros(len(table), dtype=bool)
    return pd.DataFrame(
        {
            "company": table["company"].to_numpy(), "inside": (low <= truth) & (truth <= high),
            "given": np.isfinite(low) & np.isfinite(high) & np.isfinite(truth) & ~few,
            "seen": (low > none) | (high < none),
        }
    )  # fmt: skip
