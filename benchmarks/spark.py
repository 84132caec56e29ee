"""The same accounts scored by DuckDB in this process and by Spark on two threads of this machine.

A model is trained once; then every size is scored by each engine in a process of its own, in turn:
tables checked, snapshot, scores with five reasons, every sentence audited, Parquet. Spark's start is told
apart. Prints seconds, processor seconds of all processes (Linux), of which those of Java and of its Python
workers, and whether the scores are the same bits; then, from each size to the next, what a further million
rows and a million events take.

    python -m benchmarks.spark --accounts 10000 100000 400000 1600000 --folder DIR --table
    python -m benchmarks.spark --accounts 10000 33000 100000 333000 --folder DIR --snapshots
    python -m benchmarks.spark --accounts 100000 333000 --folder DIR

Without `--snapshots` or `--table`: all of `score`. DIR keeps what was made for the next of these commands.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.spark_engines import EVENTS, KINDS, make_project, train_once

SCORES = ["entity_id", "raw_score", "probability", "band"]

HEAD = (
    "      rows      events  duckdb s  its cpu s  spark s  its cpu s   java  workers  its start  ratio  same"
)


def same_rows(folder: Path, columns: list[str] | None = None) -> bool:
    """Whether both engines wrote the same, bit by bit: some columns, or all."""
    duck, spark = (
        pq.read_table(folder / name, columns=columns).sort_by("entity_id")
        for name in ("by_duckdb.parquet", "by_spark")
    )
    # Spark knows of some columns that they are never empty; that is no difference of rows.
    return bool(duck.equals(spark.select(duck.column_names).cast(duck.schema)))


def measure(kind: str, accounts: int, place: Path, bundle: str) -> dict[str, Any]:
    """One size, by both engines."""
    folder = place / str(accounts)
    if not folder.exists():
        make_project(folder, accounts)
    rows = folder / "rows.parquet"
    if kind == "table" and not rows.exists():
        _apart("snapshot", "duckdb", folder, bundle)
        (folder / "by_duckdb.parquet").rename(rows)
    _clear(folder)
    duck, spark = (_apart(kind, engine, folder, bundle) for engine in ("duckdb", "spark"))
    same = same_rows(folder, None if kind == "snapshot" else SCORES)
    _clear(folder)
    return {"events": EVENTS * accounts, "duckdb": duck, "spark": spark, "same": same}


def line(found: dict[str, Any]) -> str:
    """What is printed of a size."""
    duck, spark = found["duckdb"], found["spark"]
    return (
        f"{duck['rows']:>10,} {found['events']:>11,} {duck['seconds']:>9.1f} {duck['processor']:>10.1f} "
        f"{spark['seconds']:>8.1f} {spark['processor']:>10.1f} {spark['java']:>6.1f} "
        f"{spark['workers']:>8.1f} {spark['start']:>10.1f} {spark['processor'] / duck['processor']:>6.1f}  "
        f"{'yes' if found['same'] else 'NO'}"
    )


def growth(small: dict[str, Any], large: dict[str, Any]) -> str:
    """What more of it takes, in processor seconds: a straight line through two sizes."""
    rows = large["duckdb"]["rows"] - small["duckdb"]["rows"]
    events = large["events"] - small["events"]
    duck, spark = (large[engine]["processor"] - small[engine]["processor"] for engine in ("duckdb", "spark"))
    fixed = small["spark"]["processor"] - spark / rows * small["duckdb"]["rows"]
    return (
        f"from {small['duckdb']['rows']:,} rows on, a further million: duckdb {duck / rows * 1e6:,.0f}, "
        f"spark {spark / rows * 1e6:,.0f} cpu s; a million events: {duck / events * 1e6:.1f} and "
        f"{spark / events * 1e6:.1f}; spark whatever the rows: {fixed:,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--snapshots", action="store_true", help="snapshots alone, without scores")
    what.add_argument("--table", action="store_true", help="scores alone, of the rows of the snapshot")
    parser.add_argument("--folder", type=Path, help="keep what is made here")
    parser.add_argument("--json", type=Path, help="keep the figures here, beside those of the other kinds")
    parser.add_argument("--one", nargs=4, metavar=("WHAT", "ENGINE", "DIR", "BUNDLE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, engine, folder, bundle = arguments.one
        print(json.dumps(KINDS[kind](engine, Path(folder), Path(bundle))))
        return
    kind = "snapshot" if arguments.snapshots else "table" if arguments.table else "score"
    with _place(arguments.folder) as place:
        bundle = "" if kind == "snapshot" else _bundle(place)
        print(HEAD)
        found: list[dict[str, Any]] = []
        for accounts in arguments.accounts:
            found.append(measure(kind, accounts, place, bundle))
            print(line(found[-1]), flush=True)
            if arguments.json:
                _keep(arguments.json, kind, found)
        for small, large in itertools.pairwise(found):
            print(growth(small, large))


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory() as place:
            yield Path(place)
        return
    folder.mkdir(parents=True, exist_ok=True)
    yield folder.resolve()


def _bundle(place: Path) -> str:
    """The bundle that scores all sizes."""
    there = sorted((place / "train" / "models" / "churn").glob("*/bundle"))
    return str(there[0] if there else train_once(make_project(place / "train", 3000)))


def _clear(folder: Path) -> None:
    shutil.rmtree(folder / "by_spark", ignore_errors=True)
    for path in folder.glob("by_duckdb.parquet*"):
        path.unlink()


def _keep(path: Path, kind: str, found: list[dict[str, Any]]) -> None:
    there = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**there, kind: found}, indent=1) + "\n")


def _apart(kind: str, engine: str, folder: Path, bundle: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.spark", "--one", kind, engine, str(folder), bundle]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
