"""Flat tables: the defaults against logistic regression and plain LightGBM, and the verdicts.

    python benchmarks/flat.py [--data ../shared/data] [--repeats 3] [--json FILE]

The same defaults for every table. ``telco`` goes through repeated five-fold cross-validation, paired
by row; the others are learned on seven tenths and judged on the rest.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

from salesml.model import PropensityClassifier, contribution_shares, evaluate, fit_baselines, judge

LEAKS = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]


def telco(data: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """The telephone company; a blank total means that nothing has been billed yet."""
    table = pd.read_csv(data / "telco" / "Telco-Customer-Churn.csv")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    return table.drop(columns=["customerID", "Churn"]), (table["Churn"] == "Yes").to_numpy(int)


def crm_pipeline(data: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Closed opportunities with what is known of account and agent; nothing known only at the close."""
    folder = data / "crm_pipeline"
    deals = pd.read_csv(folder / "sales_pipeline.csv")
    deals = deals[deals["deal_stage"].isin(["Won", "Lost"])]
    deals = deals.merge(pd.read_csv(folder / "accounts.csv"), how="left", on="account")
    deals = deals.merge(pd.read_csv(folder / "sales_teams.csv"), how="left", on="sales_agent")
    hidden = ["opportunity_id", "deal_stage", "engage_date", "close_date", "close_value"]
    return deals.drop(columns=hidden), (deals["deal_stage"] == "Won").to_numpy(int)


def x_education(data: Path, *, leaks: bool) -> tuple[pd.DataFrame, np.ndarray]:
    """The online school, without or with the columns that are filled in after contact."""
    table = pd.read_csv(data / "x_education" / "leads.csv").replace("Select", np.nan)
    table = table.drop_duplicates(subset=table.columns.difference(["Prospect ID", "Lead Number"]))
    late = [*LEAKS, *(name for name in table if name.startswith("Asymmetrique"))]
    hidden = ["Prospect ID", "Lead Number", "Converted", *([] if leaks else late)]
    return table.drop(columns=hidden), table["Converted"].to_numpy(int)


def cross_validated(X: pd.DataFrame, y: np.ndarray, repeats: int) -> dict[str, Any]:
    """Repeated five-fold: losses averaged over the repeats row by row, then compared."""
    scores: dict[str, list[np.ndarray]] = {}
    seconds, trees = [], []
    for repeat in range(repeats):
        found: dict[str, np.ndarray] = {}
        for train, test in StratifiedKFold(5, shuffle=True, random_state=repeat).split(X, y):
            start = time.perf_counter()
            model = PropensityClassifier().fit(X.iloc[train], y[train])
            seconds.append(time.perf_counter() - start)
            trees.append(model.n_trees_)
            rivals = fit_baselines(X.iloc[train], y[train], plain=list(X.columns))
            answers = {**rivals.predict(X.iloc[test]), "salesml": model.predict_proba(X.iloc[test])[:, 1]}
            for name, p in answers.items():
                found.setdefault(name, np.empty(len(y)))[test] = p
        for name, p in found.items():
            scores.setdefault(name, []).append(p)
    return {
        "per_repeat": [
            evaluate(
                y,
                scores["salesml"][repeat],
                baselines={name: p[repeat] for name, p in scores.items() if name != "salesml"},
            )
            for repeat in range(repeats)
        ],
        "pooled_gain": {name: _pooled(y, scores["salesml"], p) for name, p in scores.items()},
        "fit_seconds": float(np.median(seconds)),
        "trees": float(np.mean(trees)),
    }


def _pooled(y: np.ndarray, ours: list[np.ndarray], theirs: list[np.ndarray]) -> tuple[float, float, float]:
    """Mean gain in log loss, each row's averaged over the repeats, with its 95 % interval by bootstrap."""

    def loss(p: np.ndarray) -> np.ndarray:
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -np.where(y == 1, np.log(p), np.log1p(-p))

    gain = np.mean([loss(b) - loss(a) for a, b in zip(ours, theirs, strict=True)], axis=0)
    rng = np.random.default_rng(0)
    drawn = [gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(2000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(gain.mean()), float(low), float(high)


def held_out(X: pd.DataFrame, y: np.ndarray) -> dict[str, Any]:
    """Learn on seven tenths, judge on the rest."""
    train, test = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=0)
    start = time.perf_counter()
    model = PropensityClassifier().fit(X.iloc[train], y[train])
    seconds = time.perf_counter() - start
    rivals = fit_baselines(X.iloc[train], y[train], plain=list(X.columns))
    p = model.predict_proba(X.iloc[test])[:, 1]
    evaluation = evaluate(y[test], p, baselines=rivals.predict(X.iloc[test]))
    shares = contribution_shares(model.contributions(X.iloc[test]), model.coding_.names)
    verdict = judge(evaluation, shares=shares, best_column=rivals.best_column, train_rate=y[train].mean())
    return {"evaluation": evaluation, "verdict": verdict, "fit_seconds": seconds, "trees": model.n_trees_}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    result = cross_validated(*telco(chosen.data), chosen.repeats)
    print(f"telco, five-fold, {chosen.repeats} times; one fit {result['fit_seconds']:.1f} s")
    print("\n\n".join(evaluation.text() for evaluation in result["per_repeat"][:1]))
    for name, (gain, low, high) in result["pooled_gain"].items():
        if name != "salesml":
            print(f"log loss better than {name} by {gain:.5f} [{low:.5f}, {high:.5f}]")
    losses = [evaluation.metrics["log_loss"].value for evaluation in result["per_repeat"]]
    aucs = [evaluation.metrics["auc"].value for evaluation in result["per_repeat"]]
    print(f"log loss {np.mean(losses):.4f}, AUC {np.mean(aucs):.4f}, trees {result['trees']:.0f}\n")
    kept: dict[str, Any] = {"telco": {"log_loss": losses, "auc": aucs, "gain": result["pooled_gain"]}}
    tables: dict[str, Callable[[], tuple[pd.DataFrame, np.ndarray]]] = {
        "crm_pipeline": lambda: crm_pipeline(chosen.data),
        "x_education": lambda: x_education(chosen.data, leaks=False),
        "x_education with leaks": lambda: x_education(chosen.data, leaks=True),
    }
    for name, load in tables.items():
        found = held_out(*load())
        print(f"{name}: fit {found['fit_seconds']:.1f} s, {found['trees']} trees")
        print(found["evaluation"].text(), found["verdict"], sep="\n\n", end="\n\n")
        kept[name] = {"verdict": found["verdict"].as_dict(), "evaluation": found["evaluation"].as_dict()}
    if chosen.json:
        chosen.json.write_text(json.dumps(kept, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
