"""What a model said of every split's test rows, what that took, and where it is kept."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.rivals import Fitted, Floats, Part
from benchmarks.tables import Table

SCORED_ROWS = 100_000
WIDE_TABLE = 300
"""From this many columns on a tenth of the rows is scored and the time multiplied by ten."""


@dataclass(frozen=True)
class Answer:
    """One split.

    Parameters
    ----------
    test : ndarray of shape (test rows,)
    p : ndarray of shape (test rows,)
    trees : int
        0 for a model without trees.
    train_seconds, train_cpu_seconds, score_seconds, score_cpu_seconds : float
        By the clock, and of the processor, which says more on a busy machine. Scoring: of 100,000 rows,
        on the first split; NaN on the others.
    """

    test: NDArray[np.intp]
    p: Floats
    trees: int
    train_seconds: float
    train_cpu_seconds: float
    score_seconds: float
    score_cpu_seconds: float


def part_of(table: Table, rows: NDArray[np.intp]) -> Part:
    """Rows of a table; dates only of tables whose accounts come back at several."""
    groups = None if table.groups is None else table.groups[rows]
    as_of = None if table.groups is None or table.as_of is None else table.as_of[rows]
    return Part(table.X.iloc[rows].reset_index(drop=True), table.y[rows], groups, as_of)


def ask(
    table: Table, fit: Callable[[Part], Fitted], splits: int | None, kept: Callable[[int], Path] | None = None
) -> Iterator[Answer]:
    """Train and ask on each split, or read what an earlier run kept."""
    for number, (train, test) in enumerate(islice(table.splits(), splits)):
        path = kept(number) if kept else None
        if path and path.exists():
            yield _read(path)
            continue
        answer = _ask(table, fit, train, test, timed=number == 0)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, **vars(answer))
        yield answer


def _ask(
    table: Table,
    fit: Callable[[Part], Fitted],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    *,
    timed: bool,
) -> Answer:
    part, rows = part_of(table, train), part_of(table, test).X
    fitted, *spent = _timed(lambda: fit(part))
    p = np.asarray(fitted.predict(rows), dtype=np.float64)
    scoring = _score_seconds(fitted, rows) if timed else (np.nan, np.nan)
    return Answer(test, p, fitted.trees or 0, *spent, *scoring)


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def _score_seconds(fitted: Fitted, rows: pd.DataFrame) -> tuple[float, float]:
    share = 0.1 if rows.shape[1] >= WIDE_TABLE else 1.0
    many = rows.iloc[np.resize(np.arange(len(rows)), round(SCORED_ROWS * share))].reset_index(drop=True)
    _, wall, cpu = _timed(lambda: fitted.predict(many))
    return wall / share, cpu / share


def _read(path: Path) -> Answer:
    with np.load(path) as kept:
        return Answer(
            kept["test"], kept["p"], int(kept["trees"]), float(kept["train_seconds"]),
            float(kept["train_cpu_seconds"]), float(kept["score_seconds"]), float(kept["score_cpu_seconds"]),
        )  # fmt: skip


def place(folder: Path, table: Table, rival: str, fit: Callable[[Part], Fitted]) -> Callable[[int], Path]:
    """Where a rival's answers are kept: elsewhere as soon as data, versions or its code are others."""
    values = pd.util.hash_pandas_object(table.X.assign(__y=table.y), index=False).to_numpy()
    digest = hashlib.sha256(
        values.tobytes() + repr((versions(), inspect.getsource(fit))).encode()
    ).hexdigest()[:12]
    return lambda number: folder / table.name / f"{rival.replace(' ', '-')}-{digest}-{number}.npz"


def versions() -> dict[str, str]:
    """The packages that the rivals are made of."""
    found = {}
    for name in ("lightgbm", "catboost", "scikit-learn", "numpy", "pandas"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
