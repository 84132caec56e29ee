"""What prospects turned out to be worth, and the hours they took: the targets of the models of amounts.

One row per prospect that was open at an as-of date; it joins a snapshot by ``entity_id`` and ``as_of``.

The value is the sum of ``value`` over the spec's ``value_days`` from the day it was won, of the account that
it became; returns count against it, and a sum below zero is zero. Only what has been observed to its end
counts: a shorter time is not scaled up, since first orders, seasons and starting discounts would be scaled
up with it.

Hours are those of ``activities`` from the as-of date to the day the prospect was decided, or to the end of
the horizon. They are the hours that reps did spend: who is neglected looks cheap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from sqlglot import exp

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.contract import Contract
from salesml.snapshots.plan import history_days, observed
from salesml.snapshots.sql import (
    Expr,
    Steps,
    col,
    date,
    days_between,
    double,
    either,
    equal,
    every,
    grouped,
    joined,
    larger,
    missing,
    named,
    or_else,
    or_zero,
    present,
    rel,
    select,
    table_of,
    total,
    when,
    whole,
)
from salesml.windows import horizon

PROSPECTS, ACTIVITIES, HORIZONS = "prospects", "activities", "horizons"
HOURS_TYPE = exp.DataType.build("DECIMAL(18, 6)")
"""Sums of floats depend on the order of the rows; sums of decimals do not."""
MOST_DATES = 12


@dataclass(frozen=True)
class Worth:
    """What prospects were worth and took.

    Parameters
    ----------
    table : pyarrow.Table
        One row per prospect open at an as-of date, sorted by date, then prospect: ``entity_id``, ``as_of``,
        ``value`` (null where it was not won, nobody knows which account it became, or the time is not
        over), ``hours`` (null without ``activities``) and ``decided`` (whether it was won or lost within
        the horizon).
    sql : str
        The query that made it, as DuckDB reads it.
    """

    table: pa.Table
    sql: str = field(repr=False)


def has_value(spec: Spec, contract: Contract) -> bool:
    """Whether the contract says what a won prospect brought in."""
    table = contract.tables.get(PROSPECTS)
    known = table is not None and {"account", "won_at"} <= set(table.columns)
    return bool(spec.value) and known


def has_hours(contract: Contract) -> bool:
    """Whether the contract says what hours prospects took."""
    table = contract.tables.get(ACTIVITIES)
    return table is not None and {"prospect", "hours"} <= set(table.columns)


def value_dates(spec: Spec, crm: CRM) -> tuple[dt.date, ...]:
    """First days of months at which prospects stood whose value has been observed to its end, the latest.

    At most a dozen; none where the data are too short for the horizon and ``value_days`` after it.
    """
    seen = observed(spec, crm)
    last = value_observed(spec, crm) - dt.timedelta(days=spec.gap_days + spec.horizon_days + spec.value_days)
    first = seen.start + dt.timedelta(days=history_days(spec))
    found: list[dt.date] = []
    month = last.replace(day=1)
    while month >= first and len(found) < MOST_DATES:
        found.append(month)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return tuple(sorted(found))


def value_observed(spec: Spec, crm: CRM) -> dt.date:
    """The day until which both outcomes and the log of the value are known."""
    return min(observed(spec, crm).end, crm.observed(spec.value_log).end)


def worth(spec: Spec, crm: CRM, as_of: Sequence[dt.date]) -> Worth:
    """What the prospects open at each as-of date were worth and took.

    Parameters
    ----------
    spec : Spec
        Of conversion or fit.
    crm : CRM
    as_of : sequence of datetime.date
    """
    days = tuple(sorted(set(as_of)))
    until = value_observed(spec, crm) if has_value(spec, crm.contract) else None
    sql = worth_query(spec, crm.contract, days, until).sql("duckdb", pretty=True)
    with crm.connect() as con:
        return Worth(con.sql(sql).to_arrow_table().combine_chunks(), sql)


def worth_query(
    spec: Spec, contract: Contract, as_of: Sequence[dt.date], observed_until: dt.date | None
) -> exp.Select:
    """The query, over the canonical relations; the value is null without ``observed_until``."""
    steps = Steps()
    rows: list[list[Expr]] = []
    for day in as_of:
        rows.append([date(day), date(horizon(day, spec.horizon_days, spec.gap_days).end)])
    steps.add(HORIZONS, table_of(rows, ["as_of", "horizon_end"]))
    created, decided = col("created_at", "p"), _decided()
    query = select(
        named(col("id", "p"), "entity_id"),
        col("as_of", "h"),
        named(_value(spec, steps, observed_until), "value"),
        named(_hours(contract, steps), "hours"),
        named(every(present(decided), decided.copy() < col("horizon_end", "h")), "decided"),
        source=rel(PROSPECTS, "p"),
    )
    still_open = either(missing(decided.copy()), decided.copy() >= col("as_of", "h"))
    query = joined(query, rel(HORIZONS, "h"), created < col("as_of", "h"), still_open)
    if "values" in steps:
        query = joined(query, rel("values", "v"), equal(col("id", "v"), col("id", "p")), kind="left")
    if "spent" in steps:
        same = every(equal(col("id", "s"), col("id", "p")), equal(col("as_of", "s"), col("as_of", "h")))
        query = joined(query, rel("spent", "s"), same, kind="left")
    return steps.before(query.order_by(col("as_of", "h"), col("id", "p")))


def _decided() -> Expr:
    """The day on which a prospect was won or, failing that, lost."""
    return or_else(col("won_at", "p"), col("lost_at", "p"))


def _value(spec: Spec, steps: Steps, until: dt.date | None) -> Expr:
    if until is None:
        return double(exp.Null())
    since = days_between(col("won_at", "p"), col("day", "e"))
    brought = joined(
        select(
            col("id", "p"),
            named(total(col(f"m_{spec.value_measure}", "e")), "brought"),
            source=rel(PROSPECTS, "p"),
        ),
        rel(f"events_{spec.value_log}", "e"),
        equal(col("account", "e"), col("account", "p")),
        since >= whole(0),
        since.copy() < whole(spec.value_days),
    )
    steps.add("values", grouped(brought, [col("id", "p")]))
    over = days_between(col("won_at", "p"), date(until)) >= whole(spec.value_days)
    sum_ = larger(double(or_zero(col("brought", "v"))), double(whole(0)))
    in_time = every(present(col("account", "p")), col("won_at", "p") < col("horizon_end", "h"), over)
    return when(in_time, sum_)


def _hours(contract: Contract, steps: Steps) -> Expr:
    if not has_hours(contract):
        return double(exp.Null())
    spent = joined(
        select(
            col("id", "p"),
            col("as_of", "h"),
            named(total(exp.cast(col("hours", "a"), HOURS_TYPE)), "hours"),
            source=rel(PROSPECTS, "p"),
        ),
        rel(ACTIVITIES, "a"),
        equal(col("prospect", "a"), col("id", "p")),
        col("hours", "a") > whole(0),
    )
    spent = joined(
        spent,
        rel(HORIZONS, "h"),
        col("day", "a") >= col("as_of", "h"),
        col("day", "a") < col("horizon_end", "h"),
        either(missing(_decided()), col("day", "a") <= _decided()),
    )
    steps.add("spent", grouped(spent, [col("id", "p"), col("as_of", "h")]))
    return double(or_zero(col("hours", "s")))
