"""The latest events of everybody who is published, as they were known before the scores' date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.crm import CRM
from salesml.lifecycle.recent_sql import LISTED, Hidden, query_of
from salesml.snapshots.entity import ACCOUNT, PROSPECT

SCHEMA: Final = pa.schema(
    [
        ("entity_id", pa.string()),
        (
            "events",
            pa.list_(
                pa.struct(
                    [
                        ("day", pa.date32()),
                        ("words", pa.string()),
                        ("detail", pa.string()),
                        ("amount", pa.float64()),
                    ]
                )
            ),
        ),
    ]
)

AT_ONCE: Final = 200_000
"""Accounts or prospects whose events are sorted at once: bounds the memory that it takes."""
MEMORY: Final = "900MB"
ROWS: Final = 20_000


def write_recent(
    crm: CRM, task: str, as_of: dt.date, ids: pa.Array, path: Path, protected: Collection[str] = ()
) -> Path | None:
    """Write the latest events of some accounts or prospects; nothing where crm.yaml has no events of them.

    Parameters
    ----------
    as_of : date
        Nothing of that day or later is told, nor what became known then.
    ids : Array
        Of those who are published.
    path : Path
        A new Parquet file, of one row for each who has events: ``entity_id`` and ``events``, newest first,
        each with ``day``, ``words``, ``detail`` and ``amount``. In the order of the ids, so that the same
        tables give the same file.
    protected : collection of str
        Columns that are not shown, beside those that crm.yaml excludes.
    """
    entity = ACCOUNT if task == "churn" else PROSPECT
    with crm.connect(memory=MEMORY, views=True) as con:
        query = query_of(crm.contract, entity, Hidden(crm.contract, protected))
        if not query:
            return None
        with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
            for some in _parts(ids):
                for batch in _events(con, query, some, as_of):
                    writer.write_batch(batch)
    return path


def _parts(ids: pa.Array) -> Iterator[pa.Array]:
    """Ids in their order, so many at once."""
    known = pc.unique(ids.cast(pa.string()).drop_null())
    known = known.take(pc.sort_indices(known))
    for start in range(0, len(known), AT_ONCE):
        yield known.slice(start, AT_ONCE)


def _events(
    con: duckdb.DuckDBPyConnection, query: str, ids: pa.Array, as_of: dt.date
) -> Iterator[pa.RecordBatch]:
    con.register("wanted", pa.table({"id": ids}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {LISTED} AS SELECT id FROM wanted")
    con.unregister("wanted")
    for batch in con.sql(query, params={"as_of": as_of}).to_arrow_reader(ROWS):
        yield pa.RecordBatch.from_arrays(
            [batch.column(field.name).cast(field.type) for field in SCHEMA], schema=SCHEMA
        )
