"""Recent events of a company's tables as SQL: one query for each kind, of the same columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from salesml.crm.contract import Contract, EventLog
from salesml.crm.sources import identifier, quoted
from salesml.snapshots.activities import ACTIVITIES
from salesml.snapshots.build import plural
from salesml.snapshots.entity import Entity
from salesml.snapshots.stages import STAGES
from salesml.words import english as words
from salesml.words.facts import money_unit
from salesml.words.reasons import capital

CONTRACTS = "contracts"
SHOWN = 10
"""Events of one account or prospect at most."""
OF_A_KIND = 3
"""Events of each kind that come before older ones of a busier kind: logins must not hide the one ticket."""

LISTED = "listed"
"""The table of ids that events are wanted of."""


@dataclass(frozen=True)
class Kind:
    """One kind of events: the rows of a relation that are of one.

    Parameters
    ----------
    relation : str
    entity, day : str
        SQL of whom and of the day.
    known : str
        SQL of the day from which on it is known.
    one : str
        What a rep calls one.
    detail, amount : str
        SQL of what else it is called, and of its money; empty for none.
    events : str
        SQL that counts events in rows.
    where : str
        SQL of the rows; empty for all.
    """

    relation: str
    entity: str
    day: str
    known: str
    one: str
    detail: str = ""
    amount: str = ""
    events: str = "count(*)"
    where: str = ""


def query_of(contract: Contract, entity: Entity, hidden: Hidden) -> str:
    """The query of the latest events of those who are :data:`LISTED`, with a parameter ``as_of``.

    It gives ``entity_id`` and ``events``, a list of ``day, words, detail, amount``, newest first. Events of
    one kind and day are one. Only what was known before the as-of date is asked for. Empty where there is
    nothing to ask.
    """
    kinds = list(_kinds(contract, entity, hidden))
    if not kinds:
        return ""
    parts = " UNION ALL ".join(_latest(kind, place) for place, kind in enumerate(kinds))
    order = "day DESC, kind, words, detail, amount"
    chosen = f"row_number() OVER (PARTITION BY id ORDER BY nth > {OF_A_KIND}, {order}) <= {SHOWN}"
    event = "struct_pack(day := day, words := words, detail := detail, amount := amount)"
    return (
        f"SELECT id AS entity_id, list({event} ORDER BY {order}) AS events "
        f"FROM (SELECT * FROM ({parts}) QUALIFY {chosen}) GROUP BY id ORDER BY id"
    )


class Hidden:
    """Which columns are never shown: those that crm.yaml excludes, and those that the spec protects."""

    def __init__(self, contract: Contract, protected: Collection[str] = ()) -> None:
        self.contract = contract
        self.protected = frozenset(protected)

    def __call__(self, table: str, *names: str) -> bool:
        """Whether a column of a table is hidden under one of its names."""
        tables = (table, table.removeprefix("events."))
        excluded = any(self.contract.excluded(each, name) for each in tables for name in names)
        return excluded or not self.protected.isdisjoint(names)

    def within(self, table: str, sql: str) -> bool:
        """Whether an expression reads a hidden column."""
        read = sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Column)
        return any(self(table, each.name) for each in read)


def _kinds(contract: Contract, entity: Entity, hidden: Hidden) -> Iterator[Kind]:
    for log in contract.events.values():
        if getattr(log, entity.key):
            yield from _of_log(log, contract.currency, entity, hidden)
    if contract.tables.get(ACTIVITIES) and entity.key in contract.tables[ACTIVITIES].columns:
        yield _activities(contract, entity, hidden)
    if entity.key == "prospect" and STAGES in contract.tables:
        yield from _stages(contract, hidden)
    if entity.key == "account" and CONTRACTS in contract.tables:
        yield from _contracts(contract, hidden)


def _of_log(log: EventLog, currency: str, entity: Entity, hidden: Hidden) -> Iterator[Kind]:
    name = f"events.{log.name}"
    money = next((each for each in log.measures if money_unit(currency or "money", each)), "")
    shown = money and not hidden(name, money) and not hidden.within(name, log.measures[money])
    parts = {
        "relation": f"events_{log.name}", "entity": identifier(entity.key), "day": "day",
        "known": "known_day", "amount": identifier(f"m_{money}") if shown else "",
        "events": "count(DISTINCT event_id) + count(*) FILTER (event_id IS NULL)" if log.id else "count(*)",
    }  # fmt: skip
    if not log.returns:
        yield Kind(**parts, one=log.singular)
        return
    yield Kind(**parts, one=log.singular, where="NOT coalesce(is_return, false)")
    yield Kind(**parts, one=words.RETURNED.format(noun=log.singular), where="is_return")


def _activities(contract: Contract, entity: Entity, hidden: Hidden) -> Kind:
    kind = contract.tables[ACTIVITIES].columns.get("kind", "")
    shown = kind and not hidden(ACTIVITIES, "kind", kind)
    return Kind(
        ACTIVITIES, identifier(entity.key), "day", "day", words.ACTIVITY, detail="kind" if shown else ""
    )


def _stages(contract: Contract, hidden: Hidden) -> Iterator[Kind]:
    if not hidden(STAGES, "stage", contract.tables[STAGES].columns["stage"]):
        yield Kind(STAGES, "prospect", "day", "day", words.STAGE, detail="stage")


def _contracts(contract: Contract, hidden: Hidden) -> Iterator[Kind]:
    table = contract.tables[CONTRACTS].columns
    plan, amount = (
        key if table.get(key) and not hidden(CONTRACTS, key, table[key]) else "" for key in ("plan", "amount")
    )
    for day, one in (("start", words.CONTRACT_BEGAN), ("end", words.CONTRACT_ENDED)):
        if table.get(day):
            yield Kind(CONTRACTS, "account", identifier(day), identifier(day), one, plan, amount)


def _latest(kind: Kind, place: int) -> str:
    """The latest days of one kind: of each the number of events, and their money together."""
    one = words.EVENT.format(One=capital(kind.one))
    several = words.EVENTS.format(number="{:,}", many=plural(kind.one))
    amount = f"round(CAST(sum({kind.amount}) AS DOUBLE), 2)" if kind.amount else "CAST(NULL AS DOUBLE)"
    conditions = [f"{kind.known} < $as_of", kind.where]
    days = (
        f"SELECT {kind.entity} AS id, {kind.day} AS day, "
        f"CAST({kind.detail or 'NULL'} AS VARCHAR) AS detail, {kind.events} AS n, {amount} AS amount "
        f"FROM {identifier(kind.relation)} SEMI JOIN {LISTED} ON {LISTED}.id = {kind.entity} "
        f"WHERE {' AND '.join(filter(None, conditions))} GROUP BY ALL"
    )
    told = f"CASE WHEN n = 1 THEN {quoted(one)} ELSE format({quoted(several)}, n) END"
    nth = "row_number() OVER (PARTITION BY id ORDER BY day DESC, detail)"
    return (
        f"SELECT id, day, {place} AS kind, {told} AS words, detail, amount, {nth} AS nth FROM ({days}) "
        f"QUALIFY nth <= {SHOWN}"
    )
