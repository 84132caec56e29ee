"""Parquet to Parquet: rows a second and peak memory of a scoring job, against what else one would write.

    python -m benchmarks.batch --rows 5000000 --obvious-rows 20000 --json benchmarks/results/batch.json

``salesml`` is the whole job as `salesml score --table` does it: fingerprint, drift, keys that stand twice,
scores, five reasons in words, their audit, parts on disk, manifest. ``plain`` is the same job with
LightGBM's `predict`, without reasons and so without an audit. ``predict`` reads the same file in the same
chunks, calls `predict` and writes ids and probabilities: no checks, no journal. ``obvious`` is the script
that one would write first: pandas chunks, `predict`, shap's TreeExplainer, and the five largest values of
each row in words by `apply`; it scores fewer rows, and its time for all is extrapolated (marked ~).
Each runs in a process of its own, in turn; ratios are medians over the turns. Processor seconds (user and
system) stand beside wall-clock seconds: other work on the machine changes them less.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FEATURES, TREES, LEAVES, TRAINING = 60, 300, 31, 20_000
DAY = "2026-01-31"
WINDOWS = (30, 90, 180, 365)
BLOCK = 500_000


def columns(rows: int, seed: int) -> dict[str, np.ndarray[Any, Any]]:
    """Counts, days, money and shares, as snapshots have them, some missing."""
    luck = np.random.default_rng(seed)
    activity = luck.gamma(1.0, 1.0, rows)
    found = {}
    for number in range(FEATURES):
        kind, days = number % 4, WINDOWS[number // 4 % 4]
        if kind == 0:
            value = luck.poisson(activity * days / 30).astype(float)
        elif kind == 1:
            value = np.round(luck.exponential(60 / (activity + 0.2)))
        elif kind == 2:
            value = np.round(activity * luck.gamma(2.0, 40.0, rows), 2)
        else:
            value = np.round(luck.beta(2, 5, rows), 3)
        value[luck.random(rows) < 0.05] = np.nan
        found[f"f{number:02d}"] = value
    return found


def outcome(table: dict[str, np.ndarray[Any, Any]], seed: int) -> np.ndarray[Any, Any]:
    """Who left: by a few of the columns, and chance."""
    luck = np.random.default_rng(seed)
    risk = np.nan_to_num(table["f01"]) / 60 - np.nan_to_num(table["f00"]) / 2 + np.nan_to_num(table["f03"])
    return (luck.random(len(risk)) < 1 / (1 + np.exp(-risk))).astype(int)


def make_table(path: Path, rows: int) -> None:
    """Write the rows to score, a block at a time."""
    writer = None
    for first in range(0, rows, BLOCK):
        size = min(BLOCK, rows - first)
        ids = [f"c{number:09d}" for number in range(first, first + size)]
        table = pa.table({"customer": ids, "value": np.full(size, 100.0), **columns(size, first + 1)})
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=65_536)
    if writer:
        writer.close()


def make_bundle(folder: Path, trees: int) -> None:
    """Train trees on rows of the same kind and keep them as a bundle."""
    from salesml.model.bundle import Bundle, band_cutoffs
    from salesml.model.calibration import Calibration
    from salesml.model.coding import Coding
    from salesml.snapshots import Feature

    table = columns(TRAINING, 0)
    frame = pd.DataFrame(table)
    coding = Coding.learn(frame)
    booster = lgb.train(
        {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.03, "verbosity": -1, "seed": 1},
        lgb.Dataset(coding.encode(frame), outcome(table, 7)),
        num_boost_round=trees,
    )
    raw = booster.predict(coding.encode(frame), raw_score=True)
    base = booster.predict(coding.encode(frame.iloc[:1]), pred_contrib=True)[0, -1]
    kinds = {0: ("count", ""), 1: ("days", "days"), 2: ("money", "GBP"), 3: ("share", "")}
    features = tuple(
        Feature(
            name=name, group=name, column=name, source="table", form=kinds[number % 4][0],
            unit=kinds[number % 4][1],
            words=f"measure {number} in the last {WINDOWS[number // 4 % 4]} days",
        )
        for number, name in enumerate(frame)
    )  # fmt: skip
    Bundle(
        name="churn", task="churn", booster=booster.model_to_string(), features=features, coding=coding,
        calibration=Calibration(a=1.0, b=0.0), base_value=float(base),
        cutoffs=band_cutoffs(np.asarray(raw), {"A": 0.05, "B": 0.2, "C": 0.5}),
    ).save(folder)  # fmt: skip


def run_salesml(folder: Path, rows: int) -> None:
    """The whole job."""
    import datetime as dt

    from salesml.config import Tracking
    from salesml.lifecycle.score import How, score_table

    score_table(
        "churn", folder / "table.parquet", folder / "scores", id_column="customer",
        as_of=dt.date.fromisoformat(DAY), model=str(folder / "bundle"), tracking=Tracking(),
        how=How(listener=lambda event: None),
    )  # fmt: skip


def run_plain(folder: Path, rows: int) -> None:
    """The same job without reasons."""
    from benchmarks.batch_plain import score_plainly

    score_plainly(
        folder / "bundle", folder / "table.parquet", folder / "plain", id_column="customer", day=DAY
    )


def run_predict(folder: Path, rows: int) -> None:
    """Probabilities only."""
    booster = lgb.Booster(model_file=str(folder / "bundle" / "booster.txt"))
    file = pq.ParquetFile(folder / "table.parquet", pre_buffer=False)
    schema = pa.schema([("customer", pa.string()), ("probability", pa.float64())])
    with pq.ParquetWriter(folder / "predicted.parquet", schema, compression="zstd") as writer:
        for batch in file.iter_batches(65_536):
            values = batch.drop_columns(["customer", "value"]).to_pandas().to_numpy()
            probability = booster.predict(values)
            writer.write_table(pa.table([batch["customer"], pa.array(probability)], schema=schema))


def run_obvious(folder: Path, rows: int) -> None:
    """What one would write first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own packages are warned of
        import shap

    booster = lgb.Booster(model_file=str(folder / "bundle" / "booster.txt"))
    explainer = shap.TreeExplainer(booster)
    parts = []
    for batch in pq.ParquetFile(folder / "table.parquet").iter_batches(10_000):
        frame = batch.to_pandas().iloc[: rows - sum(map(len, parts))]
        X = frame.drop(columns=["customer", "value"])
        values = explainer.shap_values(X)
        values = values[1] if isinstance(values, list) else values
        contributions = pd.DataFrame(values, columns=X.columns, index=X.index)
        told = contributions.apply(_five, axis=1, values=X)
        parts.append(frame[["customer"]].assign(probability=booster.predict(X), reasons=told))
        if sum(map(len, parts)) >= rows:
            break
    pd.concat(parts).to_parquet(folder / "obvious.parquet")


def _five(row: pd.Series[float], values: pd.DataFrame) -> list[str]:
    strongest = row.abs().nlargest(5).index
    return [f"{name} is {values.at[row.name, name]}: {row[name]:+.3f}" for name in strongest]


WAYS = {"salesml": run_salesml, "plain": run_plain, "predict": run_predict, "obvious": run_obvious}


@dataclass(frozen=True)
class Taken:
    """What a run took: wall-clock and processor seconds, and peak memory in GB."""

    seconds: float
    processor: float
    peak: float


def timed(way: str, folder: Path, rows: int) -> Taken:
    """A way in a process of its own, start and imports too."""
    script = [sys.executable, "-m", "benchmarks.batch", "--way", way, "--folder", str(folder)]
    for name in ("scores", "plain"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.rmtree(folder / f".{name}.salesml", ignore_errors=True)
    done = subprocess.run([*script, "--rows", str(rows)], check=True, capture_output=True, text=True)
    return Taken(*json.loads(done.stdout.splitlines()[-1]))


def alone(way: str, folder: Path, rows: int) -> None:
    """Run one way here and print what it took."""
    began = time.perf_counter()
    WAYS[way](folder, rows)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6]))


def main(rows: int, obvious_rows: int, trees: int, turns: int, ways: list[str]) -> dict[str, Any]:
    """All ways in turn; a table of seconds, peaks and ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_table(folder / "table.parquet", rows)
        make_bundle(folder / "bundle", trees)
        sizes = {way: min(rows, obvious_rows) if way == "obvious" else rows for way in ways}
        taken: dict[str, list[Taken]] = {way: [] for way in ways}
        for _ in range(turns):
            for way in ways:
                taken[way].append(timed(way, folder, sizes[way]))
    report: dict[str, Any] = {"rows": rows, "trees": trees, "features": FEATURES, "turns": turns, "ways": {}}
    print(
        f"{rows:,} rows x {FEATURES} features, {trees} trees, {turns} turns; salesml takes so many times as"
    )
    print(f"{'':<10} {'s a million':>12} {'processor':>10} {'peak GB':>8} {'long':>8} {'processor':>10}")
    for way in ways:
        found = report["ways"][way] = _figures(taken["salesml"], taken[way], sizes["salesml"], sizes[way])
        million = ("~" if sizes[way] < rows else "") + f"{found['seconds_per_million']:,.1f}"
        print(
            f"{way:<10} {million:>12}"
            f" {found['processor_per_million']:>10,.1f} {found['peak_gb']:>8.2f}"
            f" {found['salesml_takes']:>7.3f}x {found['salesml_takes_processor']:>9.3f}x"
        )
    return report


def _figures(ours: list[Taken], theirs: list[Taken], our_rows: int, rows: int) -> dict[str, float]:
    """Medians over the turns, for a million rows, whatever the number that was scored."""
    pairs = list(zip(ours, theirs, strict=True))
    scale = rows / our_rows
    return {
        "rows": rows,
        "seconds_per_million": median(each.seconds for each in theirs) / rows * 1e6,
        "processor_per_million": median(each.processor for each in theirs) / rows * 1e6,
        "peak_gb": max(each.peak for each in theirs),
        "salesml_takes": median(our.seconds / their.seconds * scale for our, their in pairs),
        "salesml_takes_processor": median(our.processor / their.processor * scale for our, their in pairs),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--obvious-rows", type=int, default=5_000)
    parser.add_argument("--trees", type=int, default=TREES)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--ways", default="salesml,plain,predict,obvious", help="salesml must be among them")
    parser.add_argument("--json", type=Path, help="keep the figures here")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        alone(asked.way, asked.folder, asked.rows)
    else:
        found = main(asked.rows, asked.obvious_rows, asked.trees, asked.turns, asked.ways.split(","))
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=2) + "\n")
