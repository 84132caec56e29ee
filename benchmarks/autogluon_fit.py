"""One run of AutoGluon's best quality, in an environment of its own; started by ``autogluon_best``.

    PYTHON benchmarks/autogluon_fit.py FOLDER SECONDS CPUS

The folder holds ``train.parquet`` and ``test.parquet``; the run adds ``p.npy`` and ``run.json``.
"""

from __future__ import annotations

import contextlib
import json
import platform
import sys
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

PACKAGES = (
    "autogluon.tabular",
    "lightgbm",
    "catboost",
    "xgboost",
    "xgboost-cpu",
    "torch",
    "scikit-learn",
    "ray",
)


def versions() -> dict[str, str]:
    """What was installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


class Watch(threading.Thread):
    """Adds up the processor time of this process and of every process below it, five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.used: dict[tuple[int, float], float] = {}

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(0.2)

    def look(self) -> None:
        me = psutil.Process()
        for process in [me, *me.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                self.used[process.pid, process.create_time()] = times.user + times.system

    def seconds(self) -> float:
        self.look()
        return sum(self.used.values())


def main() -> None:
    folder, seconds, cpus = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    from autogluon.tabular import TabularPredictor

    watch = Watch()
    watch.start()
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    start = time.perf_counter()
    predictor = TabularPredictor(
        label="__y",
        eval_metric="log_loss",
        problem_type="binary",
        groups="__group" if "__group" in train else None,
        path=str(folder / "model"),
        verbosity=2,
    ).fit(train, presets="best_quality", time_limit=seconds, num_cpus=cpus)
    fitted = time.perf_counter() - start
    start = time.perf_counter()
    p = predictor.predict_proba(test)[1].to_numpy(np.float64)
    scored = time.perf_counter() - start
    board = predictor.leaderboard(silent=True)
    np.save(folder / "p.npy", p)
    run = {
        "train_seconds": fitted,
        "test_seconds": scored,
        "cpu_seconds": watch.seconds(),
        "models": len(board),
        "best": predictor.model_best,
        "peers": {row.model: -row.score_val for row in board.itertuples() if np.isfinite(row.score_val)},
        "versions": versions(),
    }
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")


if __name__ == "__main__":
    main()
