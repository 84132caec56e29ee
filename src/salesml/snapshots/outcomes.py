"""What became of the prospects that were won: margin, repeat business, kept, referrals, as one query.

Everything is counted over the same time for everybody, ``[won_at, won_at + months)``, and only for
accounts whose time has been observed to its end.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlglot import exp

from salesml.config.spec import DAYS_OF_MONTH, Label
from salesml.snapshots.sql import (
    Expr,
    Steps,
    all_of,
    col,
    date,
    days_between,
    divided,
    double,
    either,
    equal,
    every,
    greatest,
    grouped,
    joined,
    larger,
    less,
    missing,
    more,
    named,
    number_of_rows,
    or_zero,
    over,
    present,
    rel,
    rising,
    row_number,
    select,
    smaller,
    text,
    total,
    when,
    whole,
)

KEPT = ""
LEFT_OUT = {
    "no-account": "won, but nothing says which account they became",
    "won-before-created": "won before they were created",
    "unknown-account": "won, but their account is not in the table of accounts",
    "won-again": "the account was won before, through another prospect",
    "not-observed": "won too lately: the time that counts has not been observed to its end",
}
"""Why won prospects have no outcome, in words."""

COLUMNS = (
    "earned", "cost_to_win", "cost_to_serve", "net_margin", "events", "repeat_events", "active_months",
    "kept", "referrals",
)  # fmt: skip
"""Numbers of every outcome; those that the tables do not tell are null."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Which tables there are to tell an outcome.

    Parameters
    ----------
    log, measure : str
        The log and the measure that ``value`` of the spec names, or empty texts.
    has_id : bool
        Whether rows of the log share an event id.
    returns : bool
        Whether the log has returns.
    accounts : bool
        Whether there is a table of accounts of the company's own.
    ended, activities, referrals : bool
        Whether accounts have an end, and whether there are activities and referrals.
    """

    log: str = ""
    measure: str = ""
    has_id: bool = False
    returns: bool = False
    accounts: bool = False
    ended: bool = False
    activities: bool = False
    referrals: bool = False


def outcomes_query(label: Label, told: Told, until: dt.date) -> tuple[exp.Select, exp.Select]:
    """The query of outcomes, one row per won prospect, and that of the others, counted by reason.

    Parameters
    ----------
    until : date
        The day before which everything has been observed.
    """
    steps = Steps()
    steps.add("won", _won(label, told, until))
    steps.add("times", select(exp.Star(), source=rel("won")).where(equal(col("reason"), text(KEPT))))
    if told.log:
        _add_business(steps, label, told)
    if told.activities:
        _add_costs(steps, label)
    if told.referrals:
        _add_referrals(steps)
    counts = select(col("reason"), named(number_of_rows(), "n"), source=rel("won"))
    counts = counts.where(exp.NEQ(this=col("reason"), expression=text(KEPT)))
    return steps.before(_rows(told)), steps.before(grouped(counts, [col("reason")]))


def _won(label: Label, told: Told, until: dt.date) -> exp.Select:
    """Everybody who was won, with the end of the time that counts and a reason to leave them out."""
    won, account = col("won_at", "p"), col("account", "p")
    end = exp.cast(
        exp.DateAdd(this=won.copy(), expression=whole(label.months), unit=exp.var("MONTH")),
        exp.DataType.Type.DATE,
    )
    turn = over(row_number(), by=[account.copy()], order=[rising(won.copy()), rising(col("id", "p"))])
    reasons = [
        exp.If(this=missing(account.copy()), true=text("no-account")),
        exp.If(this=won.copy() < col("created_at", "p"), true=text("won-before-created")),
    ]
    if told.accounts:
        reasons.append(exp.If(this=missing(col("id", "a")), true=text("unknown-account")))
    reasons += [
        exp.If(this=turn > whole(1), true=text("won-again")),
        exp.If(this=end.copy() > date(until), true=text("not-observed")),
    ]
    query = select(
        named(col("id", "p"), "prospect"),
        account,
        col("created_at", "p"),
        won,
        named(end, "until"),
        col("ended_at", "a"),
        named(exp.Case(ifs=reasons, default=text(KEPT)), "reason"),
        source=rel("prospects", "p"),
    )
    same = equal(col("id", "a"), col("account", "p"))
    query = joined(query, rel("accounts", "a"), same, kind="left")
    return query.where(every(present(won.copy()), won.copy() < date(until)))


def _add_business(steps: Steps, label: Label, told: Told) -> None:
    """What each account bought: money with returns, events and months without."""
    day = col("day", "e")
    bought: Expr = exp.Not(this=col("is_return", "e")) if told.returns else exp.true()
    month = smaller(
        exp.Floor(this=divided(days_between(col("won_at", "t"), day.copy()), _number(DAYS_OF_MONTH))),
        whole(label.months - 1),
    )
    late = every(bought.copy(), days_between(day.copy(), col("until", "t")) <= whole(label.inactive_days))
    # An event without an id is one of its own.
    alone = when(missing(col("event_id", "e")), whole(1)) if told.has_id else whole(1)
    ids = when(bought.copy(), col("event_id", "e")) if told.has_id else exp.Null()
    query = select(
        col("prospect", "t"),
        named(total(col(f"m_{told.measure}", "e")), "earned"),
        named(
            more(exp.Count(this=exp.Distinct(expressions=[ids])), or_zero(total(when(bought.copy(), alone)))),
            "events",
        ),
        named(exp.Count(this=exp.Distinct(expressions=[when(bought.copy(), month)])), "active_months"),
        named(greatest(when(late, whole(1), whole(0))), "active_late"),
        source=rel("times", "t"),
    )
    query = joined(
        query,
        rel(f"events_{told.log}", "e"),
        equal(col("account", "e"), col("account", "t")),
        day.copy() >= col("won_at", "t"),
        day.copy() < col("until", "t"),
    )
    steps.add("business", grouped(query, [col("prospect", "t")]))


def _add_costs(steps: Steps, label: Label) -> None:
    """What was spent on the prospect before it was won, and on it or its account within the time.

    An activity that names both counts once.
    """
    keys = [col("prospect", "t"), col("day", "x"), col("won_at", "t")]
    spent = more(
        or_zero(double(col("cost", "x"))), or_zero(double(col("hours", "x"))) * _number(label.hour_cost)
    )
    of_prospect = joined(
        select(*keys, named(spent, "spent"), source=rel("times", "t")),
        rel("activities", "x"),
        equal(col("prospect", "x"), col("prospect", "t")),
        col("day", "x") < col("until", "t"),
    )
    of_account = joined(
        select(*(each.copy() for each in keys), named(spent.copy(), "spent"), source=rel("times", "t")),
        rel("activities", "x"),
        equal(col("account", "x"), col("account", "t")),
        col("day", "x") < col("until", "t"),
        either(
            missing(col("prospect", "x")),
            exp.NEQ(this=col("prospect", "x"), expression=col("prospect", "t")),
        ),
    )
    before = col("day") < col("won_at")
    both = all_of([of_prospect, of_account]).subquery(exp.to_identifier("touches", quoted=True))
    query = select(
        col("prospect"),
        named(total(when(before, col("spent"), whole(0))), "to_win"),
        named(total(when(before.copy(), whole(0), col("spent"))), "to_serve"),
        source=both,
    )
    steps.add("costs_of", grouped(query, [col("prospect")]))


def _add_referrals(steps: Steps) -> None:
    query = joined(
        select(col("prospect", "t"), named(number_of_rows(), "referrals"), source=rel("times", "t")),
        rel("referrals", "r"),
        equal(col("account", "r"), col("account", "t")),
        col("day", "r") >= col("won_at", "t"),
        col("day", "r") < col("until", "t"),
    )
    steps.add("referred", grouped(query, [col("prospect", "t")]))


def _rows(told: Told) -> exp.Select:
    """Every outcome; an account that nothing is written of did nothing."""
    nothing = double(exp.Null())
    found: dict[str, Expr] = dict.fromkeys(COLUMNS, nothing)
    if told.log:
        events = or_zero(col("events", "business"))
        found["earned"] = or_zero(double(col("earned", "business")))
        found["events"] = events
        found["repeat_events"] = larger(less(events.copy(), whole(1)), whole(0))
        found["active_months"] = or_zero(col("active_months", "business"))
        found["kept"] = or_zero(col("active_late", "business"))
    if told.activities:
        found["cost_to_win"] = or_zero(col("to_win", "costs_of"))
        found["cost_to_serve"] = or_zero(col("to_serve", "costs_of"))
    if told.log:
        found["net_margin"] = found["earned"].copy()
        if told.activities:
            spent = more(found["cost_to_win"].copy(), found["cost_to_serve"].copy())
            found["net_margin"] = less(found["earned"].copy(), spent)
    if told.ended:
        gone = every(present(col("ended_at", "times")), col("ended_at", "times") < col("until", "times"))
        found["kept"] = when(gone, whole(0), whole(1))
    if told.referrals:
        found["referrals"] = or_zero(col("referrals", "referred"))
    keys = [col(name, "times") for name in ("prospect", "account", "created_at", "won_at", "until")]
    query = select(*keys, *(named(double(found[name]), name) for name in COLUMNS), source=rel("times"))
    for step, there in (("business", told.log), ("costs_of", told.activities), ("referred", told.referrals)):
        if there:
            query = joined(
                query, rel(step), equal(col("prospect", step), col("prospect", "times")), kind="left"
            )
    return query.order_by(col("won_at", "times"), col("prospect", "times"))


def _number(value: float) -> Expr:
    return exp.cast(exp.Literal.string(repr(float(value))), exp.DataType.Type.DOUBLE)
