"""How fast are reasons put into words, once their SHAP values are known?

A model of a simulated company of `salesml sample` scores its accounts at many dates. Choosing the words, the
comparisons and the columns of the score table is timed on one thread, apart from the SHAP values, which
LightGBM's `pred_contrib` computes on one thread in the same run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import salesml
from salesml.config import read_spec
from salesml.explain import Reasons, strongest
from salesml.model.bundle import Bundle
from salesml.scoring.frame import prepare
from salesml.scoring.reasons import told
from salesml.scoring.said import Kept
from salesml.scoring.scorer import BLOCK, TOP
from salesml.snapshots import take

Block = tuple[pd.DataFrame, NDArray[np.float64], Reasons]

DAYS = 15
"""Days between two dates that are scored."""


def trained(folder: Path) -> Bundle:
    """The company's latest model of churn, trained first where there is none."""
    runs = sorted((folder / "models" / "churn").glob("*/bundle"))
    if runs:
        return Bundle.load(runs[-1])
    return salesml.train("churn", salesml.CRM.open(folder / "crm.yaml"), log=False, say=print).bundle


def batch(folder: Path, bundle: Bundle, rows: int) -> pd.DataFrame:
    """Rows of the company's accounts at one date after the other."""
    crm, spec = salesml.CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "churn.yaml")
    parts: list[pd.DataFrame] = []
    day = dt.date.fromisoformat(bundle.training.as_of[0])
    while sum(map(len, parts)) < rows:
        taken = take(spec, crm, [day + dt.timedelta(DAYS * step) for step in range(4)], labels=False)
        parts.append(taken.table.select(list(bundle.columns)).to_pandas())
        day += dt.timedelta(4 * DAYS)
    return pd.concat(parts, ignore_index=True).head(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of `salesml sample`")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--bundle", type=Path, help="a model of it; its latest of churn, or a new one")
    parser.add_argument(
        "--trees", type=int, default=100, help="that are explained: words do not depend on it"
    )
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    bundle = Bundle.load(chosen.bundle) if chosen.bundle else trained(chosen.folder)
    frame = batch(chosen.folder, bundle, chosen.rows)
    booster = lgb.Booster(model_str=bundle.booster)
    groups = [feature.group for feature in bundle.features]
    blocks: list[Block] = []
    explaining = 0.0
    for start in range(0, len(frame), BLOCK):
        rows = prepare(frame.iloc[start : start + BLOCK].reset_index(drop=True), bundle.coding, start)
        coded = bundle.coding.of_ages.encode(rows.features)
        begun = time.process_time()
        values = booster.predict(coded, pred_contrib=True, num_iteration=chosen.trees, num_threads=1)
        explaining += time.process_time() - begun
        blocks.append((rows.features, coded, strongest(np.asarray(values), groups, TOP)))
    seconds = []
    for _ in range(chosen.times):
        kept: Kept = {}
        begun, reasons = time.process_time(), 0
        for features, coded, found in blocks:
            column, _ = told(bundle.features, features, coded, found, peers=bundle.peers, kept=kept)
            reasons += len(column.values)
        seconds.append(time.process_time() - begun)
    sentences = len({text for f, c, r in blocks for text in _words(bundle, f, c, r)})
    best, middle = min(seconds), statistics.median(seconds)
    print(
        f"{len(frame):,} rows, {len(bundle.features)} features, {reasons:,} reasons, {sentences:,} sentences"
    )
    print(f"words: {len(frame) / middle:,.0f} rows/s of processor time (best {len(frame) / best:,.0f})")
    print(
        f"pred_contrib, {min(chosen.trees, booster.num_trees())} trees: {len(frame) / explaining:,.0f} rows/s"
    )
    print(f"words take {middle / explaining:.1%} of its time")


def _words(bundle: Bundle, features: pd.DataFrame, coded: NDArray[np.float64], found: Reasons) -> set[str]:
    column, _ = told(bundle.features, features, coded, found, peers=bundle.peers)
    return set(column.values.field("words").unique().to_pylist())


if __name__ == "__main__":
    main()
