"""What was planted in the simulated companies, and whether the scorecard's further tables found it.

Each truth names a table, picks the row that speaks of it and says what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WITHIN = (90, 180)
"""Days after it came in which a prospect may be won."""


def keep(company: Path, folder: Path) -> None:
    """Keep of a company's truth what the judgement needs: how many were won, answered at once or not."""
    prospects = pd.read_parquet(
        company / "prospects.parquet", columns=["prospect_id", "created_at", "won_at"]
    )
    hidden = pd.read_parquet(company / "truth/hidden_prospects.parquet")
    rows = prospects.merge(hidden, on="prospect_id", validate="one_to_one")
    created = pd.to_datetime(rows["created_at"])
    taken = (pd.to_datetime(rows["won_at"]) - created).dt.days
    lines = []
    for days in WITHIN:
        ripe = created < pd.Timestamp("2026-01-01") - pd.Timedelta(days=days)
        won = (taken < days)[ripe].groupby(rows["answered"][ripe]).agg(["sum", "count"])
        lines += [
            {
                "days": days,
                "answered": bool(answered),
                "won": int(line["sum"]),
                "prospects": int(line["count"]),
            }
            for answered, line in won.iterrows()
        ]
    pd.DataFrame(lines).to_parquet(folder / "answered.parquet")


def found(them: list[Any], gathered: Callable[[list[Any], str], pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """By what was planted: the truth, how often it was covered, how often seen."""
    lines: dict[str, dict[str, Any]] = {}
    answered = gathered(them, "answered")
    for days, group in answered.groupby("days") if len(answered) else ():
        sums = group.groupby("answered")[["won", "prospects"]].sum()
        share = sums["won"] / sums["prospects"]
        lines[f"answering at once, won within {days} days"] = {
            "answered": float(share[True]), "others": float(share[False]),
            "truth": float(share[True] - share[False]),
        }  # fmt: skip
    costs = gathered(them, "cost_changes")
    if len(costs):
        pay = costs[costs["factor"] == "pay"]
        for start, group in pay.groupby("start"):
            lines[f"a rep's month dearer by 4 %, {pd.Timestamp(start).year}"] = covered(group, 1.04, none=1.0)
    return lines


def further(them: list[Any], gathered: Callable[[list[Any], str], pd.DataFrame]) -> list[dict[str, Any]]:
    """Of tables that are no figures: how often intervals cover what the other companies of the world say.

    That truth is the mean of the same estimate, so a bias that all companies share is not seen here.
    """
    names = sorted({path.stem for each in them for path in each.folder.glob("*.parquet")} - NOT_FURTHER)
    return [line for name in names for line in _of_table(name, gathered(them, name))]


NOT_FURTHER = {"figures", "definitions", "answered", "periods", "people", "summary", "alarms", "data_notes"}


def _of_table(name: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    if not {"value", "low", "high"} <= set(table.columns):
        return []
    said = {"words", "verdict", "world", "company", "value", "low", "high"}
    keys = [each for each in table if each not in said and not pd.api.types.is_float_dtype(table[each])]
    keys = [each for each in keys if table.groupby(each, dropna=False)["company"].nunique().max() > 1]
    cells = table.groupby(["world", *keys], dropna=False)["value"]
    others = cells.transform("count") - 1
    truth = (cells.transform("sum") - table["value"]) / others.where(others > 0)
    half = (table["high"] - table["low"]) / 2
    off = (truth - (table["high"] + table["low"]) / 2).abs() / (
        half * np.sqrt(1 + 1 / others.where(others > 0))
    )
    known = off.notna()
    by = next((each for each in ("factor", "by", "level", "kind") if each in table), None)
    groups = table[by][known] if by else pd.Series("", table.index[known])
    inside = (off[known] <= 1).groupby(groups).agg(["mean", "count"])
    return [
        {"table": name, "by": str(each), "covered": float(line["mean"]), "cells": int(line["count"])}
        for each, line in inside.iterrows()
    ]


def covered(table: pd.DataFrame, truth: float, none: float = 0.0) -> dict[str, Any]:
    """How often intervals, one of each company, cover a truth, and how often they leave out no change."""
    low, high = (table[name].to_numpy(float) for name in ("low", "high"))
    known = np.isfinite(low) & np.isfinite(high)
    return {
        "truth": truth,
        "covered": float(((low <= truth) & (truth <= high))[known].mean()),
        "mean": float(table["value"].mean()),
        "seen": float(((low > none) | (high < none))[known].mean()),
        "companies": int(known.sum()),
    }
