"""A store of many accounts for the load benchmark: two nights of scores with all that pages show of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks.publishing import BLOCK, REPS, block, write_beside
from salesml.scoring.table import schema
from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.models import Generation
from salesml.store.moments import now
from salesml.store.passwords import kept
from salesml.store.people import User
from salesml.store.publish import publish
from salesml.store.retention import Retention

PASSWORD = "a password of the benchmark"
TEAM = 10
WEEK = dt.timedelta(days=7)
KEPT = Retention(whole=2)


def login(rep: int) -> str:
    return f"rep{rep:04d}@example.com"


def build(address: str, folder: Path, accounts: int) -> None:
    """Publish today's scores of so many accounts and those of a week before; nothing where they are there."""
    with Store(address) as store:
        migrate(store)
        if store.read(lambda con: con.execute(sa.select(sa.func.max(Generation.rows))).scalar()) == accounts:
            return
        beside = write_beside(folder, accounts)
        display = {"currency": "GBP", "horizon_days": 60, "words": {"employees": "People employed"}}
        today = dt.date.today()
        for day in (today - WEEK, today):
            path = _write(folder / f"scores-{day}.parquet", accounts, day)
            more = Beside(beside.recent, beside.moves, display)
            publish(
                store, path, entities=_entities(accounts), reps=_reps(), beside=more, retention=KEPT, say=print
            )
            path.unlink()
        _add_users(store)


def _write(path: Path, accounts: int, day: dt.date) -> Path:
    form = schema("churn")
    with pq.ParquetWriter(path, form, compression="zstd") as writer:
        for start in range(0, accounts, BLOCK):
            table = block(start + day.toordinal() % 2, min(BLOCK, accounts - start))
            ids = pa.array([f"A{start + row:09d}" for row in range(table.num_rows)])
            reps = pa.array([f"R{(start + row) % REPS:04d}" for row in range(table.num_rows)])
            for name, column in (
                ("entity_id", ids), ("rep_id", reps), ("as_of", pa.array([day] * table.num_rows)),
            ):  # fmt: skip
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
