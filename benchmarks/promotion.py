"""Promotion: how often do the gates let pass a challenger that is better by chance, and one that is better?

    python -m benchmarks.promotion [--trials 200] [--tables telco …] [--jobs 2] [--json FILE]

On each table models of the same method are trained on the same rows with other seeds. Rows that no model
has seen are the population; each trial draws accounts of it, with replacement, as the newest test period
would, and judges two models with the default gates, all of them.

*By chance*: champion and challenger differ in nothing but their seed. *Truly better*: the champion is a
model that learned from part of the rows, mixed in log-odds with the challenger so that its log loss over
the whole population is exactly .01 higher; what is drawn in a trial is another matter. The defaults were
chosen with --deal 0; the figures are of another deal of rows to learn from and to draw from.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import beta

from benchmarks.small import simulated
from benchmarks.tables import load
from salesml.config import Gates
from salesml.lifecycle.promotion.asked import Answer
from salesml.lifecycle.promotion.judged import judge_answers
from salesml.lifecycle.rows import Rows
from salesml.model import PropensityClassifier, contribution_shares

BETTER = 0.01
"""By how much the challenger that is truly better is better."""
SEEDS = 4
TRAINING = 1_500
DRAWN = 3_000
"""Accounts of a test period."""
EXPLAINED = 1_000
BANDS = {"A": 0.05, "B": 0.2, "C": 0.5}
WEAKER = (0.5, 0.25, 0.125, 0.06)
"""Parts of the rows that a weaker champion has learned from, until it is weak enough."""

Population = tuple[pd.DataFrame, np.ndarray]


def _flat(name: str) -> Population:
    table = load(name)
    return table.X, np.asarray(table.y, dtype=np.int8)


TABLES: dict[str, Callable[[], Population]] = {
    "telco": partial(_flat, "telco"),
    "x_education": partial(_flat, "x_education"),
    "email_visit": partial(_flat, "email_visit"),
    "simulated, middling": partial(simulated, 1000, 200, 1.0, 0),
    "simulated, strong": partial(simulated, 1000, 100, 2.0, 1),
}


@dataclass(frozen=True)
class Trial:
    """One judgement, and what was true."""

    table: str
    promoted: bool
    gain: float
    true_gain: float
    overlap: float
    reasons: float
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Models:
    """Models of one table, and what each says of the population."""

    name: str
    y: np.ndarray
    answers: tuple[Answer, ...]
    weaker: tuple[Answer, ...]


def train(name: str, deal: int = 1) -> Models:
    """Fit models that differ in their seed, and for each one that learned from part of the rows."""
    X, y = TABLES[name]()
    order = np.random.default_rng(deal).permutation(len(y))
    ours, rest = order[:TRAINING], order[TRAINING:]
    answers = tuple(
        _answer(X, y, ours, rest, [*map(str, X)], seed) for seed in range(100 * deal, 100 * deal + SEEDS)
    )
    print(f"{name}: {SEEDS} models of {len(ours):,} rows, {len(rest):,} accounts to draw from", flush=True)
    weaker = tuple(_weaker(X, y, ours, rest, each, deal, place) for place, each in enumerate(answers))
    return Models(name, y[rest], answers, weaker)


def _answer(
    X: pd.DataFrame, y: np.ndarray, ours: np.ndarray, rest: np.ndarray, columns: list[str], seed: int
) -> Answer:
    part = X[columns]
    model = PropensityClassifier(n_jobs=1, random_state=seed).fit(part.iloc[ours], y[ours])
    p = model.predict_proba(part.iloc[rest])[:, 1]
    contributions = model.contributions(part.iloc[rest[:EXPLAINED]])
    return Answer(raw=logit(p), p=p, shares=contribution_shares(contributions, columns))


def _weaker(
    X: pd.DataFrame, y: np.ndarray, ours: np.ndarray, rest: np.ndarray, challenger: Answer, deal: int,
    place: int,
) -> Answer:  # fmt: skip
    """A champion of a part of the rows whose log loss over the population is higher by :data:`BETTER`."""
    truth = y[rest]
    drawn = np.random.default_rng((deal, place)).permutation(ours)
    for part in WEAKER:
        other = _answer(X, y, drawn[: round(part * len(ours))], rest, [*map(str, X)], 99_999 - place)
        if _loss(truth, other.p).mean() - _loss(truth, challenger.p).mean() > BETTER:
            break
    mixed = _mixed(truth, challenger, other)
    names = {*challenger.shares, *other.shares}
    shares = {
        key: mixed[1] * other.shares.get(key, 0.0) + (1 - mixed[1]) * challenger.shares.get(key, 0.0)
        for key in names
    }
    ordered = dict(sorted(shares.items(), key=lambda each: -each[1]))
    return Answer(raw=mixed[0], p=expit(mixed[0]), shares=ordered)


def _mixed(y: np.ndarray, challenger: Answer, other: Answer) -> tuple[np.ndarray, float]:
    def raw(share: float) -> np.ndarray:
        return (1 - share) * challenger.raw + share * other.raw

    def worse(share: float) -> float:
        return float((_loss(y, expit(raw(share))) - _loss(y, challenger.p)).mean()) - BETTER

    share = float(brentq(worse, 0.0, 1.0))
    return raw(share), share


def _loss(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    loss: np.ndarray = np.where(y == 1, -np.log(p), -np.log1p(-p))
    return loss


def judge(models: Models, champion: Answer, challenger: Answer, seed: int) -> Trial:
    """One test period of so many accounts of the population."""
    drawn = np.random.default_rng(seed).integers(0, len(models.y), DRAWN)
    rows = Rows(
        X=pd.DataFrame(index=range(DRAWN)), y=models.y[drawn],
        entity=np.array([f"a{place}" for place in range(DRAWN)], dtype=object),
        as_of=np.full(DRAWN, np.datetime64("2026-01-01")), value=np.zeros(DRAWN),
    )  # fmt: skip
    found = judge_answers(_of(champion, drawn), _of(challenger, drawn), rows, Gates(), bands=BANDS)
    true = float((_loss(models.y, champion.p) - _loss(models.y, challenger.p)).mean())
    value = {line.gate: line.value for line in found.lines}
    return Trial(
        models.name, found.passed, float(value["log_loss_gain"] or 0), true,
        float(value["ranking_overlap"] or 0), float(value["reasons_kept"] or 0),
        tuple(each.gate for each in found.failed),
    )  # fmt: skip


def _of(answer: Answer, places: np.ndarray) -> Answer:
    return Answer(raw=answer.raw[places], p=answer.p[places], shares=answer.shares)


def trials(name: str, number: int, deal: int = 1) -> dict[str, list[Trial]]:
    """So many trials of each kind on one table."""
    models = train(name, deal=deal)
    pairs = list(permutations(models.answers, 2))
    print(f"{name}: weaker champions were found", flush=True)
    return {
        "by chance": [judge(models, *pairs[k % len(pairs)], seed=deal * 100_000 + k) for k in range(number)],
        "truly better": [
            judge(
                models, models.weaker[k % SEEDS], models.answers[k % SEEDS], seed=deal * 100_000 + 10_000 + k
            )
            for k in range(number)
        ],
    }


def summary(found: list[Trial]) -> dict[str, object]:
    """How many were promoted, with a 95 % interval (Clopper and Pearson), and what stopped the others."""
    number, passed = len(found), sum(each.promoted for each in found)
    low = 0.0 if not passed else float(beta.ppf(0.025, passed, number - passed + 1))
    high = 1.0 if passed == number else float(beta.ppf(0.975, passed + 1, number - passed))
    return {
        "trials": number, "promoted": passed, "share": passed / number, "low": low, "high": high,
        "true_gain": float(np.mean([each.true_gain for each in found])),
        "largest_true_gain": float(max(each.true_gain for each in found)),
        "overlap": float(np.median([each.overlap for each in found])),
        "reasons": float(np.median([each.reasons for each in found])),
        "spread_of_gain": float(np.std([each.gain for each in found])),
        "failed": dict(Counter(gate for each in found for gate in each.failed)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=200, help="of each kind, over all tables (200)")
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--deal", type=int, default=1, help="of rows and seeds (1)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    each = math.ceil(arguments.trials / len(arguments.tables))
    with ProcessPoolExecutor(arguments.jobs) as pool:
        done = list(pool.map(partial(trials, number=each, deal=arguments.deal), arguments.tables))
    result: dict[str, dict[str, object]] = {}
    for kind in ("by chance", "truly better"):
        by_table = {name: found[kind] for name, found in zip(arguments.tables, done, strict=True)}
        by_table["all"] = [trial for found in by_table.values() for trial in found]
        result[kind] = {name: summary(found) for name, found in by_table.items()}
        print(f"{kind}:")
        for name, line in result[kind].items():
            print(
                f"  {name:<22} promoted {line['promoted']:>4} of {line['trials']:<4} "  # type: ignore[index]
                f"({line['share']:.1%} [{line['low']:.1%}, {line['high']:.1%}]), "  # type: ignore[index]
                f"true gain {line['true_gain']:+.4f}, spread {line['spread_of_gain']:.4f}, "  # type: ignore[index]
                f"overlap {line['overlap']:.0%}, reasons {line['reasons']:.0%}, "  # type: ignore[index]
                f"stopped by {line['failed']}"  # type: ignore[index]
            )
    if arguments.json:
        settings = {
            "drawn": DRAWN,
            "training": TRAINING,
            "seeds": SEEDS,
            "deal": arguments.deal,
            "gates": asdict(Gates()),
        }
        arguments.json.write_text(json.dumps({"settings": settings, **result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
