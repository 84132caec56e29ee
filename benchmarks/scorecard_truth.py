"""What each figure would come to with many more accounts, how often intervals cover it, and false alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

CELL = ["metric", "kind", "start", "level", "id"]
REAL = {"better", "worse", "higher", "lower", "same"}
"""Verdicts of metrics in which reps differ by more than luck; ``same`` is a rep who does not stand out."""

COVERED = (0.84, 0.955)
"""How often a right interval of 90 % may be seen to cover."""

FALSE_ALARMS = 17 / 200


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
    table = with_truth(figures)
    return [
        {"metric": metric, "level": level, "kind": kind, **line}
        for (metric, level, kind), group in table.groupby(["metric", "level", "kind"], sort=False)
        for line in _lines(group)
    ]


def _lines(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    told = group[group["verdict"] != "too few"]
    for what, low, high, truth in (
        ("value", "low", "high", "truth"),
        ("shrunk", "shrunk_low", "shrunk_high", "truth"),
        ("trend", "trend_low", "trend_high", "trend_truth"),
    ):
        raw = ("trend_low", "trend_high") if what == "trend" else ("low", "high")
        names = list(dict.fromkeys([low, high, *raw, truth, "company", "others"]))
        known = told[names].dropna()
        if known.empty:
            continue
        middle, half = (known[low] + known[high]) / 2, (known[high] - known[low]) / 2
        unsure = (known[raw[1]] - known[raw[0]]) / 2 / np.sqrt(known["others"])
        off = (known[truth] - middle) / np.hypot(half, unsure)
        inside = off.abs() <= 1
        each = inside.groupby(known["company"]).mean()
        yield {
            "interval": what,
            "covered": float(inside.mean()),
            "error": float(each.std() / np.sqrt(len(each))) if len(each) > 1 else None,
            "below": float((off < -1).mean()),
            "cells": len(known),
        }


def differences(figures: pd.DataFrame) -> dict[str, Any]:
    """How many companies show a difference between reps, or teams, that is called more than luck."""
    if figures.empty:
        return {}
    found: dict[str, Any] = {"companies": int(figures["company"].nunique())}
    for level in ("rep", "team"):
        real = figures[(figures["level"] == level) & figures["verdict"].isin(REAL)]
        by = real.groupby("metric")["company"].nunique().sort_values(ascending=False)
        found[level] = {
            "any": int(real["company"].nunique()),
            "by_metric": {str(name): int(value) for name, value in by.items()},
        }
    return found


def report(found: dict[str, Any]) -> str:
    """The figures as tables: coverage over all periods of a metric, and each that is surely outside."""
    lines = [
        f"{found['companies']} companies in {found['worlds']} worlds, and as many whose reps are alike",
        "",
        "Intervals of 90 % that cover the truth: of the figure itself, drawn towards all, and of its change",
        f"{'':32}" + "".join(f"{level + ' ' + what:>16}" for level in LEVELS for what in SORTS),
    ]
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for each in found["coverage"]:
        by_metric.setdefault(each["metric"], []).append(each)
    for metric, cells in by_metric.items():
        lines.append(f"{metric:32}" + "".join(f"{_over(cells, *each):>16}" for each in _SHOWN))
    lines += ["", f"Surely outside {COVERED[0]:.0%} to {COVERED[1]:.1%}, by more than two standard errors"]
    lines += [
        f"  {each['metric']:32} {each['level']:8} {each['kind']:8} {each['interval']:9} "
        f"{each['covered']:.3f} +- {each['error'] or 0:.3f}, truth below {each['below']:.3f}, "
        f"{each['cells']:,} cells"
        for each in found["coverage"]
        if _outside(each)
    ]
    lines += ["", "What was planted"]
    lines += [f"  {name}: {_line(line)}" for name, line in found["planted"].items()] or ["  nothing to hold"]
    lines += ["", "Intervals of further tables that cover the mean of the other companies"]
    lines += [
        f"  {each['table']:28} {each['by']:24} {each['covered']:.3f} {each['cells']:7,}"
        for each in found["further"]
    ]
    return "\n".join([*lines, *_real_differences(found)])


LEVELS, SORTS = ("company", "team", "rep"), ("value", "shrunk", "trend")

_SHOWN = [(level, what) for level in LEVELS for what in SORTS]


def _over(cells: list[dict[str, Any]], level: str, what: str) -> str:
    """Over all periods, each cell counting once."""
    here = [each for each in cells if (each["level"], each["interval"]) == (level, what)]
    number = sum(each["cells"] for each in here)
    return f"{sum(each['covered'] * each['cells'] for each in here) / number:.3f}" if number else "-"


def _outside(each: dict[str, Any]) -> bool:
    reach = 2 * (each["error"] or 0.0)
    low, high = COVERED
    return each["cells"] >= LEAST and (each["covered"] + reach < low or each["covered"] - reach > high)


LEAST = 100
"""Cells below which nothing is sure."""


def _real_differences(found: dict[str, Any]) -> list[str]:
    lines = ["", "Companies that show a real difference"]
    for name in ("alike", "usual"):
        each = found[name]
        for level in ("rep", "team") if each else ():
            metrics = ", ".join(f"{metric} {count}" for metric, count in each[level]["by_metric"].items())
            lines.append(
                f"  reps {name}, between {level}s: {each[level]['any']} of {each['companies']}; {metrics}"
            )
    return [*lines, f"  wanted where reps are alike: at most {FALSE_ALARMS:.1%} between reps"]


def _line(line: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in line.items()
    )
