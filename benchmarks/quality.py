"""How good the defaults are: many tables, one setting, against what a user could run instead.

    python -m benchmarks.quality [--tables NAME ...] [--dev | --held-apart] [--json FILE] [--fast]

Logistic regression, plain and early-stopped LightGBM and CatBoost are trained on the same rows as
``PropensityClassifier()``; AutoGluon's figures on the first split of each table were recorded by
``benchmarks.autogluon_best``. What a rival said is kept in a folder of this machine and not asked again;
ours is always trained anew. See ``benchmarks/README.md`` for the tables and the splits.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers import ask, part_of, place, versions
from benchmarks.figures import compare, figures, loss, losses
from benchmarks.report import OURS, show_summary, show_table
from benchmarks.rivals import RIVALS, Fitted, Part, available
from benchmarks.tables import DEV, HELD_APART, NAMES, MissingSourceError, Table, load
from benchmarks.timing import training_cost
from salesml.model import PropensityClassifier

RESULTS = Path(__file__).parent / "results"
CACHE = Path.home() / ".cache" / "salesml-benchmarks"


def ours(part: Part) -> Fitted:
    """The defaults of this source tree."""
    model = PropensityClassifier().fit(part.X, part.y, groups=part.groups, as_of=part.as_of)
    return Fitted(lambda rows: model.predict_proba(rows)[:, 1], model.n_trees_)


def judge_table(
    table: Table,
    *,
    splits: int | None = None,
    cache: Path | None = None,
    recorded: dict[str, Any] | None = None,
    predictions: Path | None = None,
    rivals: dict[str, Any] | None = None,
    cost: bool = True,
) -> dict[str, Any]:
    """Every figure of one table.

    Parameters
    ----------
    table : Table
    splits : int, optional
        How many of its splits; all when left out.
    cache : Path, optional
        Folder of what rivals said in earlier runs.
    recorded : dict, optional
        AutoGluon's figures of this table.
    predictions : Path, optional
        Folder of AutoGluon's probabilities of the first split's test rows: with them the comparison has
        an interval.
    rivals : dict of str to callable, optional
        those that are installed when left out.
    cost : bool
        Whether training is timed against plain runs as well.
    """
    rivals = available() if rivals is None else rivals
    answers = {OURS: list(ask(table, ours, splits))}
    for name, fit in rivals.items():
        answers[name] = list(ask(table, fit, splits, place(cache, table, name, fit) if cache else None))
    by_row = {name: losses(table.y, found) for name, found in answers.items()}
    train, test = next(table.splits())
    return {
        "rows": len(table.y), "columns": table.X.shape[1], "rate": float(table.y.mean()),
        "split": table.split, "repeats": table.repeats, "splits": len(answers[OURS]),
        "dev": table.dev, "source": table.source,
        "train_rows": len(train), "test_positives": int(table.y[test].sum()),
        "models": {name: figures(table.y, found, table.groups) for name, found in answers.items()},
        "gains": {name: compare(by_row[OURS], by_row[name], table.groups) for name in rivals},
        "autogluon": _autogluon(table, answers[OURS][0].p, recorded, predictions) if recorded else None,
        "training": training_cost(part_of(table, train)) if cost else None,
    }  # fmt: skip


def _autogluon(
    table: Table, p: np.ndarray, recorded: dict[str, Any], predictions: Path | None
) -> dict[str, Any]:
    """What was recorded, beside ours on the same rows: those of the first split."""
    _, test = next(table.splits())
    kept = {name: recorded[name] for name in ("log_loss", "auc", "average_precision", "train_seconds")}
    found: dict[str, Any] = {**kept, "ours": float(loss(table.y[test], p).mean())}
    path = predictions / f"{table.name}.npy" if predictions else None
    if path and path.exists():
        theirs = np.load(path)
        groups = None if table.groups is None else table.groups[test]
        found.update(compare(loss(table.y[test], p), loss(table.y[test], theirs), groups))
    return found


def main() -> None:
    chosen = _arguments()
    recorded = _read(RESULTS / "autogluon.json")
    for name in RIVALS.keys() - available().keys():
        print(f"{name} is left out: it is not installed; pip install '.[benchmarks]'\n")
    results = _read(chosen.json)
    tables = results.setdefault("tables", {}) if chosen.resume else {}
    for name in chosen.tables:
        if name not in tables:
            try:
                table = load(name)
            except MissingSourceError as error:
                print(f"{name} is left out: {error}\n", flush=True)
                continue
            tables[name] = judge_table(
                table, splits=1 if chosen.fast else None, cache=chosen.cache, recorded=recorded.get(name),
                predictions=chosen.autogluon_predictions,
            )  # fmt: skip
            _write(chosen.json, tables)
        show_table(name, tables[name])
    show_summary({name: tables[name] for name in chosen.tables if name in tables})


def _read(path: Path | None) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}


def _write(path: Path | None, tables: dict[str, Any]) -> None:
    if not path:
        return
    kept = {"made": f"{datetime.now(UTC):%Y-%m-%d}", "versions": versions(), "tables": tables}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--tables", nargs="+", choices=NAMES, metavar="NAME", default=NAMES)
    which.add_argument("--dev", dest="tables", action="store_const", const=DEV, help="those for choosing")
    which.add_argument(
        "--held-apart", dest="tables", action="store_const", const=HELD_APART, help="those for final figures"
    )
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--resume", action="store_true", help="leave out tables that the file has")
    parser.add_argument("--fast", action="store_true", help="the first split of each table only")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of what rivals said")
    parser.add_argument(
        "--autogluon-predictions", type=Path, metavar="DIR", help="AutoGluon's probabilities, for intervals"
    )
    chosen = parser.parse_args()
    if chosen.resume and not chosen.json:
        parser.error("--resume needs --json FILE")
    return chosen


if __name__ == "__main__":
    main()
