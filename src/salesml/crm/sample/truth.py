"""The truth of a block as tables: what no company knows of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from salesml.crm.sample import columns, laws
from salesml.crm.sample.block import Block
from salesml.crm.sample.effects import effects
from salesml.crm.sample.keys import account_ids, prospect_ids, rep_ids
from salesml.crm.sample.pursuit import NEVER, lift


def tables_of_truth(block: Block) -> dict[str, Any]:
    """``prospects`` and ``accounts`` by month, ``companies``, ``customers``, ``reps``, ``effects``."""
    tables = {
        "prospects": _by_month(block, "prospect_id", prospect_ids, block.prospect_truth),
        "accounts": _by_month(block, "account_id", account_ids, block.account_truth),
        "hidden_prospects": _hidden_prospects(block),
        "hidden_accounts": _hidden_accounts(block),
        "reps": _reps(block),
    }
    if block.number == 0:
        tables["effects"] = effects(block.plan.practices, block.plan.shift != NEVER)
    return tables


def _by_month(block: Block, key: str, ids: Any, truth: dict[str, Any]) -> Any:
    calendar = block.plan.calendar
    rest = {name: pa.array(values) for name, values in truth.items() if name not in ("row", "month")}
    as_of = columns.dates(calendar, calendar.month_starts[truth["month"]])
    return pa.table({key: ids(block, truth["row"]), "as_of": as_of, **rest})


def _hidden_prospects(block: Block) -> Any:
    """What nobody records; where practices are planted, also whether a prospect was answered at once."""
    pursuit, rows = block.pursuit, np.arange(len(block.pursuit.companies))
    companies = pursuit.companies
    return pa.table(
        {
            "prospect_id": prospect_ids(block, rows),
            "rep_id": rep_ids(block, pursuit.rep),
            "need": laws.HIDDEN[companies.hidden],
            "quality": laws.HIDDEN[companies.quality],
            "rep_likes_industry": pursuit.reps.taste[pursuit.rep, companies.industry],
            "log_win_rate": companies.win,
            "effect_of_first_contact": companies.contact_effect,
            "effect_of_four_contacts": lift(companies.contact_effect, np.full(len(rows), 4)),
            **({"answered": pursuit.answered < NEVER} if block.plan.practices else {}),
        }
    )


def _hidden_accounts(block: Block) -> Any:
    book = block.book
    return pa.table(
        {
            "account_id": account_ids(block, np.arange(len(book.companies))),
            "quality": laws.HIDDEN[book.companies.quality],
            "won_by_pushy_rep": book.pushy,
            "fit": book.companies.fit,
            "log_drift_rate": book.companies.drift,
        }
    )


def _reps(block: Block) -> Any:
    kind, calendar = block.reps.kind, block.plan.calendar
    starts = calendar.month_starts[block.prompt_from]
    prompt = {
        "prompt_from": columns.dates(calendar, starts, block.prompt_from >= calendar.months),
        "emails": laws.EMAILED[kind],
    }
    likes = [
        ", ".join(name for name, liked in zip(laws.INDUSTRIES, row, strict=True) if liked)
        for row in block.reps.taste
    ]
    return pa.table(
        {
            "rep_id": rep_ids(block, np.arange(len(kind))),
            "kind": columns.one_of(laws.KINDS, kind),
            "skill": laws.SKILL[kind],
            "pushy": laws.PUSHY[kind] > 0,
            "likes": likes,
            **(prompt if block.plan.practices else {}),
        }
    )
