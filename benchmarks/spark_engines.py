"""What `benchmarks.spark` has each engine do, in a process of its own: tables, jobs, and clocks."""

from __future__ import annotations

import datetime as dt
import math
import os
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
    """Now: seconds, and processor seconds of this process and all it has started, by the program."""

    def __init__(self) -> None:
        self.seconds = time.perf_counter()
        self.processor = processor_seconds(os.getpid())


def told(rows: int, started: Clock, ready: Clock) -> dict[str, Any]:
    """What one engine took, its start apart."""
    ended = Clock()
    parts = {name: ended.processor[name] - ready.processor.get(name, 0.0) for name in ended.processor}
    return {
        "rows": rows,
        "start": ready.seconds - started.seconds,
        "start_processor": sum(ready.processor.values()) - sum(started.processor.values()),
        "seconds": ended.seconds - ready.seconds,
        "processor": sum(parts.values()),
        "java": parts.get("java", 0.0),
        "workers": parts.get("workers", 0.0),
    }


def processor_seconds(root: int) -> dict[str, float]:
    """Of a process, those it has started and those they have, also of the ones that have ended."""
    if not Path("/proc/self/stat").exists():
        return {"itself": math.nan}
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except OSError:  # it has just ended
            continue
        fields = rest.split()
        found[int(path.parent.name)] = int(fields[1]), name, sum(map(int, fields[11:15]))
    tree, size = {root}, 0
    while len(tree) > size:
        size = len(tree)
        tree |= {process for process, (parent, *_) in found.items() if parent in tree}
    spent: dict[str, float] = {}
    for process in tree & found.keys():
        _, name, ticks = found[process]
        kind = "itself" if process == root else "java" if name == "java" else "workers"
        spent[kind] = spent.get(kind, 0.0) + ticks / os.sysconf("SC_CLK_TCK")
    return spent


def start_spark() -> None:
    """Have Spark on two threads of this machine."""
    from salesml.snapshots.engines.session import session

    session("local[2]").sparkContext.setLogLevel("ERROR")


KINDS = {
    "score": run_one,
    "snapshot": lambda engine, folder, _: take_one(engine, folder),
    "table": score_rows,
}
