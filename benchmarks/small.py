"""Small firms: does a model of a few dozen leavers promise no more than it can keep?

    python -m benchmarks.small [--firms 100] [--jobs 2] [--data ../shared/data] [--json FILE]

Many simulated firms of known truth, and many small samples of a real table of which the rest is the
truth. For each: how often the 95 % intervals of the AUC and of the outcome's rate in the top fifth hold the
truth of the very model that was fitted, how wide they are, what the verdict says, and how the log loss on
the rest compares with saying the average rate to everyone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score

from salesml.model import PropensityClassifier

SIZES = ((200, 30), (60, 10), (400, 12))
"""Accounts, and leavers among them."""
STRENGTHS = {"none": 0.0, "faint": 0.5, "middling": 1.0, "strong": 2.0}
POOL = 20_000
"""Accounts of which a simulated firm's are drawn; the others are the truth."""

Table = tuple[pd.DataFrame, np.ndarray]


@dataclass(frozen=True)
class Firm:
    """What was found for one firm, and what was true."""

    auc: tuple[float, float, float]
    true_auc: float
    top: tuple[float, float, float]
    true_top: float
    slope: float
    verdict: str
    log_loss_ratio: float


def simulated(rows: int, leavers: int, strength: float, seed: int) -> Table:
    """Accounts of a firm whose chance to leave depends on what it knows of them, more or less."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tenure_days": rng.exponential(600, POOL).round(),
            "orders_90d": rng.poisson(rng.gamma(1.5, 2, POOL)).astype(float),
            "revenue_90d": rng.lognormal(5, 1.2, POOL),
            "days_since_order": rng.exponential(40, POOL).round(),
            "discount": np.where(rng.random(POOL) < 0.4, rng.random(POOL), 0.0),
            "tickets": rng.poisson(0.7, POOL).astype(float),
            "staff": np.where(rng.random(POOL) < 0.2, np.nan, rng.lognormal(3, 1, POOL).round()),
            "plan": rng.choice(["basic", "plus", "pro"], POOL, p=[0.5, 0.3, 0.2]),
            "region": rng.choice(["north", "south", "east", "west"], POOL),
            "autopay": rng.random(POOL) < 0.5,
        }
    )
    known = (
        0.5 * np.log1p(frame["days_since_order"] / 30)
        - 0.25 * np.sqrt(frame["orders_90d"])
        - 0.3 * np.log1p(frame["tenure_days"] / 365)
        + 0.5 * (frame["plan"] == "basic") * ~frame["autopay"]
        + 0.3 * (frame["tickets"] > 1)
    )
    drive = strength * ((known - known.mean()) / known.std()).to_numpy()
    start = brentq(lambda at: expit(drive + at).mean() - leavers / rows, -15, 15)
    return frame, (rng.random(POOL) < expit(drive + start)).astype(np.int8)


@cache
def telco(data: Path) -> Table:
    """The telephone company."""
    table = pd.read_csv(data / "telco" / "Telco-Customer-Churn.csv")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    return table.drop(columns=["customerID", "Churn"]), (table["Churn"] == "Yes").to_numpy(np.int8)


@cache
def shuffled(data: Path) -> Table:
    """The same, with the outcomes dealt out anew: nothing can be known."""
    X, y = telco(data)
    return X, np.random.default_rng(0).permutation(y)


def drawn(
    X: pd.DataFrame, y: np.ndarray, rows: int, leavers: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """A firm's rows, of which so many left, and all others with the same rate."""
    rng = np.random.default_rng(seed)
    left, stayed = rng.permutation(np.flatnonzero(y == 1)), rng.permutation(np.flatnonzero(y == 0))
    ours = np.r_[left[:leavers], stayed[: rows - leavers]]
    left, stayed = left[leavers:], stayed[rows - leavers :]
    most = min(len(left), int(len(stayed) * leavers / (rows - leavers)))
    return rng.permutation(ours), np.r_[left[:most], stayed[: int(most * (rows - leavers) / leavers)]]


def one_firm(load: Callable[[int], Table], rows: int, leavers: int, seed: int) -> Firm:
    """Fit one firm and hold its figures against the truth."""
    X, y = load(seed)
    ours, rest = drawn(X, y, rows, leavers, seed)
    model = PropensityClassifier(n_jobs=1, random_state=seed).fit(X.iloc[ours], y[ours])
    p, truth = model.predict_proba(X.iloc[rest])[:, 1], y[rest]
    found = model.evaluation_.metrics
    first = np.argsort(-p, kind="stable")[: len(p) // 5]
    rate = np.full(len(truth), leavers / rows)
    auc, top = found["auc"], found["lift_20"]
    return Firm(
        auc=(auc.value, auc.low, auc.high),
        true_auc=float(roc_auc_score(truth, p)),
        top=(top.value, top.low, top.high),
        true_top=float(truth[first].mean() / truth.mean()),
        slope=model.calibration_.a,
        verdict=model.verdict_.kind,
        log_loss_ratio=float(log_loss(truth, p) / log_loss(truth, rate)),
    )


def settings(data: Path) -> dict[str, tuple[Callable[[int], Table], int, int]]:
    """Every kind of firm, by what is printed."""
    found: dict[str, tuple[Callable[[int], Table], int, int]] = {}
    for rows, leavers in SIZES:
        for name, strength in STRENGTHS.items():
            load = partial(simulated, rows, leavers, strength)
            found[f"{rows} accounts, {leavers} left, {name}"] = (load, rows, leavers)
        if data.is_dir():
            found[f"{rows} accounts, {leavers} left, telco"] = (_real(telco, data), rows, leavers)
            found[f"{rows} accounts, {leavers} left, telco shuffled"] = (_real(shuffled, data), rows, leavers)
    return found


class _Real:
    """A real table whatever the seed, as what processes can hand to each other."""

    def __init__(self, load: Callable[[Path], Table], data: Path) -> None:
        self.load, self.data = load, data

    def __call__(self, seed: int) -> Table:
        return self.load(self.data)


def _real(load: Callable[[Path], Table], data: Path) -> Callable[[int], Table]:
    return _Real(load, data)


def held(intervals: list[tuple[float, float, float]], truth: list[float]) -> float:
    """How often the intervals hold the truth."""
    inside = [low <= true <= high for (_, low, high), true in zip(intervals, truth, strict=True)]
    return float(np.mean(inside))


def verdicts(firms: list[Firm]) -> dict[str, float]:
    """The share of firms of each verdict."""
    counts = Counter(firm.verdict for firm in firms)
    return {kind: count / len(firms) for kind, count in sorted(counts.items())}


def summary(firms: list[Firm]) -> dict[str, float]:
    """The figures of one kind of firm."""
    ratios = [firm.log_loss_ratio for firm in firms]
    return {
        "true_auc": float(np.mean([firm.true_auc for firm in firms])),
        "auc": float(np.mean([firm.auc[0] for firm in firms])),
        "auc_width": float(np.mean([firm.auc[2] - firm.auc[1] for firm in firms])),
        "auc_held": held([firm.auc for firm in firms], [firm.true_auc for firm in firms]),
        "top_held": held([firm.top for firm in firms], [firm.true_top for firm in firms]),
        "log_loss_ratio": float(np.mean(ratios)),
        "log_loss_ratio_worst_twentieth": float(np.quantile(ratios, 0.95)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--firms", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    kept: dict[str, object] = {}
    print(f"{'firm':<42} {'AUC':>11} {'width':>6} {'held':>5} {'top':>5} {'log loss':>13}  verdicts")
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for name, (load, rows, leavers) in settings(chosen.data).items():
            seeds = range(chosen.seed, chosen.seed + chosen.firms)
            firms = list(pool.map(partial(one_firm, load, rows, leavers), seeds))
            figures, said = summary(firms), verdicts(firms)
            kept[name] = {**figures, "firms": len(firms), "verdicts": said}
            print(f"{name:<42} {_line(figures, said)}", flush=True)
            if chosen.json:
                chosen.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print(LEGEND)


LEGEND = """
AUC: true and as told, means. width: of its 95 % interval. held: share of firms whose interval holds the
truth; top: the same for the lift of the top fifth. log loss: as a multiple of the average rate's, mean and
worst twentieth."""


def _line(f: dict[str, float], said: dict[str, float]) -> str:
    words = ", ".join(f"{kind} {share:.0%}" for kind, share in said.items())
    losses = f"{f['log_loss_ratio']:>6.3f} {f['log_loss_ratio_worst_twentieth']:>6.3f}"
    found = f"{f['true_auc']:.3f} {f['auc']:.3f} {f['auc_width']:>6.2f}"
    return f"{found} {f['auc_held']:>5.0%} {f['top_held']:>5.0%} {losses}  {words}"


if __name__ == "__main__":
    main()
