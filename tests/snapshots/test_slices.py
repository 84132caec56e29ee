"""A snapshot in slices of entities is the whole one, bit by bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.config import Spec
from salesml.crm import CRM
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
    for number, cuts in enumerate((["a"], CUTS)):
        done, found = sliced(spec, crm, work / str(number), cuts)
        assert found.schema.names == wanted.table.schema.names
        assert bits(found) == bits(wanted.table)
        assert done.dropped == wanted.dropped
        out = joined([part.unscorable for part in done.parts])
        assert out.to_pylist() == wanted.unscorable.select(["entity_id", "problem"]).to_pylist()


CHURN: dict[str, Callable[[Path], Spec]] = {
    "inactivity": lambda folder: spec_of(
        folder, value="orders.revenue", features={"ranks": {"sql": RANKS}, "peers": {"sql": PEERS}}
    ),
    "contract": lambda folder: spec_of(folder, label={"kind": "contract"}, value="orders.revenue"),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("label", CHURN)
def test_accounts(tmp_path: Path, label: str, seed: int) -> None:
    late = {"orders": {"known_at": None}} if seed % 2 else {}
    check_same(CHURN[label](tmp_path), company_crm(tmp_path, seed, **late), work_of(tmp_path))


@pytest.mark.parametrize("seed", range(3))
def test_prospects(tmp_path: Path, seed: int) -> None:
    spec = conversion_of(tmp_path, features={"crowd": {"sql": CROWD}})
    check_same(spec, leads_crm(tmp_path, seed), work_of(tmp_path))


def work_of(folder: Path) -> Path:
    work = folder / "work"
    work.mkdir()
    return work


@pytest.mark.parametrize(
    ("rows", "memory", "finer", "slices"),
    [
        (0, 900 << 20, 1, 1), (4_000_000, 900_000_000, 1, 1), (5_000_000, 900_000_000, 1, 2),
        (33_000_000, 900_000_000, 1, 8), (5_000_000, 900_000_000, 4, 8), (10**11, 900_000_000, 4, MOST),
        (0, 900_000_000, 16, 16),
    ],
)  # fmt: skip
def test_how_many_slices(rows: int, memory: int, finer: int, slices: int) -> None:
    assert how_many(rows, memory, finer) == slices


@pytest.mark.parametrize(("limit", "bytes_"), [("900MB", 9e8), ("2GB", 2e9), ("512MiB", 2**29)])
def test_what_a_connection_may_take(tmp_path: Path, limit: str, bytes_: float) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0)]})
    with crm.connect(memory=limit) as con:
        assert allowed(con) == pytest.approx(bytes_, rel=0.05)  # it says one digit after the point


@pytest.mark.parametrize("typed", [True, False])
def test_slices_hold_about_as_many_rows_each(tmp_path: Path, typed: bool) -> None:
    rows = [order(f"c{n % 400:03d}", n % 90) for n in range(4_000)] + [order("c100", 5)] * 1_000
    crm = crm_of(tmp_path, {"orders": rows})
    work = work_of(tmp_path)
    with crm.connect(work=work) as con:
        question = ask(spec_of(tmp_path), crm, [DAY], labels=False, con=con)
        query = compose(replace(question, sliced=True))
        relations = keyed(query, question.columns, ACCOUNT)
        assert relations is not None
        assert [(each.name, each.key) for each in relations] == [
            ("accounts", "id"), ("events_orders", "account"),
        ]  # fmt: skip
        cuts = choose_cuts(con, relations, 5_400, 4)
        assert len(cuts) == 3
        assert cuts == sorted(cuts, key=str.encode)
        slices = Slices(con, query, relations, cuts, work / "slices", typed=typed)
        assert (work / "slices").exists() != typed
        sizes = []
        for number in range(4):
            slices.show(number)
            sizes += con.execute("SELECT count(*) FROM events_orders").fetchall()[0]
    assert sum(sizes) == 5_000
    assert max(sizes) < 2_700, "one account's rows stay together, and no slice is much larger for it"
    assert min(sizes) > 500


def test_ids_of_any_kind_can_be_cut_at(tmp_path: Path) -> None:
    names = ["a\0b", "a'; DROP", "\U0001f600", "x" * 10_000, "", " ", "é\n"] + [f"n{n}" for n in range(13)]
    rows = [order(name, at) for name in names for at in range(60, 99, 3)]
    spec, crm, work = spec_of(tmp_path), crm_of(tmp_path, {"orders": rows}), work_of(tmp_path)
    wanted = take(spec, crm, [DAY], labels=False).table
    found = stage(spec, crm, DAY, work, how=Try("900MB", 20))
    assert len(found.parts) > 10
    assert bits(joined([part.rows for part in found.parts])) == bits(wanted)


def test_a_relation_of_nobody_in_particular_keeps_a_snapshot_whole(tmp_path: Path) -> None:
    crm = leads_crm(tmp_path, 1)
    with crm.connect() as con:
        question = ask(conversion_of(tmp_path), crm, [DAY], labels=False, con=con)
    query = compose(replace(question, sliced=True))
    assert keyed(query, question.columns, PROSPECT) is not None
    assert keyed(query, {**question.columns, "stages": {"stage": "VARCHAR"}}, PROSPECT) is None


def test_what_is_written_between_goes_away(tmp_path: Path) -> None:
    crm, work = company_crm(tmp_path, 1), work_of(tmp_path)
    done = stage(spec_of(tmp_path), crm, DAY, work, cut=lambda _: CUTS)
    kept = {path for part in done.parts for path in (part.rows, part.unscorable)}
    assert {path for path in work.rglob("*") if path.is_file()} == kept
