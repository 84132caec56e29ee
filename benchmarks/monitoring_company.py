"""Snapshots of simulated companies, made in a second: accounts of their own kind, season, growth, leavers.

What a real snapshot has and independent rows have not: the same accounts come again each month, windows
overlap, every year has its Christmas, and the company grows. ``Shift`` plants what monitoring has to find.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from scipy.special import expit

from salesml.model.auc_interval import auc_interval
from salesml.model.bands import band_cutoffs
from salesml.model.bootstrap import Estimate
from salesml.model.calibration import Calibration
from salesml.monitoring.dated import Column, Dated, Floats
from salesml.monitoring.watch import Model
from salesml.snapshots.feature import Feature
from salesml.windows import step_back

WARM_UP, HISTORY, WATCHED, HORIZON, ACTIVE = 12, 24, 12, 3, 6
"""Months: before the first snapshot, of snapshots before training, watched, ahead, of being active."""
MONTHS = WARM_UP + HISTORY + WATCHED + HORIZON + 1
ACCOUNTS = 2_000
INDUSTRIES, SOURCES = 6, 4
BANDS = {"A": 0.05, "B": 0.2, "C": 0.5}

NUMBERS = (
    ("orders_1m", "count"), ("orders_3m", "count"), ("orders_12m", "count"), ("revenue_3m", "number"),
    ("revenue_12m", "number"), ("order_value_3m", "number"), ("recency", "count"), ("tickets_3m", "count"),
    ("tenure", "count"), ("trend", "ratio"), ("active_months", "count"), ("employees", "number"),
)  # fmt: skip
CATEGORIES = (("industry", INDUSTRIES), ("source", SOURCES))
COLUMNS = (
    *(Column(feature=Feature(name=name, form=form, words=name.replace("_", " "))) for name, form in NUMBERS),  # type: ignore[arg-type]
    *(
        Column(
            feature=Feature(name=name, kind="category", form="category", words=name),
            levels=tuple(f"{name} {k}" for k in range(size)),
        )
        for name, size in CATEGORIES
    ),
)
PLACE = {column.name: k for k, column in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Shift:
    """What changes from a month on.

    Parameters
    ----------
    kind : str
        "" for nothing; see ``KINDS`` in ``benchmarks.monitoring``.
    size : float
    month : int
        The first month of what is watched in which it holds, from 1.
    """

    kind: str = ""
    size: float = 0.0
    month: int = 4

    @property
    def start(self) -> int:
        """The month of the simulation: what happens in it is seen by snapshots after it."""
        return WARM_UP + HISTORY + self.month - 1


@dataclass(frozen=True)
class Company:
    """Everything that happened, one column a month."""

    orders: Floats
    revenue: Floats
    tickets: Floats
    since: np.ndarray
    industry: np.ndarray
    source: np.ndarray
    employees: Floats
    shift: Shift


def company(seed: int, shift: Shift | None = None) -> Company:
    """A company of accounts that order, complain, cool down and leave."""
    shift = shift or Shift()
    rng = np.random.default_rng(seed)
    growth = rng.uniform(0.0, 0.02)
    size = ACCOUNTS
    # Of accounts of today, some were there long before, and the others came evenly.
    since = np.where(
        rng.random(size) < 0.5 - 10 * growth, -rng.integers(0, 80, size), rng.integers(0, MONTHS, size)
    )
    employees = np.exp(rng.normal(3.5, 1.0, size))
    industry = rng.choice(INDUSTRIES, size, p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05])
    source = rng.choice(SOURCES, size, p=[0.4, 0.3, 0.2, 0.1])
    rate = np.exp(rng.normal(0.1, 0.6, size))
    price = np.exp(rng.normal(4.5, 0.5, size) + 0.15 * np.log(employees))
    if shift.kind == "segment":
        late = since >= shift.start - 1
        more = rng.random(size) < shift.size
        since = np.where(more & ~late, rng.integers(shift.start, shift.start + 3, size), since)
        moved = more & ~late
        industry, rate = np.where(moved, 5, industry), np.where(moved, 0.5 * rate, rate)
    amplitude, peak = rng.uniform(0.05, 0.3), rng.integers(0, 12)
    christmas = rng.uniform(1.0, 1.6)
    month = np.arange(MONTHS)
    season = (1 + amplitude * np.cos(2 * np.pi * (month - peak) / 12)) * np.where(
        month % 12 == 11, christmas, 1.0
    )
    season = season * np.exp(rng.uniform(-0.005, 0.01) * month)
    cooling, gone = np.zeros(size, bool), np.zeros(size, bool)
    orders, tickets = np.zeros((size, MONTHS)), np.zeros((size, MONTHS))
    base = 0.035 * np.exp(np.array([0.0, 0.2, -0.3, 0.4, 0.0, 0.5])[industry] - 0.2 * np.log(rate))
    for t in range(MONTHS):
        here = since <= t
        on = t >= shift.start
        factor = shift.size if on and shift.kind == "demand" else 1.0
        mean = rate * season[t] * np.where(cooling, 0.3, 1.0) * here * ~gone * factor
        orders[:, t] = rng.poisson(mean)
        tickets[:, t] = rng.poisson(0.25 * np.where(cooling, 2.5, 1.0) * here * ~gone)
        leave = np.where(cooling, 0.3, 0.0)
        if on and shift.kind == "losses":
            leave = np.where(cooling, 0.3, shift.size)
        cooling |= here & (rng.random(size) < np.minimum(base, 0.5))
        gone |= here & (rng.random(size) < leave)
    noise = np.exp(rng.normal(0, 0.3, (size, MONTHS)))
    revenue = orders * price[:, None] * noise
    if shift.kind == "unit":
        revenue[:, shift.start :] *= shift.size
    return Company(orders, revenue, tickets, since, industry, source, employees, shift)


def day_of(month: int) -> dt.date:
    """The first day of a month of the simulation."""
    return step_back(dt.date(2020, 1, 1), -month, "month")


def rows_at(made: Company, t: int) -> tuple[np.ndarray, Floats, np.ndarray | None]:
    """Accounts, features and outcomes at the beginning of month ``t``: it sees the months before."""
    recent = made.orders[:, t - ACTIVE : t].sum(axis=1) > 0
    who = np.flatnonzero(recent)
    orders, revenue = made.orders[who, :t], made.revenue[who, :t]
    last = t - 1 - (t - 1 - np.argmax(orders[:, ::-1] > 0, axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = revenue[:, -3:].sum(axis=1) / orders[:, -3:].sum(axis=1)
        trend = orders[:, -3:].sum(axis=1) / (orders[:, -12:].sum(axis=1) / 4)
    coded = np.column_stack(
        [
            orders[:, -1], orders[:, -3:].sum(axis=1), orders[:, -12:].sum(axis=1),
            revenue[:, -3:].sum(axis=1), revenue[:, -12:].sum(axis=1), value, last,
            made.tickets[who, t - 3 : t].sum(axis=1),
            t - made.since[who], trend, (orders[:, -12:] > 0).sum(axis=1), made.employees[who],
            made.industry[who], made.source[who],
        ]
    ).astype(np.float64)  # fmt: skip
    _break(coded, made, who, t)
    if t + HORIZON > MONTHS:
        return who, coded, None
    return who, coded, _mixed((made.orders[who, t : t + HORIZON].sum(axis=1) == 0).astype(np.int8), made, t)


def _mixed(y: np.ndarray, made: Company, t: int) -> np.ndarray:
    """Outcomes that, for a share of all accounts, have no longer to do with what is known of them."""
    if made.shift.kind != "concept" or t < made.shift.start:
        return y
    rng = np.random.default_rng(t)
    some = np.flatnonzero(rng.random(len(y)) < made.shift.size)
    y[some] = y[rng.permutation(some)]
    return y


def _break(coded: Floats, made: Company, who: np.ndarray, t: int) -> None:
    """What goes wrong on the way from the tables."""
    shift = made.shift
    if t <= shift.start:
        return
    if shift.kind == "empty":
        lost = np.random.default_rng(t).random(len(who)) < shift.size
        coded[lost, PLACE["tickets_3m"]] = np.nan
    if shift.kind == "level":
        coded[(made.source[who] == int(shift.size)), PLACE["source"]] = np.nan


@dataclass(frozen=True)
class Fitted:
    """A model of a company, and all its dates scored."""

    model: Model
    dates: dict[int, Dated]
    own: tuple[int, ...]


def fitted(made: Company) -> Fitted:
    """Train as `salesml train` chooses its dates, at the end of the history, and score every month."""
    end = WARM_UP + HISTORY
    test, validate = end - HORIZON, end - 2 * HORIZON
    train = tuple(range(end - 3 * HORIZON - 5, end - 3 * HORIZON + 1))
    rows = {t: rows_at(made, t) for t in range(WARM_UP, end + WATCHED + 1)}
    X = np.concatenate([rows[t][1] for t in train])
    y = np.concatenate([rows[t][2] for t in train])  # type: ignore[misc]
    categories = [PLACE[name] for name, _ in CATEGORIES]
    settings = {
        "objective": "binary", "learning_rate": 0.06, "num_leaves": 10, "min_data_in_leaf": 80,
        "verbosity": -1, "num_threads": 1, "seed": 0, "max_bin": 63,
    }  # fmt: skip
    booster = lgb.train(settings, lgb.Dataset(X, y, categorical_feature=categories), num_boost_round=50)

    def raw(t: int) -> Floats:
        return np.asarray(booster.predict(rows[t][1], raw_score=True, num_threads=1))

    held = rows[validate][2]
    calibration = Calibration.fit(raw(validate), held)  # type: ignore[arg-type]
    cutoffs = band_cutoffs(raw(test), BANDS)
    dates = {}
    for t, (who, coded, outcome) in rows.items():
        score = raw(t)
        band = np.full(len(score), "D", dtype="<U1")
        for name in ("C", "B", "A"):
            band[score >= cutoffs[name]] = name
        some = coded[:: max(1, len(coded) // 150)]
        parts = np.asarray(booster.predict(some, pred_contrib=True, num_threads=1))[:, :-1]
        dates[t] = Dated(
            as_of=day_of(t), coded=coded, p=expit(calibration.logit(score)), band=band,
            entity=np.array([f"a{k}" for k in who], dtype=object), y=outcome,
            size=np.abs(parts).mean(axis=0), learned=t in train,
        )  # fmt: skip
    tested = dates[test]
    promised: Estimate = auc_interval(tested.y, tested.p, np.ones(len(tested)), np.arange(len(tested)))  # type: ignore[arg-type]
    own = (*train, validate, test)
    model = Model(
        columns=COLUMNS, groups=tuple(column.name for column in COLUMNS),
        own=tuple(day_of(t) for t in own), promised=promised, reach_days=30 * HORIZON,
    )  # fmt: skip
    return Fitted(model, dates, own)


def seen_at(made: Fitted, t: int) -> tuple[list[Dated], list[Dated]]:
    """The grid and the model's own dates as known at month ``t``: later outcomes are not."""

    def known(k: int) -> Dated:
        return made.dates[k] if k + HORIZON <= t else replace(made.dates[k], y=None)

    return [known(k) for k in range(WARM_UP, t + 1)], [known(k) for k in made.own]
