"""Accounts and what they did, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesml.crm.sample import attributes, columns, laws
from salesml.crm.sample.block import Block
from salesml.crm.sample.columns import by_day
from salesml.crm.sample.keys import account_ids, prospect_ids, rep_ids
from salesml.crm.sample.life import NEVER
from salesml.crm.sample.tables_of_prospects import contacts, history_table

Ints = npt.NDArray[np.int64]

LATE_ROWS = 0.01
REFERRED_WITHIN = 60
PRODUCTS = ("basic", "plus", "spare parts", "service")
CHANNELS = ("shop", "phone", "rep")
TICKETS = ("question", "complaint", "invoice", "late delivery")


def tables_of_accounts(block: Block, kept: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """``accounts``, ``orders``, ``tickets``, ``logins``, ``referrals``, ``assignments`` and more."""
    accounts, prices = _accounts(block, kept, rng)
    return {
        "accounts": accounts,
        "orders": _orders(block, rng),
        "tickets": _tickets(block, rng),
        "logins": _logins(block),
        "referrals": _referrals(block),
        "assignments": _assignments(block),
        "activities": _activities(block, rng),
        "history": prices,
    }


def _accounts(block: Block, kept: dict[str, Any], rng: np.random.Generator) -> tuple[Any, Any]:
    book, calendar = block.book, block.plan.calendar
    rows = np.arange(len(book.companies))
    level, prices = _prices(block)
    table = pa.table(
        {
            "account_id": account_ids(block, rows),
            "acquired_at": columns.dates(calendar, book.acquired),
            "ended_at": columns.dates(calendar, block.left, block.left == NEVER),
            "owner": rep_ids(block, book.rep_in(calendar.months - 1)),
            **_attributes(block, kept, rng),
            "price_level": pa.array(np.round(level, 4)),
            "payment_days": columns.one_of(("14", "30", "60"), rng.integers(0, 3, len(rows))),
        }
    )
    return table, prices


def _attributes(block: Block, kept: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Those of the accounts from the beginning, then what was kept of the prospects won."""
    old = attributes.attributes(block.book.companies[np.flatnonzero(block.book.founding)], rng)
    won = pa.array(block.prospect_of[~block.book.founding])
    return {name: columns.several(old[name], kept[name].take(won)) for name in old}


def _prices(block: Block) -> tuple[npt.NDArray[np.float64], Any]:
    """The price level of each account today, and every change of it."""
    book, calendar = block.book, block.plan.calendar
    level = np.ones(len(book.companies))
    who, at, values = [np.arange(len(level))], [book.acquired], [level.copy()]
    for rows, days, rises in block.life.rises:
        level[rows] *= 1 + rises
        who.append(rows)
        at.append(days)
        values.append(level[rows])
    value = pa.array(np.round(np.concatenate(values), 4)).cast(pa.string())
    prices = history_table(
        "accounts", account_ids(block, np.concatenate(who)), "price_level", value,
        columns.dates(calendar, np.concatenate(at)),
    )  # fmt: skip
    return level, prices


def _orders(block: Block, rng: np.random.Generator) -> Any:
    """Orders of one to three lines, and what comes back of them."""
    rows, days = by_day(*block.life.events("orders"))
    companies, calendar = block.book.companies, block.plan.calendar
    own = laws.MONEY_ACCOUNT * rng.standard_normal(len(companies)) - laws.MONEY_ACCOUNT**2 / 2
    spread = laws.MONEY_ORDER * rng.standard_normal(len(rows)) - laws.MONEY_ORDER**2 / 2
    revenue = np.exp((companies.money + own)[rows] + spread)
    lines = rng.choice([1, 2, 3], len(rows), p=[0.6, 0.3, 0.1])
    order = np.repeat(np.arange(len(rows)), lines)
    weight = rng.uniform(0.2, 1, len(order))
    revenue = revenue[order] * weight / np.bincount(order, weight, minlength=len(rows))[order]
    quantity = rng.integers(1, 20, len(order))
    margin = revenue * np.clip(laws.MARGIN_RATE + 0.08 * rng.standard_normal(len(order)), 0.05, 0.65)
    back = np.flatnonzero(rng.random(len(order)) < laws.RETURNED)
    line = np.concatenate([np.arange(len(order)), back])
    sign = np.where(np.arange(len(line)) < len(order), 1, -1)
    ordered = days[order[line]] + np.where(sign < 0, rng.integers(2, 25, len(line)), 0)
    loaded = ordered + np.where(rng.random(len(line)) < LATE_ROWS, rng.integers(1, 21, len(line)), 0)
    product = rng.integers(0, len(PRODUCTS), len(order))
    channel = rng.integers(0, len(CHANNELS), len(rows))
    number = np.where(sign > 0, order[line], len(rows) + line) + block.number * 10_000_000
    table = pa.table(
        {
            "order_id": columns.ids("O", number),
            "account_id": account_ids(block, rows[order[line]]),
            "ordered_at": columns.dates(calendar, ordered),
            "loaded_at": columns.dates(calendar, loaded),
            "product": columns.one_of(PRODUCTS, product[line]),
            "channel": columns.one_of(CHANNELS, channel[order[line]]),
            "quantity": pa.array(sign * quantity[line]),
            "revenue": columns.money(sign * revenue[line]),
            "margin": columns.money(sign * margin[line]),
        }
    )
    return table.take(np.argsort(loaded, kind="stable")[: int((loaded < calendar.end).sum())])


def _tickets(block: Block, rng: np.random.Generator) -> Any:
    """Questions and complaints, and late deliveries, which are written down as tickets."""
    asked, asked_days = block.life.events("tickets")
    late, late_days = block.life.events("late")
    rows, days, kind = by_day(
        np.concatenate([asked, late]),
        np.concatenate([asked_days, late_days]),
        np.concatenate([rng.integers(0, 3, len(asked)), np.full(len(late), 3)]),
    )
    return pa.table(
        {
            "account_id": account_ids(block, rows),
            "opened_at": columns.dates(block.plan.calendar, days),
            "kind": columns.one_of(TICKETS, kind),
        }
    )


def _logins(block: Block) -> Any:
    rows, days = by_day(*block.life.events("logins"))
    return pa.table({"account_id": account_ids(block, rows), "at": columns.dates(block.plan.calendar, days)})


def _referrals(block: Block) -> Any:
    """Referrals, with the prospect that came of it where one did, and testimonials."""
    parts = [block.life.events(kind) for kind in ("referral", "testimonial")]
    rows, days, kind = by_day(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.repeat([0, 1], [len(part[0]) for part in parts]),
    )
    prospect = np.full(len(rows), -1)
    prospect[kind == 0] = _referred(block, days[kind == 0])
    return pa.table(
        {
            "account_id": account_ids(block, rows),
            "given_at": columns.dates(block.plan.calendar, days),
            "kind": columns.one_of(("referral", "testimonial"), kind),
            "prospect_id": prospect_ids(block, prospect, prospect < 0),
        }
    )


def _referred(block: Block, days: Ints) -> Ints:
    """For each referral, in order of the days, the next prospect that came by one; -1 where none did."""
    by_referral = np.flatnonzero(block.pursuit.companies.source == laws.SOURCES.index("referral"))
    by_referral = by_referral[np.argsort(block.pursuit.created[by_referral], kind="stable")]
    created = block.pursuit.created[by_referral]
    following = np.searchsorted(created, days, side="right")
    prospect = np.full(len(days), -1)
    _, first = np.unique(following, return_index=True)
    first = first[following[first] < len(created)]
    first = first[created[following[first]] - days[first] <= REFERRED_WITHIN]
    prospect[first] = by_referral[following[first]]
    return prospect


def _assignments(block: Block) -> Any:
    """Who worked which account, and from when."""
    book, calendar = block.book, block.plan.calendar
    handed = np.flatnonzero(book.handed <= calendar.months)
    since = calendar.month_starts[book.handed[handed]]
    alive = (block.left[handed] > since) & (since < calendar.end)
    handed, since = handed[alive], since[alive]
    until = np.full(len(book.companies), NEVER)
    until[handed] = since
    return pa.table(
        {
            "account_id": account_ids(block, np.concatenate([np.arange(len(until)), handed])),
            "owner": rep_ids(block, np.concatenate([book.rep, book.rep_after[handed]])),
            "start": columns.dates(calendar, np.concatenate([book.acquired, since])),
            "end": columns.several(
                columns.dates(calendar, until, until == NEVER),
                columns.dates(calendar, since, np.ones(len(since), bool)),
            ),
        }
    )


def _activities(block: Block, rng: np.random.Generator) -> Any:
    rows, days = by_day(*block.life.events("activities"))
    book, calendar = block.book, block.plan.calendar
    month = np.searchsorted(calendar.month_starts, days, side="right") - 1
    rep = np.where(month >= book.handed[rows], book.rep_after[rows], book.rep[rows])
    return pa.table(
        {
            "owner": rep_ids(block, rep),
            "account_id": account_ids(block, rows),
            "prospect_id": pa.nulls(len(rows), pa.string()),
            "done_at": columns.dates(calendar, days),
            **contacts(block, book.companies[rows], rep, rng),
        }
    )
