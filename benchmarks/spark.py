"""The same accounts scored by DuckDB in this process and by Spark on two threads of this machine.

A model is trained once; then every size is scored by each engine in a process of its own, in turn:
tables checked, snapshot, scores with five reasons, Parquet. Spark's start is told apart. Prints seconds,
rows per second and ratios, and whether the scores are the same bits.

    python -m benchmarks.spark --accounts 20000 100000
    python -m benchmarks.spark --accounts 100000 400000 --snapshots   # no model, no scores
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
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
    started = time.perf_counter()
    if engine == "spark":
        from salesml.lifecycle.with_spark import score as score_with_spark
        from salesml.snapshots.engines.session import session

        session("local[2]").sparkContext.setLogLevel("ERROR")
        ready = time.perf_counter()
        out = folder / "by_spark"
        done = score_with_spark(spec, crm, AS_OF, str(out), model=str(bundle), tracking=Tracking())
    else:
        from salesml.lifecycle.score import score

        ready = time.perf_counter()
        out = folder / "by_duckdb.parquet"
        done = score(spec, crm, AS_OF, out, model=str(bundle), tracking=Tracking())
    ended = time.perf_counter()
    return {"rows": done.rows, "start": ready - started, "seconds": ended - ready}


def take_one(engine: str, folder: Path) -> dict[str, Any]:
    """Write the snapshot of a project with an engine and time it."""
    from salesml.config import read_spec
    from salesml.crm import CRM
    from salesml.lifecycle import with_spark
    from salesml.lifecycle.snapshot import save_snapshot

    spec, crm = read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")
    started = time.perf_counter()
    if engine == "spark":
        from salesml.snapshots.engines.session import session

        session("local[2]").sparkContext.setLogLevel("ERROR")
        ready = time.perf_counter()
        with_spark.save_snapshot(spec, crm, AS_OF, str(folder / "by_spark"))
    else:
        ready = time.perf_counter()
        save_snapshot(spec, crm, AS_OF, folder / "by_duckdb.parquet")
    ended = time.perf_counter()
    rows = sum(pq.ParquetFile(file).metadata.num_rows for file in folder.glob("by_duckdb.parquet"))
    return {"rows": rows, "start": ready - started, "seconds": ended - ready}


def same_rows(folder: Path, columns: list[str] | None = None) -> bool:
    """Whether both engines wrote the same, bit by bit: scores and bands, or all columns."""
    tables = [pq.read_table(folder / name).sort_by("entity_id") for name in ("by_duckdb.parquet", "by_spark")]
    columns = columns or tables[0].column_names
    # Spark knows of some columns that they are never empty; that is no difference of rows.
    tables[1] = tables[1].select(tables[0].column_names).cast(tables[0].schema)
    return bool(tables[0].select(columns).equals(tables[1].select(columns)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--snapshots", action="store_true", help="snapshots alone, without scores")
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "DIR", "BUNDLE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        engine, folder, bundle = arguments.one
        one = run_one(engine, Path(folder), Path(bundle)) if bundle else take_one(engine, Path(folder))
        print(json.dumps(one))
        return
    with tempfile.TemporaryDirectory() as place:
        bundle = "" if arguments.snapshots else str(train_once(make_project(Path(place) / "train", 3000)))
        compared = None if arguments.snapshots else ["entity_id", "raw_score", "probability", "band"]
        print("      rows      events  duckdb s  spark s  its start  ratio  same")
        for accounts in arguments.accounts:
            folder = make_project(Path(place) / str(accounts), accounts)
            duck, spark = (_apart(engine, folder, bundle) for engine in ("duckdb", "spark"))
            ratio, same = spark["seconds"] / duck["seconds"], "yes" if same_rows(folder, compared) else "NO"
            print(
                f"{duck['rows']:>10,} {EVENTS * accounts:>11,} {duck['seconds']:>9.1f} "
                f"{spark['seconds']:>8.1f} {spark['start']:>10.1f} {ratio:>6.1f}  {same}",
                flush=True,
            )


def _apart(engine: str, folder: Path, bundle: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.spark", "--one", engine, str(folder), bundle]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
