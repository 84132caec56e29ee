"""A snapshot in slices of entities is the whole one, bit by bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.config import Spec
from salesml.crm import CRM
from salesml.snapshots import slices as slices_module
from salesml.snapshots import take
from salesml.snapshots.ask import ask
from salesml.snapshots.entity import ACCOUNT, PROSPECT
from salesml.snapshots.query import compose
from salesml.snapshots.slices import MOST, Slices, allowed, choose_cuts, how_many, keyed
from salesml.snapshots.stage import OnDisk, Try, stage
from tests.histories import company_crm, leads_crm
from tests.snapshots.company import conversion_of, crm_of, day, order, spec_of

DAY = day(100)
CUTS = ["Z1", "a", "z2", "É", "ß1"]
"""Between ids of ``tests.histories``, in the order of bytes."""

RANKS = (
    "SELECT account AS entity_id, rank() OVER (ORDER BY sum(m_revenue), account) AS place, "
    "sum(m_revenue) / sum(sum(m_revenue)) OVER () AS share FROM events_orders GROUP BY account"
)
PEERS = (
    "WITH by_day AS (SELECT acquired_at, count(*) AS n FROM accounts GROUP BY acquired_at) "
    "SELECT id AS entity_id, n FROM accounts JOIN by_day USING (acquired_at)"
)
CROWD = (
    "SELECT id AS entity_id, count(*) OVER (PARTITION BY created_at) AS n, "
    "row_number() OVER (ORDER BY created_at, id) AS place FROM prospects"
)


def sliced(spec: Spec, crm: CRM, folder: Path, cuts: list[str]) -> tuple[OnDisk, pa.Table]:
    """A snapshot in slices that begin at the cuts, and its rows."""
    folder.mkdir()
    done = stage(spec, crm, DAY, folder, threads=2, cut=lambda _: cuts)
    assert len(done.parts) == len(cuts) + 1
    return done, joined([part.rows for part in done.parts])


def joined(paths: list[Path]) -> pa.Table:
    """Files one after the other; DuckDB says of each whether a column has any value missing."""
    tables = [pq.read_table(path) for path in paths]
    return pa.concat_tables([table.cast(all_nullable(table.schema)) for table in tables])


def all_nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])


def bits(table: pa.Table) -> list[list[Any]]:
    """Every value, zeros with their sign."""
    return [
        [(each, math.copysign(1, each)) if isinstance(each, float) else each for each in column.to_pylist()]
        for column in table.columns
    ]


def check_same(spec: Spec, crm: CRM, work: Path) -> None:
    wanted = take(spec, crm, [DAY], labels=False)
    assert wanted.table.num_rows > 3
    assert wanted.unscorable is not None
    for number, cuts in enumerate(([], ["b"], CUTS)):
        done, found = sliced(spec, crm, work / str(number), cuts)
        assert found.schema.names == wanted.table.schema.names
        assert bits(found) == bits(wanted.table)
        assert done.dropped == wanted.dropped
        out = joined([part.unscorable for part in done.parts])
        assert out.to_pylist() == wanted.unscorable.select(["entity_id", "problem"]).to_pylist()


CHURN: dict[str, Callable[[Path], Spec]] = {
    "inactivity": lambda folder: spec_of(folder, value="orders.revenue", features={"ranks": {"sql": RANKS}, "peers": {"sql": PEERS}}),
    "contract": lambda folder: spec_of(folder, label={"kind": "contract"}, value="orders.revenue"),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("label", CHURN)
def test_accounts(tmp_path: Path, label: str, seed: int) -> None:
    late = {"orders": {"known_at": None}} if seed % 2 else {}
    check_same(CHURN[label](tmp_path), company_crm(tmp_path, seed, **late), work_of(tmp_path))


@pytest.mark.parametrize("seed", range(4))
def test_prospects(tmp_path: Path, seed: int) -> None:
    spec = conversion_of(tmp_path, features={"crowd": {"sql": CROWD}})
    check_same(spec, leads_crm(tmp_path, seed), work_of(tmp_path))


def work_of(folder: Path) -> Path:
    work = folder / "work"
    work.mkdir()
    return work
