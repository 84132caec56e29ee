"""AutoGluon's best quality on the first split of each table, kept as figures; run by hand.

    python -m benchmarks.autogluon_best --python ENV/bin/python [--tables NAME ...] [--predictions DIR]

AutoGluon wants an environment of its own: ``python -m venv ENV`` and
``ENV/bin/pip install 'autogluon.tabular[lightgbm,catboost,xgboost,fastai]' ray``. Tables whose figures are
already in the file are left out. Probabilities of the test rows stay in DIR, on this machine, for
paired intervals.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from benchmarks.tables import DEV, HELD_APART, Table, load

RESULTS = Path(__file__).parent / "results" / "autogluon.json"
FIT = Path(__file__).parent / "autogluon_fit.py"
SECONDS = 420
GROUP_FOLDS = 8
"""AutoGluon leaves one group out at a time: accounts are dealt to as many groups as it has folds."""


def write_split(table: Table, folder: Path) -> np.ndarray:
    """Write the first split's parts; returns the outcome of the test rows."""
    train, test = next(table.splits())
    learn = table.X.iloc[train].assign(__y=table.y[train])
    if table.groups is not None:
        learn["__group"] = pd.factorize(table.groups[train])[0] % GROUP_FOLDS
    learn.to_parquet(folder / "train.parquet")
    table.X.iloc[test].to_parquet(folder / "test.parquet")
    return np.asarray(table.y[test])


def run(table: Table, python: str, seconds: float, cpus: int, kept: Path | None) -> dict[str, Any]:
    """Train and judge on one table."""
    folder = Path(tempfile.mkdtemp(prefix="autogluon-"))
    try:
        y = write_split(table, folder)
        subprocess.run([python, str(FIT), str(folder), str(seconds), str(cpus)], check=True)
        p = np.load(folder / "p.npy")
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        np.save(kept / f"{table.name}.npy", p)
    return {
        "log_loss": float(log_loss(y, p)),
        "auc": float(roc_auc_score(y, p)),
        "average_precision": float(average_precision_score(y, p)),
        "test_rows": len(y),
        "positives": int(y.sum()),
        "time_limit": seconds,
        "cpus": cpus,
        **found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", required=True, help="the interpreter that has AutoGluon")
    parser.add_argument("--tables", nargs="*", default=[*HELD_APART, *DEV])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--json", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    for name in chosen.tables:
        results = json.loads(chosen.json.read_text(encoding="utf-8")) if chosen.json.exists() else {}
        if name in results:
            continue
        try:
            results[name] = run(load(name), chosen.python, chosen.seconds, chosen.cpus, chosen.predictions)
        except (subprocess.CalledProcessError, LookupError) as error:
            print(f"{name}: {error}", flush=True)
            continue
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        print(f"{name}: log loss {results[name]['log_loss']:.4f}", flush=True)


if __name__ == "__main__":
    main()
