"""Window features for many as-of dates: salesml against DuckDB's obvious join, Polars and pandas.

Each way runs in a process of its own, in turn, on two threads; every one must give the same
numbers. Prints seconds, peak memory and ratios.

    python benchmarks/snapshots.py --events 10000000 --accounts 200000 --rounds 3
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

DATES = [dt.date(2024, month, 1) for month in range(1, 13)]
WINDOWS = [30, 90, 180, 365]
MEASURES = ["m1", "m2", "m3"]
THREADS, MEMORY = 2, "3GB"

CRM_YAML = """
version: 1
events:
  orders: {source: events.parquet, account: account, at: day, measures: {m1: m1, m2: m2, m3: m3}}
"""
MODEL_YAML = """
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90}
"""


def make_events(folder: Path, events: int, accounts: int) -> None:
    """Two years of events, evenly spread; hashes instead of chance, so that they are always the same."""
    money = "(round((hash(i * {0} + 3) % {1}) / 100.0, 2))::DECIMAL(10, 2) AS {2}"
    measures = ", ".join(
        money.format(prime, size, name)
        for prime, size, name in zip((5, 11, 13), (100_000, 10_000, 1_000), MEASURES, strict=True)
    )
    duckdb.sql(
        f"COPY (SELECT (hash(i * 7 + 1) % {accounts})::INTEGER AS account, "
        f"(DATE '2023-01-01' + (hash(i * 3 + 2) % 730)::INTEGER)::DATE AS day, {measures} "
        f"FROM range({events}) t(i)) TO '{folder / 'events.parquet'}'"
    )
    (folder / "crm.yaml").write_text(CRM_YAML)
    (folder / "churn.yaml").write_text(MODEL_YAML)


def limits(folder: Path) -> dict[str, str]:
    """What the obvious join may use; it spills, and not into the working directory."""
    return {"threads": str(THREADS), "memory_limit": MEMORY, "temp_directory": str(folder / "spill")}


def names() -> list[str]:
    return [f"{column}_{window}" for window in WINDOWS for column in ("n", *MEASURES)]


def salesml(folder: Path) -> pa.Table:
    """The steps of a snapshot that make its windows."""
    from salesml.config import read_spec
    from salesml.crm import CRM
    from salesml.snapshots.activity import add_partials
    from salesml.snapshots.events import add_event_steps, log_step, usable_log
    from salesml.snapshots.query import Question, start
    from salesml.snapshots.sql import Steps, col, double, equal, joined, named, rel, select
    from salesml.snapshots.timeline import DATES as DATES_STEP
    from salesml.snapshots.timeline import EDGES, Timeline
    from salesml.snapshots.totals import Cell, add_totals

    crm = CRM.open(folder / "crm.yaml")
    columns = {name: dict(made.columns) for name, made in crm.relations().items()}
    spec = read_spec(folder / "churn.yaml")
    build = start(Question(spec, crm.contract, columns, tuple(DATES), (), DATES[-1]))
    # Nor for trends and seasons: time is cut at the edges of these windows only.
    build.timeline = Timeline.of(DATES, WINDOWS)
    build.steps = Steps()
    build.steps.add(DATES_STEP, build.timeline.dates())
    build.steps.add(EDGES, build.timeline.intervals())
    # The peers are not asked for the greatest of a measure, so neither is salesml.
    log = replace(usable_log(build, crm.contract.events["orders"]), measures=())
    add_event_steps(build, log, tuple(MEASURES))
    add_partials(build, log, tuple(MEASURES))
    measured = [f"m_{name}" for name in MEASURES]
    cells = [Cell(column, window) for window in WINDOWS for column in ("n", *measured)]
    add_totals(build, log, cells)
    made = [
        named(double(col(cell.called, log_step("orders", "windows"))), cell.called.removeprefix("m_"))
        for cell in cells
    ]
    query = select(
        col("account", log_step("orders", "windows")),
        col("as_of", "as_of_dates"),
        *made,
        source=rel(log_step("orders", "windows")),
    )
    query = joined(
        query, rel("as_of_dates"), equal(col("k", "as_of_dates"), col("k", log_step("orders", "windows")))
    )
    with crm.connect(threads=THREADS, memory=MEMORY) as con:
        return con.sql(build.steps.before(query).sql("duckdb")).to_arrow_table()


def duckdb_join(folder: Path) -> pa.Table:
    """Events joined with dates, one filtered aggregate per feature."""
    con = duckdb.connect(config=limits(folder))
    days = ", ".join(f"(DATE '{day}')" for day in DATES)
    features = ", ".join(
        f"count(*) FILTER (day >= as_of - {window})::DOUBLE AS n_{window}, "
        + ", ".join(
            f"coalesce(sum({m}) FILTER (day >= as_of - {window}), 0)::DOUBLE AS {m}_{window}"
            for m in MEASURES
        )
        for window in WINDOWS
    )
    return con.sql(
        f"SELECT account, as_of, {features} FROM '{folder / 'events.parquet'}' "
        f"JOIN (VALUES {days}) d(as_of) ON day < as_of AND day >= as_of - {max(WINDOWS)} GROUP BY ALL"
    ).to_arrow_table()


def polars(folder: Path) -> pa.Table:
    """One lazy group-by per date, all collected together; money as floats, which is faster than decimals."""
    import polars as pl

    floats = [pl.col(name).cast(pl.Float64) for name in MEASURES]
    events = pl.scan_parquet(folder / "events.parquet").with_columns(floats)
    parts = []
    for as_of in DATES:
        inside = events.filter(
            (pl.col("day") < as_of) & (pl.col("day") >= as_of - dt.timedelta(days=max(WINDOWS)))
        )
        features = []
        for window in WINDOWS:
            recent = pl.col("day") >= as_of - dt.timedelta(days=window)
            features.append(recent.sum().cast(pl.Float64).alias(f"n_{window}"))
            features += [pl.col(name).filter(recent).sum().alias(f"{name}_{window}") for name in MEASURES]
        made = inside.group_by("account").agg(features).with_columns(pl.lit(as_of).alias("as_of"))
        parts.append(made)
    return pl.concat(parts).collect().to_arrow()


def pandas(folder: Path) -> pa.Table:
    """One group-by per date and window; money as floats, days as numbers."""
    import numpy as np
    import pandas as pd

    table = pa.parquet.read_table(folder / "events.parquet")
    events = pd.DataFrame({name: table.column(name).cast(pa.float64()).to_numpy() for name in MEASURES})
    events["account"] = table.column("account").to_numpy()
    days = table.column("day").cast(pa.int32()).to_numpy()
    del table
    parts = []
    for as_of in DATES:
        number = (as_of - dt.date(1970, 1, 1)).days
        frames = []
        for window in WINDOWS:
            grouped = events[(days < number) & (days >= number - window)].groupby("account")
            sums = grouped[MEASURES].sum()
            sums.insert(0, "n", grouped.size().astype(np.float64))
            frames.append(sums.add_suffix(f"_{window}"))
        part = pd.concat(frames, axis=1).fillna(0.0).reset_index()
        part["as_of"] = as_of
        parts.append(part)
    return pa.Table.from_pandas(pd.concat(parts), preserve_index=False)


def whole_snapshot(folder: Path) -> pa.Table:
    """Every feature, label and check of a snapshot, which the peers are not asked for."""
    from salesml.config import read_spec
    from salesml.crm import CRM
    from salesml.snapshots import take

    crm = CRM.open(folder / "crm.yaml")
    with crm.connect(threads=THREADS, memory=MEMORY) as con:
        return take(read_spec(folder / "churn.yaml"), crm, DATES, labels=False, con=con).table


WAYS: dict[str, Callable[[Path], pa.Table]] = {
    "salesml": salesml, "duckdb join": duckdb_join, "polars lazy": polars, "pandas": pandas,
}  # fmt: skip


WHOLE = "whole snapshot"


def run_one(way: str, folder: Path) -> dict[str, Any]:
    """Time one way and sum up what it made, per date and feature."""
    start = time.perf_counter()
    made = whole_snapshot(folder) if way == WHOLE else WAYS[way](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    if way == WHOLE:
        return {"seconds": seconds, "peak": peak, "shape": made.shape}
    con = duckdb.connect()
    con.register("made", made)
    # Sums alone would not see numbers swapped between accounts: weigh them by account.
    sums = ", ".join(f"sum({name}), sum({name} * (account::INTEGER % 97))" for name in names())
    rows = con.execute(
        f"SELECT as_of::VARCHAR, count(*), {sums} FROM made WHERE n_365 > 0 GROUP BY 1 ORDER BY 1"
    )
    return {"seconds": seconds, "peak": peak, "rows": rows.fetchall()}


def same(one: list[Any], other: list[Any]) -> bool:
    """Whether two ways made the same numbers, up to the rounding of floats."""
    if len(one) != len(other):
        return False
    pairs = [(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)]
    return all(a == b if isinstance(a, str) else abs(a - b) <= 1e-9 * max(abs(a), 1.0) for a, b in pairs)


def child(way: str, folder: Path) -> dict[str, Any]:
    threads = {name: str(THREADS) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, __file__, "--way", way, "--folder", str(folder)],
        env={**os.environ, **threads}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{way} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def compare(folder: Path, rounds: int) -> None:
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            taken[way].append(child(way, folder))
    ours = statistics.median(run["seconds"] for run in taken["salesml"])
    print(f"{'way':<12} {'seconds':>8} {'peak GB':>8} {'times ours':>10}  same numbers")
    for way, runs in taken.items():
        seconds, peak = (statistics.median(run[key] for run in runs) for key in ("seconds", "peak"))
        equal = all(same(run["rows"], taken["salesml"][0]["rows"]) for run in runs)
        print(f"{way:<12} {seconds:>8.1f} {peak:>8.2f} {seconds / ours:>10.1f}  {'yes' if equal else 'NO'}")
    run = child(WHOLE, folder)
    rows, columns = run["shape"]
    print(f"{WHOLE}: {rows:,} rows, {columns} columns, {run['seconds']:.1f} s, {run['peak']:.2f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=[*WAYS, WHOLE], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(run_one(given.way, given.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        make_events(Path(folder), given.events, given.accounts)
        days, windows = len(DATES), len(WINDOWS)
        print(
            f"{given.events:,} events, {given.accounts:,} accounts, {days} as-of dates, {windows} windows, "
            f"{len(MEASURES)} measures, {THREADS} threads"
        )
        compare(Path(folder), given.rounds)


if __name__ == "__main__":
    main()
