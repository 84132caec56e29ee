"""How long does the scorecard of a large company take, and in what memory?

    python -m benchmarks.scorecard_scale --accounts 100000 300000 1000000 --reps 500

Tables are made by DuckDB in no time; their rows are drawn at random, so only their numbers and their shape
are like those of a company: three years, 50 activities, 20 orders, two prospects and five stages an account.
Scores of prospects for each quarter and expected losses of two years stand beside them, so that all seven
checks are computed. ``--anybody`` lets any rep work on any account; otherwise nine in ten activities are
those of the rep whose it is. Each size runs in a process of its own, of which the peak memory is taken; the
report and all tables are written, and count.
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
from typing import Any

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


def tables(accounts: int, reps: int, anybody: bool) -> dict[str, str]:
    """A SELECT for each table over ``i``."""
    months = 12 * YEARS
    rows = {name: f"FROM range({accounts * each}) AS t(i)" for name, each in PER_ACCOUNT.items()}
    by_account, by_rep, by_month = (f"FROM range({n}) AS t(i)" for n in (accounts, reps, months))
    by_rep_month = f"FROM range({reps * months}) AS t(i)"
    rep, own_rep = f"'R' || (i % {reps})", f"'R' || (i // {months})"
    day = f"({FIRST} + ({luck('day')} * {DAYS})::INTEGER)"
    later = f"({day} + ({luck('later')} * 200)::INTEGER)"
    month = f"({FIRST} + INTERVAL (i % {months}) MONTH)::DATE"
    account, prospect = (
        f"(({luck(name)} * {n})::INTEGER % {n})"
        for name, n in (("account", accounts), ("prospect", 2 * accounts))
    )
    owner = f"(CASE WHEN i % 3 > 0 THEN {account} ELSE {prospect} END) % {reps}"
    doer = f"'R' || CASE WHEN {str(anybody).lower()} OR i % 10 = 0 THEN hash(i) % {reps} ELSE {owner} END"
    acquired = f"({FIRST} - 700 + ({luck('acquired')} * {DAYS + 650})::INTEGER)"
    won, lost = f"{luck('won')} < .25", f"{luck('won')} BETWEEN .25 AND .7"
    left = f"CASE WHEN {luck('left')} < .3 THEN {acquired} + 30 + ({luck('stay')} * 900)::INTEGER END"
    return {
        "accounts": f"SELECT 'A' || i AS account_id, {acquired} AS acquired_at, {left} AS ended_at, "
        f"{rep} AS owner, 'industry ' || (i % 8) AS industry, 'country ' || (i % 5) AS country {by_account}",
        "orders": f"SELECT 'A' || {account} AS account_id, {day} AS ordered_at, exp(5 + {luck('a')}) "
        f"AS revenue, revenue * (.25 + .2 * {luck('margin')}) AS margin {rows['orders']}",
        "activities": f"SELECT {doer} AS owner, CASE WHEN i % 3 > 0 THEN 'A' || {account} END AS account_id, "
        f"CASE WHEN i % 3 = 0 THEN 'P' || {prospect} END AS prospect_id, {day} AS done_at, "
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
        # One account in ten was handed over once.
        "assignments": f"SELECT 'A' || i AS account_id, {rep} AS owner, CASE WHEN i % 10 > 0 THEN {acquired} "
        f"ELSE {acquired} + 300 END AS start, NULL::DATE AS end {by_account} UNION ALL "
        f"SELECT 'A' || i, 'R' || ((i + 7) % {reps}), {acquired}, {acquired} + 300 {by_account} "
        "WHERE i % 10 = 0",
        "workload": f"SELECT {own_rep} AS owner, {month} AS month, 140 + 20 * {luck('hours')} AS hours, "
        f"5 * {luck('overtime')} AS overtime, (i % 3) AS sick {by_rep_month}",
        "costs": f"SELECT {own_rep} AS owner, {month} AS month, 'hard' AS kind, "
        f"4000 + 500 * {luck('cost')} AS amount {by_rep_month}",
        "targets": f"SELECT {own_rep} AS owner, {month} AS month, 30000 AS amount {by_rep_month}",
        "market": f"SELECT {month} AS month, 100 + {luck('market')} AS orders_index {by_month}",
    }


SCORES = """
SELECT 'scored' AS status, '{task}' AS task, prospect_id AS entity_id, DATE '{day}' AS as_of, owner AS rep_id,
    probability, ['D', 'C', 'B', 'A'][1 + (4 * probability)::INTEGER % 4] AS band, amount AS value,
    probability * amount AS expected_value, .5 * probability * amount AS expected_low,
    1.5 * probability * amount AS expected_high, 2 + 6 * probability AS expected_hours
FROM (SELECT *, (hash(prospect_id, '{task}') % 1000003) / 1000003.0 AS probability FROM '{prospects}')
WHERE created_at < DATE '{day}' AND coalesce(least(won_at, lost_at) >= DATE '{day}', true)
"""
"""Of prospects open on a day, as `salesml score` writes them."""

LOSSES = """
SELECT d.day AS as_of, account_id AS entity_id, owner AS rep_id, .05 + .1 * luck AS probability,
    500.0 AS value, 500 * (.05 + .1 * luck) AS expected_loss,
    coalesce(ended_at < d.day + 90, false)::INTEGER AS label,
    coalesce(ended_at < d.day + 90, false)::INTEGER * 500.0 AS value_lost,
    d.day AS horizon_start, d.day + 90 AS horizon_end, d.day - 120 AS train_until
FROM (SELECT *, (hash(account_id, 'risk') % 1000003) / 1000003.0 AS luck FROM '{accounts}') AS a
JOIN (SELECT unnest([{days}]) AS day) AS d
    ON a.acquired_at < d.day AND coalesce(a.ended_at >= d.day, true)
"""
"""What a backtest expected of the customers of a day."""

QUARTERS = [f"{2023 + number // 4}-{1 + 3 * (number % 4):02d}-01" for number in range(1, 4 * YEARS)]


def write(folder: Path, accounts: int, reps: int, anybody: bool) -> int:
    """Write the company, its scores and expected losses; how many bytes its tables have."""
    (folder / "models").mkdir(parents=True)
    (folder / "crm.yaml").write_text(CRM, encoding="utf-8")
    (folder / "models/churn.yaml").write_text(CHURN, encoding="utf-8")
    with duckdb.connect(config={"memory_limit": "4GB", "threads": 2}) as con:
        con.execute(f"SET temp_directory = '{folder / 'spill'}'")
        con.execute("SET preserve_insertion_order = false")
        made = tables(accounts, reps, anybody)
        for day in QUARTERS:
            for task in ("fit", "conversion"):
                made[f"scores/{task}-{day}"] = SCORES.format(
                    task=task, day=day, prospects=folder / "prospects.parquet"
                )
        days = ", ".join(f"DATE '{day}'" for day in QUARTERS if "2024-01-01" <= day <= "2025-07-01")
        made["expected_losses"] = LOSSES.format(accounts=folder / "accounts.parquet", days=days)
        (folder / "scores").mkdir()
        for name, sql in made.items():
            con.execute(
                f"COPY ({sql}) TO '{folder / name}.parquet' (COMPRESSION zstd, ROW_GROUP_SIZE 500000)"
            )
    return _size(folder)


def measure(folder: Path, memory: str, threads: int) -> None:
    """Compute the scorecard in this process and print what it took, as JSON."""
    import salesml
    from salesml.scorecard.run import scorecard

    start, cpu = time.perf_counter(), time.process_time()
    found = scorecard(
        salesml.CRM.open(folder / "crm.yaml"), scores=sorted((folder / "scores").glob("*.parquet")),
        expected=folder / "expected_losses.parquet", threads=threads, memory=memory,
    )  # fmt: skip
    computed = time.perf_counter() - start
    out = found.save(folder / "card")
    taken = {
        "computed_seconds": computed,
        "report_mb": (out / "report.html").stat().st_size / 1e6,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "figures": len(found.tables["figures"]),
    }
    print(json.dumps(taken))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scorecard_scale", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--reps", type=int, help="one for 2,000 accounts, three at least, by default")
    parser.add_argument("--anybody", action="store_true", help="any rep works on any account")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument("--memory", default="4GB", help="that DuckDB may take (4GB)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where companies are written and kept")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.memory, chosen.threads)
        return
    print(HEADING, flush=True)
    sizes = []
    with tempfile.TemporaryDirectory() as place:
        for accounts in chosen.accounts:
            reps = chosen.reps or max(3, accounts // ACCOUNTS_PER_REP)
            folder = (chosen.folder or Path(place)) / str(accounts)
            size = _size(folder) if folder.exists() else write(folder, accounts, reps, chosen.anybody)
            command = [sys.executable, "-m", "benchmarks.scorecard_scale", "--measure", str(folder)]
            command += ["--memory", chosen.memory, "--threads", str(chosen.threads)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{accounts:>11,}  did not end: {done.stderr[-2000:]}")
                continue
            took = {"accounts": accounts, "reps": reps, "disk_gb": size / 1e9}
            took |= json.loads(done.stdout.splitlines()[-1])
            sizes.append(took)
            print(_line(took), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps({"sizes": sizes}, indent=1) + "\n", encoding="utf-8")


HEADING = "   accounts   activities  reps  on disk   seconds  processor  peak memory  figures   report"


def _line(took: dict[str, Any]) -> str:
    return (
        f"{took['accounts']:>11,} {50 * took['accounts']:>12,} {took['reps']:>5} {took['disk_gb']:>5.1f} GB "
        f"{took['seconds']:>9.0f} {took['cpu_seconds']:>10.0f} {took['peak_gb']:>9.1f} GB "
        f"{took['figures']:>8,} {took['report_mb']:>5.1f} MB"
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


if __name__ == "__main__":
    main()
