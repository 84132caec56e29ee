"""What was planted in the simulated companies, and whether the scorecard's further tables found it.

Each truth names a table, picks the row that speaks of it and says what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from salesml.crm.sample import laws
from salesml.crm.sample.block import MARKET_LAG

LANDMARK, WITHIN = 2, 180
"""Days after a prospect came on which one asks whether it was answered, and days from there to be won in."""

ANSWER = "an answer on the day they came or the next"
EMAIL = "contact by email"

BANDS = {"A": 0.05, "B": 0.2, "C": 0.5, "D": 1.0}
"""Cumulative shares of a date's prospects, the best first."""


def scores(company: Path) -> list[Path]:
    """The truth as score tables, as a model would write them that knows all that can be known.

    What is asked of the scorecard then is what it makes of scores; how good scores are is measured elsewhere.
    """
    truth = pd.read_parquet(company / "truth/prospects.parquet")
    said = {
        "conversion": (truth["p_observable"], truth["p_observable"] * truth["value_observable"]),
        "fit": (truth["p_ideal_observable"], truth["value_observable"]),
    }
    return [_scores(company, task, truth, *each) for task, each in said.items()]


def _scores(
    company: Path, task: str, truth: pd.DataFrame, probability: pd.Series, expected: pd.Series
) -> Path:
    place = probability.groupby(truth["as_of"]).rank(pct=True, ascending=False)
    band = pd.cut(place, [0.0, *BANDS.values()], labels=list(BANDS)).astype(str)
    owner = pd.read_parquet(company / "prospects.parquet", columns=["prospect_id", "owner"])
    table = pd.DataFrame(
        {
            "task": task, "entity_id": truth["prospect_id"], "as_of": truth["as_of"], "status": "scored",
            "rep_id": truth["prospect_id"].map(owner.set_index("prospect_id")["owner"]), "band": band,
            "probability": probability, "value": truth["value_observable"], "expected_value": expected,
            "expected_low": expected, "expected_high": expected, "expected_hours": truth["hours_observable"],
        }
    )  # fmt: skip
    path = company / f"scores_{task}.parquet"
    table.to_parquet(path, index=False)
    return path


def keep(company: Path, folder: Path) -> None:
    """Keep of a company's truth what the judgement needs: who was won, answered or not, and the market."""
    prospects = pd.read_parquet(company / "prospects.parquet")
    hidden = pd.read_parquet(company / "truth/hidden_prospects.parquet")
    rows = prospects.merge(hidden, on="prospect_id", validate="one_to_one")
    day = {name: pd.to_datetime(rows[name]) for name in ("created_at", "won_at", "lost_at")}
    landmark = day["created_at"] + pd.Timedelta(days=LANDMARK)
    end = landmark + pd.Timedelta(days=WITHIN)
    ended = day["won_at"].fillna(day["lost_at"])
    asked = (end <= pd.Timestamp("2026-01-01")) & ~(ended < landmark)
    won = (day["won_at"] < end)[asked].groupby([rows["rep_id"][asked], rows["answered"][asked]])
    won.agg(["sum", "count"]).reset_index().to_parquet(folder / "answered.parquet")
    spread = pd.read_parquet(company / "market.parquet")["orders_index"].std() / INDEX_STEP
    pd.DataFrame({"spread": [spread]}).to_parquet(folder / "market.parquet")


INDEX_STEP = 5
"""Points of the published index that are one unit of the law."""


def found(them: list[Any], gathered: Callable[[list[Any], str], pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """By what was planted: the truth, how often it was covered, how often seen."""
    lines: dict[str, dict[str, Any]] = {}
    tried = gathered(them, "practices")
    answered = gathered(them, "answered")
    if len(tried) and len(answered):
        for world, group in tried[tried["practice"].str.contains(ANSWER)].groupby("world"):
            truth = _within_reps(answered[answered["world"] == world])
            lines[f"answering at once, world {world}"] = covered(group, truth)
        for practice, group in tried[tried["practice"].str.contains(EMAIL)].groupby("practice"):
            lines[str(practice)] = covered(group, 0.0)
    market, spread = gathered(them, "conditions"), gathered(them, "market")
    if len(market):
        truth = laws.WIN_MARKET * float(spread["spread"].mean())
        lines["the market, four months later"] = covered(market[market["delay"] == MARKET_LAG], truth)
        lines["the market, at any delay"] = {
            "found at four months": int((market["delay"] == MARKET_LAG).sum()), "of": len(market),
            "called real": int((market["verdict"] == "goes with").sum()),
        }  # fmt: skip
    costs = gathered(them, "cost_changes")
    if len(costs):
        pay = costs[costs["factor"] == "pay"]
        for start, group in pay.groupby("start"):
            lines[f"a rep's month dearer by 4 %, {pd.Timestamp(start).year}"] = covered(group, 1.04, none=1.0)
    loop = gathered(them, "fit_loop")
    if len(loop):
        verdicts = loop[loop["band"] == "high"]["verdict"].value_counts()
        lines["accounts won at high fit stay and pay more"] = {str(k): int(v) for k, v in verdicts.items()}
    return lines


def _within_reps(answered: pd.DataFrame) -> float:
    """The difference that an answer makes, among prospects of the same rep, which nothing else decides."""
    sums = answered.groupby(["rep_id", "answered"])[["sum", "count"]].sum().unstack("answered")
    n = {done: sums["count", done].to_numpy(float) for done in (False, True)}
    share = {done: sums["sum", done].to_numpy(float) / n[done] for done in (False, True)}
    weight = n[True] * n[False] / (n[True] + n[False])
    known = np.isfinite(weight)
    return float(np.average((share[True] - share[False])[known], weights=weight[known]))


def further(them: list[Any], gathered: Callable[[list[Any], str], pd.DataFrame]) -> list[dict[str, Any]]:
    """Of tables that are no figures: how often intervals cover what the other companies of the world say.

    That truth is the mean of the same estimate, so a bias that all companies share is not seen here.
    """
    names = sorted({path.stem for each in them for path in each.folder.glob("*.parquet")} - NOT_FURTHER)
    return [line for name in names for line in _of_table(name, gathered(them, name))]


NOT_FURTHER = {
    "figures", "definitions", "answered", "market", "periods", "people", "summary", "alarms", "data_notes",
    "practices", "leading", "conditions",
}  # fmt: skip


def _of_table(name: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    lines = []
    for low in [each for each in table if str(each).endswith("low") and each != "low"] + ["low"] * (
        "low" in table
    ):
        value = low.removesuffix("_low") if low != "low" else "value"
        high = f"{low.removesuffix('low')}high"
        if {value, low, high} <= set(table.columns):
            lines += _of_value(name, table, value, low, high)
    return lines


def _of_value(name: str, table: pd.DataFrame, value: str, low: str, high: str) -> list[dict[str, Any]]:
    said = {"words", "verdict", "world", "company"}
    keys = [each for each in table if each not in said and not pd.api.types.is_float_dtype(table[each])]
    keys = [each for each in keys if table.groupby(each, dropna=False)["company"].nunique().max() > 1]
    keys = [each for each in keys if not pd.api.types.is_integer_dtype(table[each])]
    cells = table.groupby(["world", *keys], dropna=False)[value]
    others = cells.transform("count") - 1
    others = others.where(others > 0)
    truth = (cells.transform("sum") - table[value]) / others
    half = (table[high] - table[low]) / 2 * np.sqrt(1 + 1 / others)
    off = (truth - (table[high] + table[low]) / 2).abs() / half.where(half > 0)
    known = off.notna()
    by = next((each for each in ("factor", "band", "by", "level", "kind") if each in table), None)
    groups = table[by][known] if by else pd.Series("", table.index[known])
    inside = (off[known] <= 1).groupby(groups).agg(["mean", "count"])
    return [
        {
            "table": f"{name}: {value}",
            "by": str(each),
            "covered": float(line["mean"]),
            "cells": int(line["count"]),
        }
        for each, line in inside.iterrows()
    ]


def covered(table: pd.DataFrame, truth: float, none: float = 0.0) -> dict[str, Any]:
    """How often intervals, one of each company, cover a truth, and how often they leave out no change."""
    low, high = (table[name].to_numpy(float) for name in ("low", "high"))
    known = np.isfinite(low) & np.isfinite(high)
    return {
        "truth": truth,
        "covered": float(((low <= truth) & (truth <= high))[known].mean()),
        "mean": float(table["value" if "value" in table else "effect"].mean()),
        "seen": float(((low > none) | (high < none))[known].mean()),
        "companies": int(known.sum()),
    }
