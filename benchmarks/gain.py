"""salesml's defaults against two plain LightGBM models, out of time.

One peer sees recency, frequency and money, the other every feature that salesml sees. Several test
dates per data set; each model sees only labels that were known at its test date. All are trained on
the same rows and tested on the same rows; differences are pooled over the dates, with 95 % intervals
from a paired bootstrap that resamples accounts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.projects import online_retail, saas_simulated
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.lifecycle.rows import Rows, rows_of
from salesml.model import PropensityClassifier
from salesml.snapshots import take

RESAMPLES = 1000


@dataclass(frozen=True)
class Case:
    """A data set with its test dates; training dates are all those whose labels are known by then."""

    project: Callable[[Path], tuple[Path, Path]]
    dates: tuple[dt.date, ...]
    tests: tuple[dt.date, ...]
    at_most: int
    plain: tuple[str, ...]


def months(first: dt.date, number: int) -> tuple[dt.date, ...]:
    """The same day of consecutive months."""
    start = first.year * 12 + first.month - 1
    return tuple(dt.date((start + i) // 12, (start + i) % 12 + 1, first.day) for i in range(number))


CASES = {
    "online_retail": Case(
        online_retail,
        dates=months(dt.date(2011, 3, 9), 4),
        tests=(
            dt.date(2011, 7, 9), dt.date(2011, 7, 25), dt.date(2011, 8, 9), dt.date(2011, 8, 25),
            dt.date(2011, 9, 9),
        ),
        at_most=6,
        plain=("orders_recency", "orders_count_365d", "orders_revenue_sum_365d"),
    ),
    "saas_simulated": Case(
        saas_simulated,
        dates=months(dt.date(2022, 10, 1), 12),
        tests=months(dt.date(2023, 4, 1), 7),
        at_most=6,
        plain=("usage_recency", "usage_count_180d", "contract_amount"),
    ),
}  # fmt: skip


PEERS = ("recency, frequency, money", "same features")


def plain(train: Rows, test: Rows, columns: Sequence[str]) -> np.ndarray:
    """Plain LightGBM with its defaults; texts as pandas categories."""
    learn, ask = train.X[list(columns)].copy(), test.X[list(columns)].copy()
    for name in learn.select_dtypes(exclude="number"):
        learn[name] = learn[name].astype("category")
        ask[name] = pd.Categorical(ask[name], categories=learn[name].cat.categories)
    model = lgb.LGBMClassifier(verbosity=-1, n_jobs=2).fit(learn, train.y)
    return model.predict_proba(ask)[:, 1]


def pooled(y: np.ndarray, p: np.ndarray, date: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """AUC averaged over dates, and log loss, of weighted rows."""
    aucs = [
        roc_auc_score(y[date == day], p[date == day], sample_weight=weight[date == day])
        for day in np.unique(date)
    ]
    return float(np.mean(aucs)), float(log_loss(y, p, sample_weight=weight))


def run(name: str, case: Case) -> None:
    """Print the table of one data set."""
    with tempfile.TemporaryDirectory() as folder:
        crm_path, spec_path = case.project(Path(folder))
        spec, crm = read_spec(spec_path), CRM.open(crm_path)
        start = time.perf_counter()
        snapshot = take(spec, crm, sorted({*case.dates, *case.tests}))
        print(f"\n{name}: {snapshot.table.num_rows} rows, {len(snapshot.features)} features", end=" ")
        print(f"in {time.perf_counter() - start:.1f} s")
        known = dt.timedelta(days=spec.horizon_days + spec.gap_days)
        parts = []
        for test_date in case.tests:
            train_dates = [day for day in case.dates if day + known <= test_date][-case.at_most :]
            train, test = rows_of(snapshot, train_dates), rows_of(snapshot, [test_date])
            start = time.perf_counter()
            model = PropensityClassifier().fit(train.X, train.y, groups=train.entity, as_of=train.as_of)
            seconds = time.perf_counter() - start
            frame = pd.DataFrame(
                {
                    "date": test_date, "entity": test.entity, "y": test.y,
                    "ours": model.predict_proba(test.X)[:, 1],
                    PEERS[0]: plain(train, test, case.plain), PEERS[1]: plain(train, test, train.X.columns),
                }
            )  # fmt: skip
            show(test_date, frame, len(train_dates), len(train), model.n_trees_, seconds)
            parts.append(frame)
        compare(pd.concat(parts, ignore_index=True))


def show(day: dt.date, frame: pd.DataFrame, dates: int, rows: int, trees: int, seconds: float) -> None:
    """One test date in one line: salesml, then the peers."""
    y, names = frame["y"], ("ours", *PEERS)
    auc = " / ".join(f"{roc_auc_score(y, frame[name]):.3f}" for name in names)
    loss = " / ".join(f"{log_loss(y, frame[name]):.4f}" for name in names)
    print(
        f"  {day}  {dates} dates {rows:>6} rows  tested {len(y):>5}, {y.mean():.3f} left, mean p "
        f"{frame['ours'].mean():.3f}  AUC {auc}  log loss {loss}  {trees} trees {seconds:.1f} s"
    )


def compare(frame: pd.DataFrame) -> None:
    """Pooled differences to each peer with intervals."""
    y, date = frame["y"].to_numpy(), frame["date"].to_numpy()
    owner = pd.factorize(frame["entity"])[0]
    accounts = owner.max() + 1
    print(f"  pooled over {frame['date'].nunique()} dates, {len(y)} rows, {accounts} accounts:")
    rng = np.random.default_rng(0)
    weights = [rng.multinomial(accounts, np.full(accounts, 1 / accounts))[owner] for _ in range(RESAMPLES)]
    everyone = np.ones(len(y))
    figures = {
        name: np.array([pooled(y, frame[name].to_numpy(), date, w) for w in (everyone, *weights)])
        for name in ("ours", *PEERS)
    }
    for peer in PEERS:
        gain = (figures["ours"] - figures[peer]) * [1, -1]
        low, high = np.percentile(gain[1:], [2.5, 97.5], axis=0)
        for place, metric in enumerate(("AUC", "log loss")):
            print(
                f"  gain in {metric:<8} over plain on {peer:<25} "
                f"{gain[0, place]:+.4f}  [{low[place]:+.4f}, {high[place]:+.4f}]"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gain", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}; default: all")
    wanted = parser.parse_args().cases or list(CASES)
    if unknown := [name for name in wanted if name not in CASES]:
        parser.error(f"there is no case {unknown[0]!r}; there are {', '.join(CASES)}")
    for chosen in wanted:
        run(chosen, CASES[chosen])
