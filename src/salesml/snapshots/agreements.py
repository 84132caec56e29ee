"""Facts of the account's contracts: how long until the planned end, the plan, what is paid."""

from __future__ import annotations

from salesml.snapshots.build import Build
from salesml.snapshots.entity import ACCOUNT
from salesml.snapshots.feature import Feature, Form, Kind
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    double,
    either,
    equal,
    falling,
    greatest,
    grouped,
    joined,
    least,
    missing,
    named,
    number_of_rows,
    or_zero,
    over,
    rel,
    rising,
    row_number,
    select,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES

CONTRACTS = "contracts"
FACTS, MAIN = "contract_facts", "main_contract"


def add_agreements(build: Build) -> None:
    """Steps and features of the contracts that began before the as-of date.

    A contract runs while its planned end is not before the as-of date, or open. The main contract
    is the running one with the largest amount; ties go by later start, then plan, then discount.
    """
    if CONTRACTS not in build.contract.tables or build.entity is not ACCOUNT:
        return
    _facts(build)
    _main(build)
    columns = build.contract.tables[CONTRACTS].columns
    for key, made in _features(build).items():
        for feature, expression in made:
            column = columns.get(key, "")
            if column and not build.withheld(CONTRACTS, column) and key not in build.spec.protected:
                fields = {**feature.as_dict(), "column": column, "tag": build.tag(column, build.tag(key))}
                build.feature(Feature.from_dict(fields), expression)


def _facts(build: Build) -> None:
    start, end = col("start", "c"), col("end", "c")
    as_of = col("as_of", "d")
    running = either(missing(end), end.copy() >= as_of)
    keys = [col("account", "c"), col("k", "d")]
    query = joined(
        select(
            named(keys[0].copy(), "entity"),
            keys[1],
            named(number_of_rows(), "contracts"),
            named(total(when(running, whole(1))), "running"),
            named(least(when(running.copy(), end.copy())), "next_end"),
            named(greatest(end.copy()), "last_end"),
            named(greatest(start), "last_start"),
            named(least(start.copy()), "first_start"),
            named(total(when(running.copy(), col("amount", "c"))), "amount"),
            source=rel(CONTRACTS, "c"),
        ),
        rel(DATES, "d"),
        start.copy() < as_of.copy(),
    )
    build.join(build.steps.add(FACTS, grouped(query, keys)))


def _main(build: Build) -> None:
    keys = [col("account", "c"), col("k", "d")]
    order = [
        falling(col("amount", "c")),
        falling(col("start", "c")),
        rising(col("plan", "c")),
        rising(col("discount", "c")),
    ]
    ranked = joined(
        select(
            *keys,
            col("plan", "c"),
            col("discount", "c"),
            named(over(row_number(), by=keys, order=order), "rank"),
            source=rel(CONTRACTS, "c"),
        ),
        rel(DATES, "d"),
        col("start", "c") < col("as_of", "d"),
        either(missing(col("end", "c")), col("end", "c") >= col("as_of", "d")),
    )
    query = select(
        named(col("account"), "entity"),
        col("k"),
        col("plan"),
        col("discount"),
        source=ranked.subquery("ranked"),
    ).where(equal(col("rank"), whole(1)))
    build.join(build.steps.add(MAIN, query))


def _features(build: Build) -> dict[str, list[tuple[Feature, Expr]]]:
    as_of, unit = col("as_of", DATES), build.contract.currency

    def made(
        name: str, words: str, group: str, form: Form, expression: Expr, kind: Kind = "number"
    ) -> tuple[Feature, Expr]:
        units = {"days": "days", "money": unit, "count": "contracts"}
        return (
            Feature(
                name=f"contract_{name}", kind=kind, source=CONTRACTS, unit=units.get(form, ""),
                form="number" if form == "money" and not unit else form, words=words,
                group=f"contracts.{group}",
            ),
            expression,
        )  # fmt: skip

    to_end = days_between(as_of, col("next_end", FACTS))
    since_end = when(
        equal(or_zero(col("running", FACTS)), whole(0)), days_between(col("last_end", FACTS), as_of.copy())
    )
    return {
        "end": [
            made("days_to_end", "days to the planned end of the contract", "end", "days", double(to_end)),
            made("days_since_end", "days since the last contract ended", "end", "days", double(since_end)),
        ],
        "start": [
            made(
                "days_since_start", "days since the latest contract began", "start", "days",
                double(days_between(col("last_start", FACTS), as_of.copy())),
            ),
            made(
                "days_since_first", "days since the first contract began", "start", "days",
                double(days_between(col("first_start", FACTS), as_of.copy())),
            ),
            made("count", "contracts so far", "count", "count", double(or_zero(col("contracts", FACTS)))),
            made("running", "running contracts", "count", "count", double(or_zero(col("running", FACTS)))),
        ],
        "plan": [made("plan", "plan", "plan", "category", col("plan", MAIN), "category")],
        "amount": [
            made("amount", "amount of the running contracts", "amount", "money", double(col("amount", FACTS)))
        ],
        "discount": [made("discount", "discount", "discount", "number", double(col("discount", MAIN)))],
    }  # fmt: skip
