"""Similar accounts for a million prospects: throughput against plain `predict`, memory, recall.

    python -m benchmarks.similar --prospects 1000000 --ideal 10000

Prospects are made block by block and forgotten; the table of similar accounts is written as it is made.
On every block LightGBM's `predict` is timed beside ours, so that what else the machine does meets both.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain.similar import Crowd
from salesml.model.bundle import Bundle, count_levels
from salesml.model.classifier import PropensityClassifier
from salesml.scoring.similar import SCHEMA, SimilarAccounts
from salesml.scoring.write import write
from salesml.snapshots.feature import Feature

TRAINING = 20_000
NUMBERS, CATEGORIES = 24, 8
BLOCK = 4_096
EXACT = 512


def people(size: int, seed: int) -> tuple[pd.DataFrame, NDArray[np.int8]]:
    """Numbers, some skewed, some counts, some missing; categories of 3 to 10 levels; an outcome."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(size, NUMBERS))
    numbers[:, 1] = np.round(np.exp(1.5 * numbers[:, 1]) * 30)
    numbers[:, 2] = rng.poisson(3, size)
    numbers[rng.random(size) < 0.2, 3] = np.nan
    frame = pd.DataFrame(numbers, columns=[f"number_{place}" for place in range(NUMBERS)])
    for place in range(CATEGORIES):
        levels = np.array([f"level {level}" for level in range(3 + place)], dtype=object)
        frame[f"category_{place}"] = rng.choice(levels, size)
    odds = frame["number_0"] + 0.8 * (frame["number_1"] > 150) * frame["number_4"]
    odds += 0.5 * frame["number_2"].clip(0, 5) + 0.3 * frame["number_6"] ** 2 - 3
    odds += 1.0 * (frame["category_0"] == "level 0") + (frame["category_5"] == "level 1") * frame["number_5"]
    return frame, (rng.random(size) < 1 / (1 + np.exp(-odds))).astype(np.int8)


def train() -> Bundle:
    frame, y = people(TRAINING, 0)
    model = PropensityClassifier().fit(frame, y)
    kinds = {name: "category" if name.startswith("category") else "number" for name in frame}
    features = tuple(
        Feature(name=name, kind=kind, words=name.replace("_", " ")) for name, kind in kinds.items()
    )
    return Bundle(
        name="fit", task="fit", booster=model.model_text_, features=features, coding=model.coding_,
        calibration=model.calibration_, base_value=0.0, cutoffs={},
        level_accounts=count_levels(model.coding_, frame, [str(row) for row in range(len(frame))]),
    )  # fmt: skip


def ideal_accounts(size: int) -> pd.DataFrame:
    """Those of the outcome, so that they are alike as ideal accounts are."""
    parts: list[pd.DataFrame] = []
    while sum(map(len, parts)) < size:
        frame, y = people(4 * size, 1 + len(parts))
        parts.append(frame[y == 1])
    chosen = pd.concat(parts).iloc[:size].reset_index(drop=True)
    return chosen.assign(account_id=[f"A{row:07d}" for row in range(size)])


class Timed:
    """Blocks of prospects, with LightGBM's `predict` timed on each before it is handed over."""

    def __init__(self, bundle: Bundle, size: int, threads: int) -> None:
        self.bundle, self.size, self.threads = bundle, size, threads
        self.booster = lgb.Booster(model_str=bundle.booster)
        self.predict = self.apart = 0.0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for start in range(0, self.size, BLOCK):
            before = time.perf_counter()
            frame, _ = people(min(BLOCK, self.size - start), 1_000_000 + start)
            frame["entity_id"] = [f"P{start + row:09d}" for row in range(len(frame))]
            coded = self.bundle.coding.encode(frame[list(self.bundle.columns)])
            middle = time.perf_counter()
            self.booster.predict(coded, raw_score=True, num_threads=self.threads)
            after = time.perf_counter()
            self.predict += after - middle
            self.apart += after - before
            yield frame


def recall(crowd: Crowd, coded: NDArray[np.float64]) -> dict[int, float]:
    """Share of the nearest accounts by every pair's sum, written out, that were found."""
    found = crowd.nearest(coded).index
    leaves, hits = crowd.leaves, {3: 0, 20: 0}
    for row, leaf in enumerate(crowd.leaves.of(crowd._booster, coded)):
        weight = leaves.weight[leaves.first[:-1] + leaf]
        common = np.array([weight[account == leaf].sum() for account in crowd.leaf])
        order = np.argsort(-common, kind="stable")
        for top in hits:
            hits[top] += len(set(order[:top]) & set(found[row, :top]))
    return {top: hit / (top * len(coded)) for top, hit in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--ideal", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--exact", type=int, default=EXACT, help="prospects whose answer is checked in full")
    given = parser.parse_args()
    bundle = train()
    ideal = ideal_accounts(given.ideal)
    names = list(bundle.columns)
    crowd = Crowd(bundle.booster, bundle.coding.encode(ideal[names]), threads=given.threads)
    checked = people(given.exact, 99)[0]
    share = recall(crowd, bundle.coding.encode(checked))
    print(f"{given.prospects:,} prospects, {given.ideal:,} ideal accounts, {crowd.leaves.trees} trees")
    print(f"recall of {given.exact} prospects: @3 {share[3]:.4f}, @20 {share[20]:.4f}")
    prospects = Timed(bundle, BLOCK, given.threads)
    coded = [bundle.coding.encode(part[names]) for part in prospects]
    before = time.perf_counter()
    crowd.nearest(coded[0])
    search = time.perf_counter() - before
    print(f"search alone, {BLOCK} prospects: {search / prospects.predict:.2f} times predict")
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    prospects = Timed(bundle, given.prospects, given.threads)
    similar = SimilarAccounts(bundle, ideal, threads=given.threads)
    pa.set_cpu_count(given.threads)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "similar.parquet"
        before = time.perf_counter()
        count = write(similar.blocks(prospects), SCHEMA, path)
        whole = time.perf_counter() - before - prospects.apart
        size = path.stat().st_size / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"table with words, {count:,} rows, {size:,.0f} MB: {whole / prospects.predict:.2f} times predict")
    rates = [f"{given.prospects / seconds:,.0f}" for seconds in (prospects.predict, whole)]
    print(f"prospects a second: predict {rates[0]}, the table {rates[1]}")
    print(f"peak memory {peak:,.0f} MB, {begin:,.0f} MB of it before the first prospect")


if __name__ == "__main__":
    main()
