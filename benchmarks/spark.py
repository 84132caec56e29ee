"""The same accounts scored by DuckDB in this process and by Spark on two threads of this machine.

A model is trained once; then every size is scored by each engine in a process of its own, in turn:
tables checked, snapshot, scores with five reasons, every sentence audited, Parquet. Spark's start is told
apart. Prints seconds, processor seconds of all processes (Linux), the ratio of the latter, and whether
the scores are the same bits; then what a further million rows and a million events take, from the smallest
and the largest size.

    python -m benchmarks.spark --accounts 10000 100000
    python -m benchmarks.spark --accounts 10000 100000 --snapshots   # no model, no scores
    python -m benchmarks.spark --accounts 10000 100000 --table       # the rows of the snapshot, scored
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

AS_OF = dt.date(2024, 12, 31)
EVENTS = 30
"""Per account, over two years."""

CRM_YAML = """
version: 1
events:
  orders: {source: events.parquet, account: account, at: day, measures: {amount: m1, pieces: m2}}
"""
MODEL_YAML = """
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90}
horizon_days: 90
value: orders.amount
as_of: {every: month, train: 2, validate: 1, test: 1}
"""


def make_project(folder: Path, accounts: int) -> Path:
    """Orders of accounts some of which leave; by hashes, so that they are always the same."""
    folder.mkdir()
    (folder / "models").mkdir()
    share = "(hash(i * {0} + 1) % 1000) / 1000.0"
    leaves = f"730 * least(1, 0.2 + 1.6 * {share.format(3).replace('i *', 'a *')})"
    day = f"(DATE '2023-01-01' + ({leaves} * {share.format(7)})::INTEGER)::DATE"
    duckdb.sql(
        f"COPY (SELECT 'A' || a AS account, {day} AS day, "
        f"(hash(i * 5) % 10000 / 100.0)::DECIMAL(10, 2) AS m1, (hash(i * 11) % 9)::INTEGER AS m2 "
        f"FROM (SELECT i, hash(i * 13) % {accounts} AS a FROM range({EVENTS * accounts}) t(i)) "
        f"UNION ALL SELECT 'A0', DATE '2024-12-30', 1, 1) TO '{folder / 'events.parquet'}'"
    )
    (folder / "crm.yaml").write_text(CRM_YAML)
    (folder / "models" / "churn.yaml").write_text(MODEL_YAML)
    return folder


def train_once(folder: Path) -> Path:
    """A bundle for the tables of such a project."""
    from salesml.crm import CRM
    from salesml.lifecycle import train

    (folder / "mlflow.yaml").write_text("tracking_uri: sqlite:///mlflow.db\n")
    trained = train("churn", CRM.open(folder / "crm.yaml"))
    return trained.folder / "bundle"


def run_one(engine: str, folder: Path, bundle: Path) -> dict[str, Any]:
    """Score a project with an engine and time it."""
    from salesml.config import Tracking, read_spec
    from salesml.crm import CRM

    spec, crm = read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")
    started = Clock()
    if engine == "spark":
        from salesml.lifecycle.with_spark import score as score_with_spark

        start_spark()
        ready = Clock()
        out = folder / "by_spark"
        done = score_with_spark(spec, crm, AS_OF, str(out), model=str(bundle), tracking=Tracking())
    else:
        from salesml.lifecycle.score import score

        ready = Clock()
        out = folder / "by_duckdb.parquet"
        done = score(spec, crm, AS_OF, out, model=str(bundle), tracking=Tracking())
    return told(done.rows, started, ready)


def score_rows(engine: str, folder: Path, bundle: Path) -> dict[str, Any]:
    """Score the rows of a snapshot that DuckDB has written, as a flat table."""
    from salesml.config import Tracking

    asked: dict[str, Any] = {"id_column": "entity_id", "model": str(bundle), "tracking": Tracking()}
    table = folder / "rows.parquet"
    started = Clock()
    if engine == "spark":
        from salesml.lifecycle import with_spark

        start_spark()
        ready = Clock()
        done = with_spark.score_table("churn", str(table), str(folder / "by_spark"), **asked)
    else:
        from salesml.lifecycle.score import score_table

        ready = Clock()
        done = score_table("churn", table, folder / "by_duckdb.parquet", **asked)
    return told(done.rows, started, ready)


def take_one(engine: str, folder: Path) -> dict[str, Any]:
    """Write the snapshot of a project with an engine and time it."""
    from salesml.config import read_spec
    from salesml.crm import CRM
    from salesml.lifecycle import with_spark
    from salesml.lifecycle.snapshot import save_snapshot

    spec, crm = read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")
    started = Clock()
    if engine == "spark":
        start_spark()
        ready = Clock()
        with_spark.save_snapshot(spec, crm, AS_OF, str(folder / "by_spark"))
    else:
        ready = Clock()
        save_snapshot(spec, crm, AS_OF, folder / "by_duckdb.parquet")
    rows = sum(pq.ParquetFile(file).metadata.num_rows for file in folder.glob("by_duckdb.parquet"))
    return told(rows, started, ready)


class Clock:
    """Now: seconds, and processor seconds of this process and all it has started."""

    def __init__(self) -> None:
        self.seconds = time.perf_counter()
        self.processor = processor_seconds(os.getpid())


def told(rows: int, started: Clock, ready: Clock) -> dict[str, Any]:
    """What one engine took, its start apart."""
    ended = Clock()
    return {
        "rows": rows,
        "start": ready.seconds - started.seconds,
        "seconds": ended.seconds - ready.seconds,
        "processor": ended.processor - ready.processor,
    }


def processor_seconds(root: int) -> float:
    """Of a process, those it has started and those they have, also of the ones that have ended."""
    if not Path("/proc/self/stat").exists():
        return math.nan
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    tree, size = {root}, 0
    while len(tree) > size:
        size = len(tree)
        tree |= {process for process, (parent, _) in found.items() if parent in tree}
    return sum(found[process][1] for process in tree if process in found) / os.sysconf("SC_CLK_TCK")


def start_spark() -> None:
    """Have Spark on two threads of this machine."""
    from salesml.snapshots.engines.session import session

    session("local[2]").sparkContext.setLogLevel("ERROR")


def same_rows(folder: Path, columns: list[str] | None = None) -> bool:
    """Whether both engines wrote the same, bit by bit: scores and bands, or all columns."""
    tables = [pq.read_table(folder / name).sort_by("entity_id") for name in ("by_duckdb.parquet", "by_spark")]
    columns = columns or tables[0].column_names
    # Spark knows of some columns that they are never empty; that is no difference of rows.
    tables[1] = tables[1].select(tables[0].column_names).cast(tables[0].schema)
    return bool(tables[0].select(columns).equals(tables[1].select(columns)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--snapshots", action="store_true", help="snapshots alone, without scores")
    what.add_argument("--table", action="store_true", help="scores alone, of the rows of the snapshot")
    parser.add_argument("--one", nargs=4, metavar=("WHAT", "ENGINE", "DIR", "BUNDLE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, engine, folder, bundle = arguments.one
        print(json.dumps(KINDS[kind](engine, Path(folder), Path(bundle))))
        return
    kind = "snapshot" if arguments.snapshots else "table" if arguments.table else "score"
    with tempfile.TemporaryDirectory() as place:
        bundle = "" if kind == "snapshot" else str(train_once(make_project(Path(place) / "train", 3000)))
        compared = None if kind == "snapshot" else ["entity_id", "raw_score", "probability", "band"]
        print("      rows      events  duckdb s  its cpu s  spark s  its cpu s  its start  cpu ratio  same")
        found = []
        for accounts in arguments.accounts:
            folder = make_project(Path(place) / str(accounts), accounts)
            if kind == "table":
                _apart("snapshot", "duckdb", folder, bundle)
                (folder / "by_duckdb.parquet").rename(folder / "rows.parquet")
            duck, spark = (_apart(kind, engine, folder, bundle) for engine in ("duckdb", "spark"))
            ratio, same = spark["processor"] / duck["processor"], same_rows(folder, compared)
            print(
                f"{duck['rows']:>10,} {EVENTS * accounts:>11,} {duck['seconds']:>9.1f} "
                f"{duck['processor']:>10.1f} {spark['seconds']:>8.1f} {spark['processor']:>10.1f} "
                f"{spark['start']:>10.1f} {ratio:>10.1f}  {'yes' if same else 'NO'}",
                flush=True,
            )
            found.append((duck["rows"], EVENTS * accounts, duck["processor"], spark["processor"]))
        if len(found) > 1:
            print(growth(found[0], found[-1]))


def growth(small: tuple[float, ...], large: tuple[float, ...]) -> str:
    """What more of it takes, in processor seconds: a straight line through two sizes."""
    rows, events, duck, spark = (after - before for before, after in zip(small, large, strict=True))
    fixed = small[3] - spark / rows * small[0]
    return (
        f"a further million rows: duckdb {duck / rows * 1e6:,.0f}, spark {spark / rows * 1e6:,.0f} cpu s; "
        f"a million events: {duck / events * 1e6:.1f} and {spark / events * 1e6:.1f}; "
        f"spark whatever the rows: {fixed:,.0f}"
    )


KINDS = {
    "score": run_one,
    "snapshot": lambda engine, folder, _: take_one(engine, folder),
    "table": score_rows,
}


def _apart(kind: str, engine: str, folder: Path, bundle: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.spark", "--one", kind, engine, str(folder), bundle]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
