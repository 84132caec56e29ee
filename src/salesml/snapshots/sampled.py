"""A snapshot of a sample of all entities, for whoever looks at distributions and not at anybody's row.

Whether an entity is in the sample depends on the digest of its id alone, so that the same ones are in it on
every date, on every machine, whoever else comes or goes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.sources import identifier
from salesml.snapshots.ask import ask
from salesml.snapshots.check import check_dated, check_spec
from salesml.snapshots.entity import entity_of
from salesml.snapshots.query import Query, Question, compose
from salesml.snapshots.slices import Keyed, keyed
from salesml.snapshots.snapshot import Snapshot
from salesml.snapshots.take import _check_rows, _dropped, _run

SCHEMA = "sample"
PARTS = 1_000_000
"""Digests are dealt out into so many parts, of which the sample takes the first."""


class Sample:
    """Takes snapshots of about so many entities.

    Parameters
    ----------
    spec : Spec
    crm : CRM
    entities : int
        All are taken where there are hardly more.
    con : duckdb.DuckDBPyConnection
        Made by ``crm.connect``, for this sample alone.
    """

    def __init__(self, spec: Spec, crm: CRM, entities: int, con: duckdb.DuckDBPyConnection) -> None:
        check_spec(spec, crm.contract)
        self._spec, self._crm, self._con = spec, crm, con
        self._entity = entity_of(spec)
        ((self.of,),) = con.execute(f"SELECT count(*) FROM {identifier(self._entity.table)}").fetchall()
        self.share = min(1.0, entities / self.of) if self.of > 1.25 * entities else 1.0
        self._made: set[str] = set()

    def take(self, as_of: Sequence[dt.date], *, labels: bool) -> Snapshot:
        """As :func:`salesml.snapshots.take`, of the sample."""
        if labels:
            check_dated(self._spec)
        self._con.execute("SET search_path = 'main'")
        question = ask(self._spec, self._crm, as_of, labels=labels, con=self._con)
        if self.share == 1:
            return self._taken(question)
        question = replace(question, sliced=True)
        query = compose(question)
        relations = keyed(query, question.columns, self._entity)
        if relations is None:
            self.share = 1.0
            return self._taken(replace(question, sliced=False))
        self._draw(query, relations)
        return self._taken(question)

    def _draw(self, query: Query, relations: Sequence[Keyed]) -> None:
        """Have tables of the sample stand before those of all."""
        self._con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        across = []
        for each in query.across:
            name = identifier(each.name)
            self._con.execute(f"CREATE OR REPLACE TABLE main.{name} AS {each.query.sql('duckdb')}")
            if each.of_entity:
                across.append(Keyed(each.name, "entity", ("*",)))
        for relation in relations:
            if relation.name not in self._made:
                self._filter(relation)
        self._made |= {relation.name for relation in relations}
        for relation in across:
            self._filter(relation)
        self._con.execute(f"SET search_path = '{SCHEMA},main'")

    def _filter(self, relation: Keyed) -> None:
        name, key = identifier(relation.name), identifier(relation.key)
        within = f"md5_number_lower({key}) % {PARTS} < {round(self.share * PARTS)}"
        self._con.execute(
            f"CREATE OR REPLACE TABLE {SCHEMA}.{name} AS SELECT * FROM main.{name} WHERE {within}"
        )

    def _taken(self, question: Question) -> Snapshot:
        query = compose(question)
        try:
            sql, table = _run(query, self._con)
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            # Somebody's running total needs more than 64 bits.
            query = compose(replace(question, wide=True))
            sql, table = _run(query, self._con)
        _check_rows(table, self._entity)
        return Snapshot(
            table=table, features=query.features, sql=sql,
            dropped=_dropped(self._con, query, question), entity=self._entity,
        )  # fmt: skip
