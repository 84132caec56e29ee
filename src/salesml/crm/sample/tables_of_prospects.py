"""Prospects and what was done about them, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesml.crm.sample import attributes, columns, laws
from salesml.crm.sample.block import Block
from salesml.crm.sample.columns import by_day
from salesml.crm.sample.companies import Companies
from salesml.crm.sample.keys import account_ids, prospect_ids, rep_ids
from salesml.crm.sample.life import NEVER

Ints = npt.NDArray[np.int64]

UNASSIGNED = 0.02
LOST_REASONS = ("price", "competitor", "no need", "no answer")
RESULTS = (None, "interested", "not interested", "call again")
PAGES = ("home", "prices", "products", "contact")
KINDS = ("call", "email", "visit")
STAGES = ("new", "contacted", "qualified", "offer", "won", "lost")
NEWSLETTER = 0.3


def tables_of_prospects(block: Block, kept: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """``prospects``, ``visits``, ``stages``, and their part of ``activities`` and ``history``."""
    prospects, news = _prospects(block, kept, rng)
    return {
        "prospects": prospects,
        "visits": _visits(block, rng),
        "stages": _stages(block),
        "activities": _activities(block, rng),
        "history": news,
    }


def contacts(block: Block, companies: Companies, rep: Ints, rng: np.random.Generator) -> dict[str, Any]:
    """Kind, hours and cost of contacts, one row each."""
    rows, visited, hours_of_visit = len(companies), companies.visited, companies.visit_hours
    visit = rng.random(rows) < visited
    mean = np.where(visit, hours_of_visit, laws.HOURS_CALL)
    hours = np.maximum(np.round(mean * rng.gamma(4, 0.25, rows), 2), 0.05)
    if block.plan.practices:
        emailed = (rng.random(rows) < laws.EMAILED[block.reps.kind[rep]]).astype(np.int64)
    else:
        emailed = rng.integers(0, 2, rows)
    kind = np.where(visit, 2, emailed)
    return {
        "kind": columns.one_of(KINDS, kind),
        "hours": pa.array(hours),
        "cost": columns.money(hours * laws.HOUR_COST),
    }


def _prospects(block: Block, kept: dict[str, Any], rng: np.random.Generator) -> tuple[Any, Any]:
    pursuit, outcome, calendar = block.pursuit, block.outcome, block.plan.calendar
    rows = np.arange(len(pursuit.companies))
    open_ = outcome.exit_day == NEVER
    lost = ~open_ & ~outcome.won
    account = np.full(len(rows), -1)
    won = np.flatnonzero(block.prospect_of >= 0)
    account[block.prospect_of[won]] = won
    switched, news = _newsletter(block, rng)
    table = pa.table(
        {
            "prospect_id": prospect_ids(block, rows),
            "created_at": columns.dates(calendar, pursuit.created),
            "owner": rep_ids(block, pursuit.rep, rng.random(len(rows)) < UNASSIGNED),
            **kept,
            "budget": attributes.budget(pursuit.companies, rng),
            "newsletter": columns.one_of(("no", "yes"), switched),
            "expected_amount": attributes.expected_amount(pursuit.companies, rng),
            "call_result": columns.one_of(RESULTS, _results(block, rng)),
            "won_at": columns.dates(calendar, outcome.exit_day, ~outcome.won),
            "lost_at": columns.dates(calendar, outcome.exit_day, ~lost),
            "lost_reason": columns.one_of((None, *LOST_REASONS), rng.integers(1, 5, len(rows)) * lost),
            "account_id": account_ids(block, account, account < 0),
        }
    )
    return table, news


def _results(block: Block, rng: np.random.Generator) -> Ints:
    """What reps write after the fact: it all but tells the outcome."""
    outcome, rows = block.outcome, len(block.pursuit.companies)
    decided = outcome.exit_day < NEVER
    told = np.where(outcome.won, 1, 2)
    return np.where(decided, np.where(rng.random(rows) < 0.93, told, 3), 3 * (rng.random(rows) < 0.3))


def _newsletter(block: Block, rng: np.random.Generator) -> tuple[Ints, Any]:
    """Some subscribe at some time, which means nothing; the column has a history."""
    calendar, created = block.plan.calendar, block.pursuit.created
    rows = np.arange(len(created))
    at = created + rng.integers(1, 400, len(rows))
    ends = np.minimum(block.outcome.exit_day, calendar.end - 1)
    switched = np.flatnonzero((rng.random(len(rows)) < NEWSLETTER) & (at <= ends))
    who = np.concatenate([rows, switched])
    value = (np.arange(len(who)) >= len(rows)).astype(np.int64)
    news = history_table(
        "prospects", prospect_ids(block, who), "newsletter", columns.one_of(("no", "yes"), value),
        columns.dates(calendar, np.concatenate([created, at[switched]])),
    )  # fmt: skip
    return np.isin(rows, switched).astype(np.int64), news


def history_table(table: str, ids: Any, column: str, values: Any, at: Any) -> Any:
    """Dated values of a column."""
    return pa.table(
        {
            "table": pa.array([table] * len(ids), pa.string()),
            "id": ids,
            "column": pa.array([column] * len(ids), pa.string()),
            "value": values,
            "changed_at": at,
        }
    )


def _visits(block: Block, rng: np.random.Generator) -> Any:
    rows, days = by_day(*block.outcome.visits)
    return pa.table(
        {
            "prospect_id": prospect_ids(block, rows),
            "visited_at": columns.dates(block.plan.calendar, days),
            "page": columns.one_of(PAGES, rng.choice(4, len(rows), p=[0.4, 0.2, 0.3, 0.1])),
        }
    )


def _stages(block: Block) -> Any:
    """A stage for each of the first three contacts, and one for the end."""
    rows, days = by_day(*block.outcome.contacts)
    order = np.argsort(rows, kind="stable")
    rows, days = rows[order], days[order]
    number = np.arange(len(rows)) - np.searchsorted(rows, rows)
    early = number < 3
    ended = np.flatnonzero(block.outcome.exit_day < NEVER)
    created = block.pursuit.created
    who = np.concatenate([np.arange(len(created)), rows[early], ended])
    stage = np.concatenate(
        [np.zeros(len(created), np.int64), 1 + number[early], np.where(block.outcome.won[ended], 4, 5)]
    )
    at = np.concatenate([created, days[early], block.outcome.exit_day[ended]])
    return pa.table(
        {
            "prospect_id": prospect_ids(block, who),
            "stage": columns.one_of(STAGES, stage),
            "entered_at": columns.dates(block.plan.calendar, at),
        }
    )


def _activities(block: Block, rng: np.random.Generator) -> Any:
    rows, days = by_day(*block.outcome.contacts)
    companies, rep = block.pursuit.companies[rows], block.pursuit.rep[rows]
    return pa.table(
        {
            "owner": rep_ids(block, rep),
            "account_id": pa.nulls(len(rows), pa.string()),
            "prospect_id": prospect_ids(block, rows),
            "done_at": columns.dates(block.plan.calendar, days),
            **contacts(block, companies, rep, rng),
        }
    )
