"""How long does the scorecard of a large company take, and in what memory?

    python -m benchmarks.scorecard_scale --accounts 100000 300000 1000000

Tables are made by DuckDB in no time; their rows are drawn at random, so only their numbers and their shape
are like those of a company: three years, 50 activities, 20 orders, two prospects and five stages an account,
a rep for 2,000 accounts. Each size runs in a process of its own, of which the peak memory is taken.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

YEARS = 3
DAYS = 365 * YEARS
FIRST = "DATE '2023-01-01'"
PER_ACCOUNT = {"orders": 20, "activities": 50, "prospects": 2, "stages": 5}
ACCOUNTS_PER_REP = 2000

CRM = """
version: 1
currency: GBP
timezone: Europe/London
accounts: {source: accounts.parquet, id: account_id, acquired_at: acquired_at, ended_at: ended_at, rep: owner,
  attributes: [industry, country]}
prospects: {source: prospects.parquet, id: prospect_id, created_at: created_at, rep: owner, amount: amount,
  won_at: won_at, lost_at: lost_at, lost_reason: lost_reason, account: account_id, attributes: [industry]}
events:
  orders: {source: orders.parquet, account: account_id, at: ordered_at, measures: {revenue: revenue,
    margin: margin}, returns: revenue < 0, words: order}
activities: {source: activities.parquet, rep: owner, account: account_id, prospect: prospect_id, at: done_at,
  kind: kind, hours: hours, cost: cost}
stages: {source: stages.parquet, prospect: prospect_id, stage: stage, at: entered_at}
reps: {source: reps.parquet, id: rep_id, name: name, team: team}
assignments: {source: assignments.parquet, account: account_id, rep: owner, start: start, end: end}
workload: {source: workload.parquet, rep: owner, period: month, hours: hours, overtime_hours: overtime,
  sick_days: sick}
costs: {source: costs.parquet, period: month, rep: owner, kind: kind, amount: amount}
targets: {source: targets.parquet, rep: owner, period: month, amount: amount}
market: {source: market.parquet, period: month, indicators: [orders_index]}
"""

CHURN = """
task: churn
label: {kind: contract}
horizon_days: 90
value: orders.margin
windows_days: [90, 180]
as_of: {train: [2025-01-01], test: [2025-07-01]}
"""


def luck(name: str) -> str:
    """A number in [0, 1) that follows from the row and a name."""
    return f"((hash(i, '{name}') % 1000003) / 1000003.0)"


def tables(accounts: int) -> dict[str, str]:
    """A SELECT for each table over ``i``."""
    reps, months = max(3, accounts // ACCOUNTS_PER_REP), 12 * YEARS
    rows = {name: f"FROM range({accounts * each}) AS t(i)" for name, each in PER_ACCOUNT.items()}
    by_account, by_rep, by_month = (f"FROM range({n}) AS t(i)" for n in (accounts, reps, months))
    by_rep_month = f"FROM range({reps * months}) AS t(i)"
    rep, own_rep = f"'R' || (i % {reps})", f"'R' || (i // {months})"
    anybody = f"'R' || (hash(i) % {reps})"
    day = f"({FIRST} + ({luck('day')} * {DAYS})::INTEGER)"
    later = f"({day} + ({luck('later')} * 200)::INTEGER)"
    month = f"({FIRST} + INTERVAL (i % {months}) MONTH)::DATE"
    account = f"'A' || (({luck('account')} * {accounts})::INTEGER % {accounts})"
    prospect = f"'P' || (({luck('prospect')} * {2 * accounts})::INTEGER % {2 * accounts})"
    acquired = f"({FIRST} - 700 + ({luck('acquired')} * {DAYS + 650})::INTEGER)"
    won, lost = f"{luck('won')} < .25", f"{luck('won')} BETWEEN .25 AND .7"
    left = f"CASE WHEN {luck('left')} < .3 THEN {acquired} + 30 + ({luck('stay')} * 900)::INTEGER END"
    return {
        "accounts": f"SELECT 'A' || i AS account_id, {acquired} AS acquired_at, {left} AS ended_at, "
        f"{rep} AS owner, 'industry ' || (i % 8) AS industry, 'country ' || (i % 5) AS country {by_account}",
        "orders": f"SELECT {account} AS account_id, {day} AS ordered_at, exp(5 + {luck('a')} + {luck('b')}) "
        f"AS revenue, revenue * .35 AS margin {rows['orders']}",
        "activities": f"SELECT {anybody} AS owner, CASE WHEN i % 3 > 0 THEN {account} END AS account_id, "
        f"CASE WHEN i % 3 = 0 THEN {prospect} END AS prospect_id, {day} AS done_at, "
        f"['call', 'email', 'visit'][1 + (hash(i, 'kind') % 3)::INTEGER] AS kind, "
        f".2 + 2 * {luck('hours')} AS hours, 45 * hours AS cost {rows['activities']}",
        "prospects": f"SELECT 'P' || i AS prospect_id, {day} AS created_at, {rep} AS owner, "
        f"1000 * exp({luck('amount')}) AS amount, CASE WHEN {won} THEN {later} END AS won_at, "
        f"CASE WHEN {lost} THEN {later} END AS lost_at, CASE WHEN {lost} THEN 'price' END AS lost_reason, "
        f"CASE WHEN {won} THEN 'A' || (i % {accounts}) END AS account_id, "
        f"'industry ' || (i % 8) AS industry {rows['prospects']}",
        "stages": f"SELECT 'P' || (i % {2 * accounts}) AS prospect_id, "
        f"['new', 'contacted', 'qualified', 'offer'][1 + (i // {2 * accounts})::INTEGER] AS stage, "
        f"{day} AS entered_at {rows['stages']}",
        "reps": f"SELECT 'R' || i AS rep_id, 'Rep ' || i AS name, 'Team ' || (i // 10) AS team {by_rep}",
        "assignments": f"SELECT 'A' || i AS account_id, {rep} AS owner, {acquired} AS start, "
        f"NULL::DATE AS end {by_account}",
        "workload": f"SELECT {own_rep} AS owner, {month} AS month, 140 + 20 * {luck('hours')} AS hours, "
        f"5 * {luck('overtime')} AS overtime, (i % 3) AS sick {by_rep_month}",
        "costs": f"SELECT {own_rep} AS owner, {month} AS month, 'hard' AS kind, "
        f"4000 + 500 * {luck('cost')} AS amount {by_rep_month}",
        "targets": f"SELECT {own_rep} AS owner, {month} AS month, 30000 AS amount {by_rep_month}",
        "market": f"SELECT {month} AS month, 100 + {luck('market')} AS orders_index {by_month}",
    }


def write(folder: Path, accounts: int) -> int:
    """Write the company; how many bytes its tables have."""
    (folder / "models").mkdir(parents=True)
    (folder / "crm.yaml").write_text(CRM, encoding="utf-8")
    (folder / "models/churn.yaml").write_text(CHURN, encoding="utf-8")
    with duckdb.connect(config={"memory_limit": "4GB", "threads": 2}) as con:
        con.execute(f"SET temp_directory = '{folder / 'spill'}'")
        con.execute("SET preserve_insertion_order = false")
        for name, sql in tables(accounts).items():
            con.execute(
                f"COPY ({sql}) TO '{folder / name}.parquet' (COMPRESSION zstd, ROW_GROUP_SIZE 500000)"
            )
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))


def measure(folder: Path, memory: str, threads: int) -> None:
    """Compute the scorecard in this process and print what it took, as JSON."""
    import salesml
    from salesml.scorecard.run import scorecard

    start, cpu = time.perf_counter(), time.process_time()
    found = scorecard(salesml.CRM.open(folder / "crm.yaml"), threads=threads, memory=memory)
    taken = {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "figures": len(found.tables["figures"]),
    }
    print(json.dumps(taken))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scorecard_scale", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--memory", default="4GB", help="that DuckDB may take (4GB)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where companies are written and kept")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.memory, chosen.threads)
        return
    print("   accounts   activities  reps  on disk   seconds  processor  peak memory  figures", flush=True)
    with tempfile.TemporaryDirectory() as place:
        for accounts in chosen.accounts:
            folder = (chosen.folder or Path(place)) / str(accounts)
            size = _size(folder) if folder.exists() else write(folder, accounts)
            command = [sys.executable, "-m", "benchmarks.scorecard_scale", "--measure", str(folder)]
            command += ["--memory", chosen.memory, "--threads", str(chosen.threads)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{accounts:>11,}  did not end: {done.stderr[-2000:]}")
                continue
            took = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{accounts:>11,} {50 * accounts:>12,} {max(3, accounts // ACCOUNTS_PER_REP):>5} "
                f"{size / 1e9:>5.1f} GB {took['seconds']:>9.0f} {took['cpu_seconds']:>10.0f} "
                f"{took['peak_gb']:>9.1f} GB {took['figures']:>8,}",
                flush=True,
            )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))


if __name__ == "__main__":
    main()
