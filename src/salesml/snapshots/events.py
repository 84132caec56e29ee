"""The steps that every feature of an event log starts from: rows, events, days with activity."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from salesml.crm.contract import Contract, EventLog
from salesml.snapshots.build import Build
from salesml.snapshots.entity import Entity
from salesml.snapshots.sql import (
    Expr,
    all_of,
    col,
    date,
    equal,
    every,
    first_of,
    grouped,
    joined,
    least,
    missing,
    named,
    over,
    present,
    rel,
    rising,
    row_number,
    select,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import calendar

ACTIVE = exp.Not(this=col("is_return"))


def log_step(log: str, what: str) -> str:
    """The name of a log's step; two underscores, since no relation's name has them."""
    return f"{log}__{what}"


@dataclass(frozen=True)
class Log:
    """An event log and the names of its steps.

    ``measures`` and ``categories`` are those that may become features; ``source`` is what the registry
    says they come from, ``relation`` where the rows stand.
    """

    log: EventLog
    measures: tuple[str, ...]
    categories: tuple[str, ...]
    source: str
    relation: str

    @property
    def name(self) -> str:
        return self.log.name

    @property
    def has_returns(self) -> bool:
        return bool(self.log.returns)

    @property
    def arrives_late(self) -> bool:
        """Whether rows may become known after the day they are of."""
        return bool(self.log.known_at)

    @property
    def spreads(self) -> bool:
        """Whether a part of an event may become known after the event's day."""
        return self.arrives_late or bool(self.log.id)

    def step(self, what: str) -> str:
        return log_step(self.name, what)


def logs_of(contract: Contract, entity: Entity) -> dict[str, EventLog]:
    """The event logs whose rows name such an entity."""
    return {name: log for name, log in contract.events.items() if getattr(log, entity.key)}


def usable_log(build: Build, log: EventLog) -> Log:
    """The log without what must not become a feature."""
    return Log(
        log,
        tuple(name for name in log.measures if not build.withheld(f"events.{log.name}", name)),
        tuple(name for name in log.categories if not build.withheld(f"events.{log.name}", name)),
        source=f"events.{log.name}",
        relation=f"events_{log.name}",
    )


def add_event_steps(build: Build, log: Log, extra_measures: tuple[str, ...] = ()) -> None:
    """Rows known before the last as-of date, the calendar of their days, events, days of activity."""
    measures = tuple(dict.fromkeys((*log.measures, *extra_measures)))
    _rows(build, log, measures)
    _calendar(build, log)
    build.steps.add(log.step("events"), _events(log, measures))
    days = select(
        col("entity"), col("day"), named(least(col("known_day")), "known_day"), source=rel(log.step("rows"))
    ).where(ACTIVE.copy())
    build.steps.add(log.step("days"), grouped(days, [col("entity"), col("day")]))


def placed(log: Log, step: str, *, known: bool) -> exp.Select:
    """A step of rows ``e`` with the interval of their day (``d.i``) and of when they were known (``n.i``)."""
    query = exp.select().from_(rel(step, "e"))
    query = joined(query, rel(log.step("calendar"), "d"), equal(col("day", "d"), col("day", "e")))
    if known:
        query = joined(query, rel(log.step("calendar"), "n"), equal(col("day", "n"), col("known_day", "e")))
    return query


def _rows(build: Build, log: Log, measures: tuple[str, ...]) -> None:
    key = col(build.entity.key)
    known: Expr = col("known_day") < date(build.timeline.as_of[-1])
    if log.log.account and log.log.prospect:
        known = every(known, present(key))
    columns: list[Expr] = [named(key.copy(), "entity"), col("day"), col("known_day"), col("is_return")]
    if log.log.id:
        columns.append(col("event_id"))
    columns += [col(f"m_{name}") for name in measures]
    columns += [col(f"c_{name}") for name in log.categories]
    build.steps.add(log.step("rows"), select(*columns, source=rel(log.relation)).where(known))


def _calendar(build: Build, log: Log) -> None:
    days = select(col("day"), source=rel(log.step("rows")), distinct=True)
    if log.arrives_late:
        known = select(named(col("known_day"), "day"), source=rel(log.step("rows")), distinct=True)
        days = select(col("day"), source=all_of([days, known]).subquery("both"), distinct=True)
    build.steps.add(log.step("calendar"), calendar(days))


def _events(log: Log, measures: tuple[str, ...]) -> exp.Select:
    """One row per event; with an id, one per part of an event that became known on its own.

    Rows that share account, id and being a return are one event. It is of the day of its first
    known row, counts once (``n``), and ``t_`` is its total as far as it was known by then.
    """
    rows = rel(log.step("rows"))
    single = [col("entity"), col("is_return"), col("day"), col("known_day"), named(whole(1), "n")]
    for name in measures:
        single += [col(f"m_{name}"), named(col(f"m_{name}"), f"t_{name}")]
    alone = select(*single, source=rows)
    if not log.log.id:
        return alone
    keys = [col("entity"), col("event_id"), col("is_return")]
    parts = select(
        *keys,
        col("day"),
        col("known_day"),
        *(named(total(col(f"m_{name}")), f"m_{name}") for name in measures),
        source=rows.copy(),
    ).where(present(col("event_id")))
    parts = grouped(parts, [*keys, col("day"), col("known_day")])
    order = [rising(col("known_day")), rising(col("day"))]
    columns = [
        col("entity"),
        col("is_return"),
        named(over(first_of(col("day")), by=keys, order=order), "day"),
        col("known_day"),
        named(
            when(equal(over(row_number(), by=keys, order=order), whole(1)), whole(1), whole(0)),
            "n",
        ),
    ]
    for name in measures:
        so_far = over(total(col(f"m_{name}")), by=keys, order=[rising(col("known_day"))])
        columns += [col(f"m_{name}"), named(so_far, f"t_{name}")]
    together = select(*columns, source=parts.subquery(exp.to_identifier("parts", quoted=True)))
    return all_of([together, alone.where(missing(col("event_id")))])
