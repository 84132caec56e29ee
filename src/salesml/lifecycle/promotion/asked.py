"""What a kept model says of rows: scores, and how strongly each feature moves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.lifecycle.fit import EXPLAINED_ROWS
from salesml.lifecycle.rows import Rows
from salesml.model.base_rate import Sampling
from salesml.model.bundle import Bundle

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A model's answer to rows.

    Parameters
    ----------
    raw, p : ndarray of shape (rows,)
        Raw scores and calibrated probabilities.
    shares : dict of str to float
        Each feature's share of all absolute contributions, on a sample of the rows, largest first.
    """

    raw: Floats
    p: Floats
    shares: dict[str, float]


def ask(bundle: Bundle, rows: Rows, *, threads: int = 0) -> Answer:
    """Ask a bundle about rows that have all of its columns; they may have others."""
    import lightgbm as lgb

    from salesml.explain.contributions import contributions

    booster = lgb.Booster(model_str=bundle.booster)
    coded = bundle.coding.encode(rows.X[list(bundle.columns)], as_of=rows.dates)
    raw = np.asarray(booster.predict(coded, raw_score=True, num_threads=threads), dtype=np.float64)
    drawn = np.sort(np.random.default_rng(0).permutation(len(coded))[:EXPLAINED_ROWS])
    found = contributions(booster, coded[drawn], threads=threads)[:, :-1]
    return Answer(raw=raw, p=bundle.calibration.probability(raw), shares=_shares(found, bundle.columns))


def constant(bundle: Bundle, rows: Rows) -> Answer:
    """The answer of whoever says the average rate of a model's training to everyone."""
    raw = np.zeros(len(rows))
    return Answer(raw=raw, p=np.full(len(rows), rate_of(bundle)), shares={})


def rate_of(bundle: Bundle) -> float:
    """The rate of the outcome that a model's probabilities were made for."""
    learned = bundle.training
    return learned.base_rate or learned.positives / learned.rows


def weights_of(bundle: Bundle, rows: Rows) -> Floats:
    """For each row how much it counts: 1, or what a stated base rate asks for."""
    learned = bundle.training
    sampling = Sampling(learned.positives / max(1, learned.rows), learned.base_rate)
    return rows.weights * sampling.weights(rows.y)


def _shares(found: Floats, names: tuple[str, ...]) -> dict[str, float]:
    size = np.abs(found).mean(axis=0)
    whole = float(size.sum()) or 1.0
    order = np.argsort(-size, kind="stable")
    return {names[place]: float(size[place] / whole) for place in order}
