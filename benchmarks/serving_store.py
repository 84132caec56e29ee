"""A store of many accounts for the load benchmark: scores with all that pages show, and a week before."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks.publishing import BLOCK, REPS, block, write_beside
from salesml.scoring.table import schema
from salesml.store.beside import Beside
from salesml.store.engine import Store, alone
from salesml.store.migrate import migrate
from salesml.store.models import HISTORY, PLACES, Generation, History, Moved, Reasons, Recent, Score
from salesml.store.moments import now
from salesml.store.passwords import kept
from salesml.store.people import User
from salesml.store.publish import publish

PASSWORD = "a password of the benchmark"
TEAM = 10
COPIES = 50
WEEK = dt.timedelta(days=7)


def login(rep: int) -> str:
    return f"rep{rep:04d}@example.com"


def build(address: str, folder: Path, accounts: int) -> None:
    """Publish scores of so many accounts, and figures of a week before; nothing where they are there.

    A fiftieth is published as any company does, then copied within the store under other ids: what pages
    read is the same, and it takes minutes.
    """
    with Store(address) as store:
        migrate(store)
        if store.read(lambda con: con.execute(sa.select(sa.func.max(Generation.rows))).scalar()) == accounts:
            return
        beside = write_beside(folder, accounts // COPIES)
        display = {"currency": "GBP", "horizon_days": 60, "words": {"employees": "People employed"}}
        path = _write(folder / "scores.parquet", accounts // COPIES)
        more = Beside(beside.recent, beside.moves, display)
        done = publish(store, path, entities=_entities(accounts // COPIES), reps=_reps(), beside=more)
        print(done.text(), flush=True)
        _copy(store, done.generation, accounts // COPIES)
        store.write(lambda con: _week_before(con, done.generation))
        _add_users(store)
        for engine in (store.published, store.feedback):
            with alone(store, engine) as connection:
                connection.exec_driver_sql("ANALYZE")


def _copy(store: Store, generation: int, places: int) -> None:
    """All rows of a generation again, under other ids and with a little less at stake."""
    first = generation * PLACES
    for copy in range(1, COPIES):
        prefix = sa.literal(f"{copy:02d}-")
        changed = {
            "id": lambda column, copy=copy: column + copy * places,
            "score_id": lambda column, copy=copy: column + copy * places,
            "entity_id": lambda column, prefix=prefix: prefix + column,
            "expected": lambda column, copy=copy: column * (1 - copy / 1000),
        }
        store.write(partial(_copy_once, first=first, places=places, changed=changed))
    more = {name: getattr(Generation, name) * COPIES for name in ("rows", "unscored")}
    store.write(
        lambda con: con.execute(sa.update(Generation).where(Generation.id == generation).values(more))
    )


def _copy_once(connection: sa.Connection, first: int, places: int, changed: dict[str, Any]) -> None:
    tables: list[Any] = [Score.__table__, Reasons.__table__, Recent.__table__, Moved.__table__]
    for table in tables:
        key = next(iter(table.primary_key))
        columns = [changed[each.name](each) if each.name in changed else each for each in table.columns]
        rows = sa.select(*columns).where(key.between(first, first + places - 1))
        connection.execute(sa.insert(table).from_select([each.name for each in table.columns], rows))


def _week_before(connection: sa.Connection, generation: int) -> None:
    """The figures of all accounts a week before, as retention leaves them: pages tell what changed since."""
    columns = [each for each in Generation.__table__.columns if each.name != "id"]
    earlier: dict[str, Any] = {"state": sa.literal(HISTORY), "digest": sa.literal("earlier")}
    earlier["as_of"] = sa.literal(dt.date.today() - WEEK)
    line = sa.select(*[earlier.get(each.name, each) for each in columns]).where(Generation.id == generation)
    connection.execute(sa.insert(Generation).from_select([each.name for each in columns], line))
    rows = sa.select(
        sa.literal(generation + 1), Score.entity_id, Score.probability * 0.9, Score.band, Score.value,
        Score.expected,
    )  # fmt: skip
    of = ["generation_id", "entity_id", "probability", "band", "value", "expected"]
    connection.execute(sa.insert(History).from_select(of, rows.where(Score.generation_id == generation)))


def _write(path: Path, accounts: int) -> Path:
    form, day = schema("churn"), dt.date.today()
    with pq.ParquetWriter(path, form, compression="zstd") as writer:
        for start in range(0, accounts, BLOCK):
            table = block(start, min(BLOCK, accounts - start))
            ids = pa.array([f"A{start + row:09d}" for row in range(table.num_rows)])
            reps = pa.array([f"R{(start + row) % REPS:04d}" for row in range(table.num_rows)])
            days = pa.array([day] * table.num_rows)
            for name, column in (("entity_id", ids), ("rep_id", reps), ("as_of", days)):
                place = form.get_field_index(name)
                table = table.set_column(place, form.field(name), column.cast(form.field(name).type))
            writer.write_table(table)
    return path


def _entities(accounts: int) -> pa.Table:
    attributes = json.dumps({"industry": "Retail", "employees": 120, "city": "Manchester", "since": 2019})
    return pa.table(
        {
            "entity_id": [f"A{row:09d}" for row in range(accounts)],
            "name": [f"Company {row:,} Ltd" for row in range(accounts)],
            "attributes": pa.array([attributes] * accounts),
        }
    )


def _reps() -> pa.Table:
    """Teams of ten; the first of each leads it."""
    rows = [
        {"rep_id": f"R{rep:04d}", "name": f"Rep {rep}", "team": f"Team {rep // TEAM}", "login": login(rep),
         "role": "rep" if rep % TEAM else "manager",
         "manager_id": f"R{rep - rep % TEAM:04d}" if rep % TEAM else None}
        for rep in range(REPS)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _add_users(store: Store) -> None:
    secret = kept(PASSWORD)
    lines = [
        {"login": login(rep), "role": None, "password": secret, "zone": None, "epoch": 0,
         "disabled_at": None, "created_at": now()}
        for rep in range(REPS)
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(sa.insert(User), lines), store.feedback)
