"""A small company in memory-sized tables, with what a test plants in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

CRM = """
version: 1
currency: GBP
events:
  orders:
    source: orders.csv
    account: account
    at: day
    measures: {revenue: revenue, margin: margin}
accounts: {source: accounts.csv, id: id, acquired_at: since, rep: rep}
"""

TABLES = {
    "reps": "reps: {source: reps.csv, id: id, name: name, team: team}",
    "assignments": "assignments: {source: assignments.csv, account: account, rep: rep, start: start, "
    "end: end}",
    "activities": "activities: {source: activities.csv, rep: rep, account: account, at: day, kind: kind, "
    "hours: hours, cost: cost}",
    "costs": "costs: {source: costs.csv, period: period, rep: rep, kind: kind, amount: amount}",
    "workload": "workload: {source: workload.csv, rep: rep, period: period, hours: hours, "
    "overtime_hours: overtime}",
    "targets": "targets: {source: targets.csv, rep: rep, period: period, amount: amount}",
    "prospects": "prospects: {source: prospects.csv, id: id, created_at: created, rep: rep, won_at: won, "
    "lost_at: lost, lost_reason: reason, amount: amount, account: account}",
    "stages": "stages: {source: stages.csv, prospect: prospect, stage: stage, at: at}",
    "feedback": "feedback: {source: feedback.csv}",
    "market": "market: {source: market.csv, period: period, indicators: [index]}",
    "history": "history: {source: history.csv, table: table, id: id, column: column, value: value, at: at}",
}

CHURN = """
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90, active_within_days: 180}
horizon_days: 90
value: orders.margin
windows_days: [30, 90]
as_of: {every: month, train: 3, validate: 1, test: 1}
"""

MONTHS = pd.date_range("2024-01-01", "2025-12-01", freq="MS")
REPS = ("R1", "R2")


def tables(accounts: int = 12) -> dict[str, pd.DataFrame]:
    """Two years: each account buys on the first and the fifteenth, each rep works, all is in order."""
    names = [f"A{number:02}" for number in range(accounts)]
    of = {name: REPS[number % 2] for number, name in enumerate(names)}
    days = [day for month in MONTHS for day in (month, month + pd.Timedelta(days=14))]
    days.append(pd.Timestamp("2025-12-31"))
    orders = pd.DataFrame([(name, day) for name in names for day in days], columns=["account", "day"])
    by_rep = pd.DataFrame([(rep, month) for rep in REPS for month in MONTHS], columns=["rep", "period"])
    since = pd.Timestamp("2024-01-01")
    return {
        "orders": orders.assign(revenue=100.0 + orders.index % 7, margin=40.0 + orders.index % 5),
        "accounts": pd.DataFrame({"id": names, "since": since, "rep": [of[name] for name in names]}),
        "reps": pd.DataFrame({"id": REPS, "name": ["Ann", "Ben"], "team": ["North", "South"]}),
        "assignments": pd.DataFrame(
            {"account": names, "rep": [of[name] for name in names], "start": since, "end": pd.NaT}
        ),
        "activities": orders.assign(rep=orders["account"].map(of), kind="call", hours=1.0, cost=30.0),
        "costs": by_rep.assign(kind="hard", amount=4000.0),
        "workload": by_rep.assign(hours=150.0, overtime=2.0),
        "targets": by_rep[by_rep["period"].dt.month % 3 == 1].assign(amount=9000.0),
        "history": pd.DataFrame(columns=["table", "id", "column", "value", "at"], dtype=object),
    }


def company(folder: Path, given: dict[str, pd.DataFrame], *, without: tuple[str, ...] = ()) -> Path:
    """Write the tables with a crm.yaml that maps all but those left out; returns the crm.yaml."""
    text = CRM + "".join(f"{TABLES[name]}\n" for name in TABLES if name in given and name not in without)
    if "activities" in given and "prospect" in given["activities"]:
        text = text.replace("activities.csv, rep: rep,", "activities.csv, rep: rep, prospect: prospect,")
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "churn.yaml").write_text(CHURN)
    for name, table in given.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "crm.yaml"
    path.write_text(text)
    return path
