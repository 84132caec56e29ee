"""The benchmark's figures as aligned tables that a stranger can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

OURS = "salesml"
AUTOGLUON = "AutoGluon best"
ENOUGH = 500
"""Positive test rows from which on the calibration slope is judged."""


def show_table(name: str, found: Mapping[str, Any]) -> None:
    """One table: a line per model, then AutoGluon on the first split, then what training costs."""
    part = "to choose defaults by" if found["dev"] else "held apart"
    times = f", {found['repeats']} times" if found["repeats"] > 1 else ""
    times += ", the first split alone" if found["splits"] == 1 and found["split"] == "five-fold" else ""
    print(
        f"{name}: {found['rows']:,} rows, {found['columns']} columns, {found['rate']:.1%} with the outcome; "
        f"{found['split']}{times}; {part}"
    )
    print(
        f"  {'':22} {'log loss':>8} {'AUC':>6} {'AP':>6} {'lift':>5} {'cal. error':>10} {'slope':>6} "
        f"{'trees':>6} {'train s (cpu)':>14} {'100k rows s':>13}   salesml's log loss is lower by"
    )
    for model, row in found["models"].items():
        print(
            f"  {model:22} {row['log_loss']:8.4f} {row['auc']:6.3f} {row['average_precision']:6.3f} "
            f"{row['lift_10']:5.2f} {row['calibration_error']:10.4f} {row['slope']:6.2f} {row['trees']:6.0f} "
            f"{_spent(row, 'train'):>14} {_spent(row, 'score'):>13}   {_gain(found['gains'].get(model))}"
        )
    if found["autogluon"]:
        row = found["autogluon"]
        print(
            f"  first split: {AUTOGLUON} {row['log_loss']:.4f}, AUC {row['auc']:.3f}, in "
            f"{row['train_seconds']:.0f} s; salesml {row['ours']:.4f}   {_gain(row)}"
        )
    if found["training"]:
        row = found["training"]
        print(
            f"  training: {row['cpu_seconds']:.2f} processor seconds, {row['ratio']:.2f} times "
            f"{row['folds'] + 1:.0f} plain runs of {row['plain_cpu_seconds']:.3f} s; "
            f"verdict: {row['verdict']}"
        )
    print(flush=True)


def _spent(row: Mapping[str, float], what: str) -> str:
    return f"{row[f'{what}_seconds']:.1f} ({row[f'{what}_cpu_seconds']:.1f})"


def _gain(row: Mapping[str, Any] | None) -> str:
    if row is None or "gain" not in row:
        return ""
    return f"{row['gain']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}] {row['verdict']}"


def show_summary(tables: Mapping[str, Any]) -> None:
    """All tables together, and the two halves."""
    halves = {
        "all tables": tables,
        "to choose defaults by": {name: t for name, t in tables.items() if t["dev"]},
        "held apart": {name: t for name, t in tables.items() if not t["dev"]},
    }
    print("Log loss of salesml over that of others, geometric mean (tables); below 1 salesml is better")
    rivals = [name for name in next(iter(tables.values()))["models"] if name != OURS] if tables else []
    print(f"  {'':22}" + "".join(f"{half:>28}" for half in halves))
    for rival in [AUTOGLUON, *rivals]:
        cells = "".join(f"{mean_ratio(part, rival):>28}" for part in halves.values())
        print(f"  {rival:22}{cells}")
    print("\nVerdicts of the paired intervals, over all tables")
    for rival in [*rivals, AUTOGLUON]:
        print(f"  {rival:22}  {verdicts(tables, rival)}")
    _show_limits(tables)


def mean_ratio(tables: Mapping[str, Any], rival: str) -> str:
    """The geometric mean of the ratios of log loss and the number of tables."""
    ratios = [ratio for t in tables.values() if (ratio := _ratio(t, rival)) is not None]
    return f"{np.exp(np.mean(np.log(ratios))):.4f} ({len(ratios)})" if ratios else "-"


def _ratio(found: Mapping[str, Any], rival: str) -> float | None:
    if rival == AUTOGLUON:
        row = found["autogluon"]
        return float(row["ours"] / row["log_loss"]) if row else None
    models = found["models"]
    return float(models[OURS]["log_loss"] / models[rival]["log_loss"]) if rival in models else None


def verdicts(tables: Mapping[str, Any], rival: str) -> str:
    """How often better, level and worse, and where worse."""
    rows = {n: t["autogluon"] if rival == AUTOGLUON else t["gains"].get(rival) for n, t in tables.items()}
    known = {name: row["verdict"] for name, row in rows.items() if row and "verdict" in row}
    count = Counter(known.values())
    worse = [name for name, verdict in known.items() if verdict == "worse"]
    return f"{count['better']} better, {count['level']} level, {count['worse']} worse" + (
        f" ({', '.join(worse)})" if worse else ""
    )


def _show_limits(tables: Mapping[str, Any]) -> None:
    sure = {name: t["models"][OURS]["slope"] for name, t in tables.items() if _positives(t) >= ENOUGH}
    if sure:
        low, high = min(sure, key=sure.__getitem__), max(sure, key=sure.__getitem__)
        print(
            f"\nCalibration slope on the {len(sure)} tables with {ENOUGH} positive test rows or more: "
            f"{sure[low]:.2f} ({low}) to {sure[high]:.2f} ({high})"
        )
    times = [
        t["models"][OURS]["train_seconds"] / t["autogluon"]["train_seconds"]
        for t in tables.values()
        if t["autogluon"]
    ]
    if times:
        most, middle = 1 / max(times), 1 / np.median(times)
        print(f"Training in 1/{most:.0f} of AutoGluon's time at most, 1/{middle:.0f} in the middle")
    costs = {name: t["training"]["ratio"] for name, t in tables.items() if t["training"]}
    if costs:
        dearest = max(costs, key=costs.__getitem__)
        print(
            f"Training over folds + 1 plain runs: {np.median(list(costs.values())):.2f} in "
            f"the middle, {costs[dearest]:.2f} at most ({dearest})"
        )


def _positives(found: Mapping[str, Any]) -> float:
    """Positive test rows of the splits of one deal that were tested."""
    if found["split"] == "five-fold" and found["splits"] > 1:
        return float(found["rows"] * found["rate"])
    return float(found["test_positives"])
