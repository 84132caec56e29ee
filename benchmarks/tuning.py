"""Does tuning gain anything over the defaults, on rows that neither has seen?

Each table of `benchmarks.quality` is tuned as `salesml tune` would: trials on folds of the rows to learn
from (in time order and purged where there are dates), then the best trial and the defaults, fitted on all of
them under five seeds, on the rows set apart (the newest date, or three tenths of the accounts).

    python -m benchmarks.tuning [--tables telco,x_education] [--trials 16] [--minutes 10]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from benchmarks.tables import Table, load
from salesml.config import Label, Spec
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.compared import SEEDS
from salesml.lifecycle.tuning.folds import date_folds, make_folds
from salesml.lifecycle.tuning.material import Material
from salesml.lifecycle.tuning.run import tune_rows
from salesml.lifecycle.tuning.trial import best_of

RESULTS = Path(__file__).with_name("results") / "tuning.json"
TABLES = ("telco", "x_education", "olist_funnel", "crm_pipeline", "online_retail", "saas_simulated")
HORIZON_DAYS = {"online_retail": 90, "saas_simulated": 90}
"""Of the tables that are snapshots; the parts of others are no as-of dates."""
TEST_SHARE = 0.3


def material(table: Table) -> Material:
    """The rows of a table, its test set apart."""
    number = len(table.y)
    entity = np.arange(number).astype(str).astype(object) if table.groups is None else table.groups
    dates = np.full(number, np.datetime64("NaT", "D")) if table.as_of is None else table.as_of
    rows = Rows(table.X.reset_index(drop=True), table.y, entity, dates.astype("M8[D]"), np.zeros(number))
    if table.split == "time":
        learn, test = next(iter(table.splits()))
    else:
        parts = GroupShuffleSplit(1, test_size=TEST_SHARE, random_state=0)
        learn, test = next(parts.split(table.X, table.y, entity))
    learning, testing = (rows.where(np.isin(np.arange(number), part)) for part in (learn, test))
    horizon = HORIZON_DAYS.get(table.name)
    folds = make_folds(learning, [("dates", date_folds(learning, horizon, 0) if horizon else ())])
    spec = Spec(name=table.name, task="churn", label=Label(kind="contract"), horizon_days=horizon or 1)
    on = "the newest date" if table.split == "time" else "three tenths of the accounts"
    return Material(spec=spec, learning=learning, testing=testing, folds=folds, tested_on=on)


def tuned(name: str, trials: int, minutes: float) -> dict[str, Any]:
    """What tuning one table came to."""
    found = material(load(name))
    with tempfile.TemporaryDirectory() as folder:
        done = tune_rows(
            name, found, Path(folder), budget=Budget(minutes, seeds=SEEDS), trials=trials, say=print
        )
    best = best_of(done.trials, done.weights)
    compared, luck = done.answer.compared, done.answer.luck
    print(done.text().split("\nKept in")[0], "\n")
    return {
        "rows": len(found.learning), "tested": len(found.testing), "folds": found.folds.way,
        "trials": len(done.trials), "pruned": sum(trial.state == "pruned" for trial in done.trials),
        "fold_gain": done.trials[0].value(done.weights) - best.value(done.weights),
        "chance": luck.chance if luck else None,
        "kind": done.answer.kind,
        "learner": best.learner,
        "defaults": compared.defaults if compared else None,
        "gain": [compared.gain.value, compared.gain.low, compared.gain.high] if compared else None,
        "by_seed": list(compared.by_seed) if compared else None,
    }  # fmt: skip


def markdown(results: dict[str, dict[str, Any]]) -> str:
    """The table of ``benchmarks/README.md``."""
    heads = (
        "table", "rows, tested", "folds", "trials (given up)", "gain on the folds (by chance)",
        "log loss of the defaults", "gain on unseen rows", "answer",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, each in results.items():
        chance = f" ({each['chance']:.3f})" if each["chance"] is not None else ""
        gain = "{:+.4f} [{:+.4f}, {:+.4f}]".format(*each["gain"]) if each["gain"] else "not looked at"
        defaults = f"{each['defaults']:.4f}" if each["defaults"] else ""
        lines.append(
            f"| {name} | {each['rows']:,}, {each['tested']:,} | {each['folds']} | {each['trials']} "
            f"({each['pruned']}) | {each['fold_gain']:+.4f}{chance} | {defaults} | {gain} | {each['kind']} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Tune the tables, keep what came of it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in arguments.tables.split(","):
        results[name] = tuned(name, arguments.trials, arguments.minutes)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(markdown(results))


if __name__ == "__main__":
    main()
