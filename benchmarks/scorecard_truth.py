"""What each figure would come to with many more accounts, how often intervals cover it, and false alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

CELL = ["metric", "kind", "start", "level", "id"]
REAL = {"better", "worse", "higher", "lower", "same"}
"""Verdicts of metrics in which reps differ by more than luck; ``same`` is a rep who does not stand out."""


def with_truth(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures, with ``truth``: of all other companies of the same world together.

    Sums over sums are pooled; amounts and numbers, which have no denominator, are averaged, a company
    without the cell counting as nothing.
    """
    table = figures.copy()
    others = table.groupby("world")["company"].transform("nunique") - 1
    table["others"] = others
    cells = table.groupby(["world", *CELL], dropna=False)
    n = cells["numerator"].transform("sum") - table["numerator"]
    d = cells["denominator"].transform("sum") - table["denominator"]
    pooled = np.where(table["denominator"].notna(), n / d.where(d > 0), n / others.where(others > 0))
    # A value may be a function of sums that is no ratio of them: then the mean of it stands for the truth.
    plain = np.isclose(table["value"], np.where(
        table["denominator"].notna(), table["numerator"] / table["denominator"], table["numerator"]
    ), rtol=1e-6, equal_nan=True)  # fmt: skip
    count = cells["value"].transform("count") - 1
    mean = (cells["value"].transform("sum") - table["value"]) / count.where(count > 0)
    table["truth"] = np.where(plain, pooled, mean)
    before = table[["world", "company", *CELL, "truth"]].rename(columns={"truth": "truth_before"})
    before["start"] = pd.to_datetime(before["start"]) + pd.DateOffset(years=1)
    table["start"] = pd.to_datetime(table["start"])
    table = table.merge(before[before["kind"] != "all"], on=["world", "company", *CELL], how="left")
    table["trend_truth"] = table["truth"] - table["truth_before"]
    return table


def coverage(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """By metric, level and kind of period: how often each sort of interval covered, where one was given."""
    if figures.empty:
        return []
    table = with_truth(figures[figures["id"] != "(nobody)"])
    return [
        {"metric": metric, "level": level, "kind": kind, **line}
        for (metric, level, kind), group in table.groupby(["metric", "level", "kind"], sort=False)
        for line in _lines(group)
    ]


INTERVALS = {
    "value": ("low", "high", "truth"),
    "shrunk": ("shrunk_low", "shrunk_high", "truth"),
    "trend": ("trend_low", "trend_high", "trend_truth"),
}


def held(group: pd.DataFrame, what: str) -> pd.DataFrame:
    """Figures of :func:`with_truth` whose truth is known: ``company, low, off`` (how far it is off, in half
    intervals), ``inside``, ``given`` (not where a figure is called too few)."""
    low, high, truth = INTERVALS[what]
    raw = INTERVALS["trend" if what == "trend" else "value"][:2]
    known = group[group[truth].notna()]
    middle, half = (known[low] + known[high]) / 2, (known[high] - known[low]) / 2
    unsure = (known[raw[1]] - known[raw[0]]) / 2 / np.sqrt(known["others"])
    off = (known[truth] - middle) / np.hypot(half, unsure)
    given = (known["verdict"] != "too few") & off.notna()
    return pd.DataFrame(
        {"company": known["company"], "low": known[low], "off": off, "inside": off.abs() <= 1, "given": given}
    )


def _lines(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for what in INTERVALS:
        asked = held(group, what)
        told = asked[asked["given"]]
        if told.empty:
            continue
        each = told.groupby("company")["inside"].mean()
        yield {
            "interval": what,
            "covered": float(told["inside"].mean()),
            "error": float(each.std() / np.sqrt(len(each))) if len(each) > 1 else None,
            "below": float((told["off"] < -1).mean()),
            "above": float((told["off"] > 1).mean()),
            "cells": len(told),
            "given": len(told) / len(asked),
        }


def differences(figures: pd.DataFrame) -> dict[str, Any]:
    """How many companies show a difference between reps, or teams, that is called more than luck."""
    if figures.empty:
        return {"companies": 0}
    found: dict[str, Any] = {"companies": int(figures["company"].nunique())}
    for level in ("rep", "team"):
        real = figures[(figures["level"] == level) & figures["verdict"].isin(REAL)]
        by = real.groupby("metric")["company"].nunique().sort_values(ascending=False)
        found[level] = {
            "any": int(real["company"].nunique()),
            "by_metric": {str(name): int(value) for name, value in by.items()},
        }
    return found
