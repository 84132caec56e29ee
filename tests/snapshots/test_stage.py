"""A snapshot that DuckDB writes is the one that it hands over, within its memory and its folder."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, OutsideError
from salesml.snapshots import stage as stage_module
from salesml.snapshots import take
from salesml.snapshots.entity import ACCOUNT
from salesml.snapshots.stage import Try, _check_once, stage, tries
from tests.snapshots.company import crm_of, day, order, spec_of

DAY = day(100)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_the_same_rows_as_in_memory(tmp_path: Path, work: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order(f"c{n:03d}", n % 90) for n in range(300)]})
    spec = spec_of(tmp_path)
    done = stage(spec, crm, DAY, work, threads=1)
    (part,) = done.parts
    wanted = take(spec, crm, [DAY], labels=False)
    found = pq.read_table(part.rows)
    assert found.num_rows == 90
    assert found.cast(wanted.table.schema).equals(wanted.table)
    assert [field.type for field in found.schema] == [field.type for field in wanted.table.schema]
    assert done.dropped == wanted.dropped
    assert done.entity == wanted.entity
    assert pq.read_table(part.unscorable).column_names == ["entity_id", "problem"]


def test_the_connection_writes_to_its_folder_only(tmp_path: Path, work: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0)]})
    with crm.connect(work=work) as con:
        con.execute(f"COPY (SELECT 1 AS x) TO '{work}/x.parquet'")
        with pytest.raises(duckdb.PermissionException):
            con.execute(f"COPY (SELECT 1 AS x) TO '{tmp_path}/x.parquet'")
    with crm.connect() as con, pytest.raises(duckdb.PermissionException):
        con.execute(f"COPY (SELECT 1 AS x) TO '{work}/y.parquet'")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (duckdb.IOException, "not-staged", "Make room"),
        (duckdb.OutOfMemoryException, "out-of-memory", "with --memory"),
    ],
)
def test_what_is_outside_is_said(
    tmp_path: Path,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[duckdb.Error],
    code: str,
    words: str,
) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0)]})

    def refuse(*_: object) -> str:
        raise error("No room")

    monkeypatch.setattr(stage_module._Writer, "_write_rows", refuse)
    with pytest.raises(OutsideError, match=words) as caught:
        stage(spec_of(tmp_path), crm, DAY, work)
    assert caught.value.code == code
    assert caught.value.exit_code == 4
    assert "No room" in str(caught.value)


@pytest.mark.parametrize("group", [1, 2, 3, 100])
def test_who_stands_twice_is_found_across_row_groups_and_files(tmp_path: Path, group: int) -> None:
    first, second, none, once = (tmp_path / f"{name}.parquet" for name in ("first", "second", "none", "once"))
    pq.write_table(pa.table({"entity_id": ["a", "b", "b", "b", "c"]}), first, row_group_size=group)
    pq.write_table(pa.table({"entity_id": pa.array([], pa.string())}), none)
    pq.write_table(pa.table({"entity_id": ["c", "d", "d"]}), second, row_group_size=group)
    with pytest.raises(DataError, match="stand several times") as caught:
        _check_once([first, none, second], ACCOUNT)
    assert caught.value.faults[0].count == 4
    assert caught.value.faults[0].examples == ("b", "c", "d")
    pq.write_table(pa.table({"entity_id": ["a", "b", "c"]}), once, row_group_size=group)
    _check_once([once], ACCOUNT)


def test_more_slices_are_tried_before_more_memory() -> None:
    *slices, memory = tries()
    assert slices == [Try("900MB", 1), Try("900MB", 4), Try("900MB", 16)]
    assert re.fullmatch(r"[1-9][0-9]+MiB", memory.memory)
    assert memory.finer == 16
    assert tries("2GB") == [Try("2GB", 1), Try("2GB", 4), Try("2GB", 16)]
