"""Reps, their hours, costs and targets, and the market, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesml.crm.sample import columns, laws
from salesml.crm.sample.block import MARKET_LAG, Block
from salesml.crm.sample.keys import rep_ids

Ints = npt.NDArray[np.int64]

FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gwen", "Hugo", "Iris", "Jack", "Kim", "Leo")
LAST = ("Adams", "Baker", "Clark", "Davies", "Evans", "Ford", "Green", "Hill", "Jones", "Moore")
REPS_PER_TEAM = 10
HOURS_A_WEEK = (30.0, 37.5)
SALARY, TRAVEL, TRAINING = 4200.0, 350.0, 120.0
DEARER = 0.04
"""By how much the same costs rise a year."""


def tables_of_team(block: Block, rng: np.random.Generator) -> dict[str, Any]:
    """``reps``, ``workload``, ``costs``, ``targets``; and, once, ``market``."""
    tables = {
        "reps": _reps(block, rng),
        "workload": _workload(block, rng),
        "costs": _costs(block, rng),
        "targets": _targets(block, rng),
    }
    return tables | ({"market": _market(block)} if block.number == 0 else {})


def _reps(block: Block, rng: np.random.Generator) -> Any:
    """Reps, and a manager for each team after them."""
    reps = len(block.reps)
    teams = -(-reps // REPS_PER_TEAM)
    rows = np.arange(reps + teams)
    manages = rows >= reps
    team = np.where(manages, rows - reps, rows // REPS_PER_TEAM)
    first, last = rng.integers(0, len(FIRST), len(rows)), rng.integers(0, len(LAST), len(rows))
    name = [f"{FIRST[a]} {LAST[b]}" for a, b in zip(first, last, strict=True)]
    return pa.table(
        {
            "rep_id": rep_ids(block, rows),
            "name": name,
            "team": [f"Team {block.number + 1}.{number + 1}" for number in team],
            "login": [
                f"{text.lower().replace(' ', '.')}.{block.number}.{row}"
                for row, text in zip(rows, name, strict=True)
            ],
            "role": columns.one_of(("rep", "manager"), manages.astype(np.int64)),
            "manager": rep_ids(block, reps + team, manages),
            "hours_per_week": np.where(rng.random(len(rows)) < 0.2, *HOURS_A_WEEK),
        }
    )


def _by_month(block: Block) -> tuple[Ints, Ints, Any]:
    """Rep and month of every row of a monthly table, and its date."""
    rep, month = (axis.ravel() for axis in np.indices(block.reps.busy.shape))
    return rep, month, columns.dates(block.plan.calendar, block.plan.calendar.month_starts[month])


def _workload(block: Block, rng: np.random.Generator) -> Any:
    """Hours follow how busy a rep is; overtime and sick days follow the hours."""
    rep, month, period = _by_month(block)
    busy = laws.BUSY[block.reps.busy[rep, month]]
    hours = 150 * (1 + 0.14 * busy) + 3 * rng.standard_normal(len(rep))
    return pa.table(
        {
            "owner": rep_ids(block, rep),
            "month": period,
            "hours": np.round(hours, 1),
            "overtime_hours": np.round(np.maximum(hours - 150, 0), 1),
            "sick_days": rng.poisson(np.exp(-0.7 + 0.4 * busy)),
        }
    )


def _costs(block: Block, rng: np.random.Generator) -> Any:
    """Salaries and travel (hard), training (soft): dearer each year for the same."""
    rep, month, _ = _by_month(block)
    dearer = (1 + DEARER) ** (month // 12)
    travel = TRAVEL * rng.gamma(4, 0.25, len(rep))
    amounts = np.concatenate([np.full(len(rep), SALARY), travel, np.full(len(rep), TRAINING)])
    every = np.tile(np.arange(len(rep)), 3)
    return pa.table(
        {
            "month": columns.dates(block.plan.calendar, block.plan.calendar.month_starts[month[every]]),
            "owner": rep_ids(block, rep[every]),
            "kind": columns.one_of(("hard", "hard", "soft"), np.repeat([0, 1, 2], len(rep))),
            "amount": columns.money(amounts * dearer[every]),
        }
    )


def _targets(block: Block, rng: np.random.Generator) -> Any:
    rep, month, _ = _by_month(block)
    rows = np.flatnonzero(month % 3 == 0)
    return pa.table(
        {
            "owner": rep_ids(block, rep[rows]),
            "quarter": columns.dates(block.plan.calendar, block.plan.calendar.month_starts[month[rows]]),
            "amount": np.round(rng.normal(30_000, 4_000, len(rows)), -2),
        }
    )


def _market(block: Block) -> Any:
    """The indicator as published, from some months before the first day."""
    calendar, months = block.plan.calendar, block.plan.calendar.months
    first = np.datetime64(calendar.first, "M") - MARKET_LAG
    period = (first + np.arange(months + MARKET_LAG)).astype("datetime64[D]")
    return pa.table(
        {
            "month": pa.array(period, pa.date32()),
            "orders_index": np.round(100 + 5 * block.plan.market[: months + MARKET_LAG], 2),
        }
    )
