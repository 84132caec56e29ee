"""Window features for many as-of dates: salesml against DuckDB's obvious join, Polars and pandas.

Each way reads Parquet and writes Parquet, in a process of its own, in turn, on two threads; a process
that takes more than 8 GB is ended and did not fit; all that end must give the same numbers. Prints
seconds by the clock and of the processor, peak memory and ratios.

The events are the orders of a company that `salesml sample` simulates, its accounts repeated under
other names until there are enough.

    python -m benchmarks.snapshots --millions 10 --rounds 3
    python -m benchmarks.snapshots --millions 1 3 10 30 100 --json benchmarks/results/snapshots.json
    python -m benchmarks.snapshots_chart benchmarks/results/snapshots.json docs/img/snapshots.svg
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import re
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

DATES = [dt.date(2025, month, 1) for month in range(1, 13)]
WINDOWS = [30, 90, 180, 365]
MEASURES = ["m1", "m2", "m3"]
THREADS, MEMORY = 2, "6GB"
"""What DuckDB may use, for us and for the obvious join."""
MOST_GB = 8.0
COMPANY = 5_000
"""Size of the simulated company."""

CRM_YAML = """
version: 1
events:
  orders: {source: events.parquet, account: account, at: day, measures: {m1: m1, m2: m2, m3: m3}}
"""
MODEL_YAML = """
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90}
"""


def make_company(folder: Path) -> Path:
    """The orders of two years of a simulated company, in the order of their days."""
    from salesml.cli import main as command

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        command(["sample", str(folder / "company"), "--size", str(COMPANY), "--seed", "1"])
    orders = folder / "orders.parquet"
    duckdb.execute(
        "COPY (SELECT (dense_rank() OVER (ORDER BY account_id) - 1)::INTEGER AS account, ordered_at AS day, "
        "revenue::DECIMAL(10, 2) AS m1, margin::DECIMAL(10, 2) AS m2, quantity::DECIMAL(10, 2) AS m3 "
        f"FROM '{folder / 'company' / 'orders.parquet'}' ORDER BY day, account, m1) "
        f"TO '{orders}' (FORMAT parquet)"
    )
    return orders


def make_events(folder: Path, events: int, orders: Path) -> int:
    """So many events and the files that name them; how many accounts they are of."""
    ((known, accounts),) = duckdb.sql(f"SELECT count(*), max(account) + 1 FROM '{orders}'").fetchall()
    copies = -(-events // known)
    # The last copy is of some accounts only, so that there are about as many events as asked for.
    share = (events - (copies - 1) * known) / known
    own = f"hash(account) % 1000 < {share * 1000:.0f}"
    duckdb.execute(
        f"COPY (SELECT (copy * {accounts} + account)::INTEGER AS account, day, m1, m2, m3 "
        f"FROM '{orders}', range({copies}) c(copy) WHERE copy < {copies - 1} OR {own}) "
        f"TO '{folder / 'events.parquet'}' (FORMAT parquet)"
    )
    (folder / "crm.yaml").write_text(CRM_YAML)
    (folder / "churn.yaml").write_text(MODEL_YAML)
    return int(accounts * (copies - 1 + share))


def limits(folder: Path) -> dict[str, str]:
    """What the obvious join may use; it spills, and not into the working directory."""
    return {"threads": str(THREADS), "memory_limit": MEMORY, "temp_directory": str(folder / "spill")}


def names() -> list[str]:
    return [f"{column}_{window}" for window in WINDOWS for column in ("n", *MEASURES)]


def salesml(folder: Path, target: Path) -> None:
    """The steps of a snapshot that make its windows, in slices of accounts as a scoring job takes them."""
    from sqlglot import exp

    from salesml.config import read_spec
    from salesml.crm import CRM
    from salesml.snapshots.activity import add_partials
    from salesml.snapshots.entity import ACCOUNT
    from salesml.snapshots.events import add_event_steps, log_step, usable_log
    from salesml.snapshots.query import Query, Question, start
    from salesml.snapshots.slices import Slices, allowed, choose_cuts, count_rows, how_many, keyed
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
        named(exp.cast(col("entity", log_step("orders", "windows")), "INT"), "account"),
        col("as_of", "as_of_dates"),
        *made,
        source=rel(log_step("orders", "windows")),
    )
    query = joined(
        query, rel("as_of_dates"), equal(col("k", "as_of_dates"), col("k", log_step("orders", "windows")))
    )
    made_of = Query(*[build.steps.before(query)] * 3, features=())
    relations = keyed(made_of, columns, ACCOUNT) or []
    work = folder / "work"
    work.mkdir()
    with crm.connect(threads=THREADS, memory=MEMORY, work=work) as con:
        rows = count_rows(con, relations)
        cuts = choose_cuts(con, relations, rows, how_many(rows, allowed(con)))
        slices = Slices(con, made_of, relations, cuts, work / "slices", typed=True) if cuts else None
        for number in range(len(cuts) + 1):
            if slices:
                slices.show(number)
            con.execute(f"COPY ({made_of.rows.sql('duckdb')}) TO '{work}/{number}.parquet'")
    work.rename(target)


def duckdb_join(folder: Path, target: Path) -> None:
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
    con.execute(
        f"COPY (SELECT account, as_of, {features} FROM '{folder / 'events.parquet'}' "
        f"JOIN (VALUES {days}) d(as_of) ON day < as_of AND day >= as_of - {max(WINDOWS)} GROUP BY ALL) "
        f"TO '{target}' (FORMAT parquet)"
    )


def polars(folder: Path, target: Path) -> None:
    """One lazy group-by per date, all streamed to one file; money as floats, which is faster."""
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
    pl.concat(parts).sink_parquet(target, engine="streaming")


def pandas(folder: Path, target: Path) -> None:
    """One group-by per date and window, a date written after the other; money as floats, days as numbers."""
    import numpy as np
    import pandas as pd

    table = pa.parquet.read_table(folder / "events.parquet")
    events = pd.DataFrame({name: table.column(name).cast(pa.float64()).to_numpy() for name in MEASURES})
    events["account"] = table.column("account").to_numpy()
    days = table.column("day").cast(pa.int32()).to_numpy()
    del table
    writer = None
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
        made = pa.Table.from_pandas(part, preserve_index=False)
        writer = writer or pa.parquet.ParquetWriter(target, made.schema)
        writer.write_table(made)
    if writer:
        writer.close()


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "salesml": salesml, "duckdb join": duckdb_join, "polars lazy": polars, "pandas": pandas,
}  # fmt: skip


def run_one(way: str, folder: Path) -> dict[str, Any]:
    """Time one way and sum up what it made, per date and feature."""
    target = folder / "made"
    start = time.perf_counter()
    WAYS[way](folder, target)
    seconds = time.perf_counter() - start
    used, peak = resource.getrusage(resource.RUSAGE_SELF), kilobytes("self", "VmHWM") / 1024**2
    con = duckdb.connect()
    made = f"read_parquet('{target / '*' if target.is_dir() else target}')"
    # Sums alone would not see numbers swapped between accounts: weigh them by account.
    sums = ", ".join(f"sum({name}), sum({name} * (account::INTEGER % 97))" for name in names())
    rows = con.execute(
        f"SELECT as_of::DATE::VARCHAR, count(*), {sums} FROM {made} WHERE n_365 > 0 GROUP BY 1 ORDER BY 1"
    )
    return {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": peak,
        "rows": rows.fetchall(),
    }


def same(one: list[Any], other: list[Any]) -> bool:
    """Whether two ways made the same numbers, up to the rounding of floats."""
    if len(one) != len(other):
        return False
    pairs = [(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)]
    return all(a == b if isinstance(a, str) else abs(a - b) <= 1e-9 * max(abs(a), 1.0) for a, b in pairs)


def child(way: str, folder: Path) -> dict[str, Any]:
    """What a way took; only ``peak`` when it took too much."""
    threads = {name: str(THREADS) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        own = Path(name)
        for file in ("events.parquet", "crm.yaml", "churn.yaml"):
            (own / file).symlink_to(folder / file)
        command = [sys.executable, "-m", "benchmarks.snapshots", "--way", way, "--folder", name]
        with (own / "out").open("w+") as out, (own / "err").open("w+") as err:
            process = subprocess.Popen(command, env={**os.environ, **threads}, stdout=out, stderr=err)
            most = watched(process)
            if most > MOST_GB:
                return {"peak": most}
            told = (own / "out").read_text()
            if process.returncode or not told:
                raise SystemExit(f"{way} failed:\n{(own / 'err').read_text()}")
    result: dict[str, Any] = json.loads(told)
    return result


def watched(process: subprocess.Popen[Any]) -> float:
    """The most memory that a process took, in GB; it is ended when that is too much."""
    most = 0.0
    while process.poll() is None:
        with contextlib.suppress(OSError):  # it has just ended
            most = max(most, kilobytes(str(process.pid), "VmRSS") / 1024**2)
        if most > MOST_GB:
            process.kill()
        time.sleep(0.05)
    return most


def kilobytes(process: str, figure: str) -> int:
    """A figure of a process's memory, as the system gives it."""
    found = re.search(rf"{figure}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) if found else 0


def compare(folder: Path, rounds: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, runs in taken.items():
            if all("rows" in run for run in runs):
                runs.append(child(way, folder))
    ours = taken["salesml"]
    told: dict[str, Any] = {}
    print(f"{'way':<12} {'seconds':>8} {'cpu':>8} {'peak GB':>8} {'times ours':>10}  same numbers")
    for way, runs in taken.items():
        if not all("rows" in run for run in runs):
            told[way] = {"peak": max(run["peak"] for run in runs)}
            print(f"{way:<12} did not fit into {MOST_GB:.0f} GB")
            continue
        figures = {key: statistics.median(run[key] for run in runs) for key in ("seconds", "cpu", "peak")}
        equal = all("rows" in run and same(run["rows"], ours[0].get("rows", [])) for run in runs)
        told[way] = {**figures, "same": equal}
        times = figures["seconds"] / statistics.median(run.get("seconds", 0) for run in ours)
        print(
            f"{way:<12} {figures['seconds']:>8.1f} {figures['cpu']:>8.1f} {figures['peak']:>8.2f} "
            f"{times:>10.1f}  {'yes' if equal else 'NO'}"
        )
    return told


def measure(millions: float, rounds: int, folder: Path, orders: Path) -> dict[str, Any]:
    events = round(millions * 1e6)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        accounts = make_events(Path(name), events, orders)
        print(
            f"{events:,} events, {accounts:,} accounts, {len(DATES)} as-of dates, {len(WINDOWS)} windows, "
            f"{len(MEASURES)} measures, {THREADS} threads",
            flush=True,
        )
        return {"events": events, "accounts": accounts, "ways": compare(Path(name), rounds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=[10], help="events")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where files go: 25 GB for 100 million events")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(run_one(given.way, given.folder)))
        return
    sizes = []
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        orders = make_company(Path(name))
        for millions in given.millions:
            sizes.append(measure(millions, given.rounds, Path(name), orders))
            if given.json:
                given.json.write_text(json.dumps({"sizes": sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
