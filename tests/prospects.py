"""A small sales team whose calls help to win prospects: for tests of conversion the whole way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from salesml.lifecycle.project import init

FIRST, DAYS = dt.date(2024, 1, 1), 420
UNTIL = FIRST + dt.timedelta(days=DAYS)

CONTRACT = f"""
version: 1
currency: GBP
observed_until: {UNTIL}
accounts: {{source: accounts.csv, id: account}}
prospects:
  source: prospects.csv
  id: lead
  created_at: made
  rep: seller
  amount: amount
  won_at: signed
  lost_at: dropped
  account: became
  attributes: [industry, employees, verdict]
activities: {{source: activities.csv, prospect: lead, rep: seller, at: done, kind: kind, hours: hours}}
stages: {{source: stages.csv, prospect: lead, stage: stage, at: entered}}
words: {{industry: line of business}}
exclude: [prospects.verdict]
"""
SPEC = """
task: conversion
label: {kind: won, open_days: 200}
horizon_days: 30
windows_days: [7, 30]
as_of: {every: month, train: 5, validate: 1, test: 1}
learner: {n_folds: 3}
"""


def team(size: int = 2500, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Prospects with their calls and stages; toys and calls are won more often.

    ``verdict`` is filled in when a prospect is decided: it all but equals the outcome.
    """
    rng = np.random.default_rng(seed)
    prospects, activities, stages = [], [], []
    for number in range(size):
        lead, made = f"L{number:05d}", int(rng.integers(0, DAYS))
        industry = str(rng.choice(["toys", "steel", "law"], p=[0.3, 0.4, 0.3]))
        employees = float(np.round(np.exp(rng.normal(4, 1))))
        stages.append((lead, "new", made))
        day, called, won, lost = made, 0, None, None
        while day < min(made + 150, DAYS) and won is None and lost is None:
            day += 1
            if rng.random() < 0.06:
                called += 1
                activities.append((lead, "S1", day, str(rng.choice(["call", "visit"])), 0.5))
                if called == 2:
                    stages.append((lead, "offer", day))
            odds = -6.2 + 2.0 * (industry == "toys") + 0.5 * min(called, 4) + 0.8 * (np.log(employees) - 4)
            won = day if rng.random() < 1 / (1 + np.exp(-odds)) else None
            lost = day if won is None and rng.random() < 0.006 else None
        verdict = "good" if won else "bad" if lost else None
        became = f"K{number}" if won else None
        amount = float(np.round(rng.gamma(2, 500), 2))
        prospects.append((lead, made, "S1", amount, won, lost, became, industry, employees, verdict))
    names = [
        "lead",
        "made",
        "seller",
        "amount",
        "signed",
        "dropped",
        "became",
        "industry",
        "employees",
        "verdict",
    ]
    tables = {
        "prospects": pd.DataFrame(prospects, columns=names),
        "activities": pd.DataFrame(activities, columns=["lead", "seller", "done", "kind", "hours"]),
        "stages": pd.DataFrame(stages, columns=["lead", "stage", "entered"]),
    }
    for table in tables.values():
        for name in {"made", "signed", "dropped", "done", "entered"} & set(table):
            table[name] = pd.Timestamp(FIRST) + pd.to_timedelta(table[name], unit="D")
    tables["accounts"] = pd.DataFrame({"account": tables["prospects"]["became"].dropna()})
    return {
        name: table[(table.select_dtypes("datetime").max(axis=1) < pd.Timestamp(UNTIL))]
        if name in ("activities", "stages")
        else table
        for name, table in tables.items()
    }


def make_team(folder: Path, tables: dict[str, pd.DataFrame] | None = None) -> Path:
    """A project with prospects; returns its folder."""
    init(folder)
    (folder / "crm.yaml").write_text(CONTRACT)
    (folder / "models" / "conversion.yaml").write_text(SPEC)
    for name, table in (tables or team()).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder
