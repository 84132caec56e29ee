"""Chunks have one length, whatever the row groups are, and a file must stay what it was."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.errors import DataError, OutsideError
from salesml.scoring.batch.source import Source


def write(path: Path, rows: int, group: int) -> Path:
    table = pa.table({"n": list(range(rows)), "text": [f"row {n}" for n in range(rows)]})
    pq.write_table(table, path, row_group_size=group)
    return path


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(1, 60), group=st.integers(1, 70), chunk=st.integers(1, 70), data=st.data())
def test_every_row_comes_once_in_its_chunk(
    tmp_path_factory: pytest.TempPathFactory, rows: int, group: int, chunk: int, data: st.DataObject
) -> None:
    path = write(tmp_path_factory.mktemp("source") / "t.parquet", rows, group)
    source = Source(path, ["n"], chunk=chunk)
    done = data.draw(st.sets(st.integers(0, source.chunks - 1)))
    found = {number: (first, table["n"].to_pylist()) for number, first, table in source.read(done)}
    assert found == {
        number: (number * chunk, list(range(number * chunk, min(rows, number * chunk + chunk))))
        for number in range(source.chunks)
        if number not in done
    }


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=5), group=st.integers(1, 20),
    chunk=st.integers(1, 40), data=st.data(),
)  # fmt: skip
def test_several_files_are_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], group: int, chunk: int, data: st.DataObject
) -> None:
    folder, start, paths = tmp_path_factory.mktemp("source"), 0, []
    for number, size in enumerate(sizes):
        column = pa.field("n", pa.int64(), nullable=number % 2 == 0)
        table = pa.table({"n": list(range(start, start + size))}, schema=pa.schema([column]))
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=group)
        paths.append(folder / f"{number}.parquet")
        start += size
    source = Source(paths, chunk=chunk)
    assert source.rows == start
    done = data.draw(st.sets(st.integers(0, max(source.chunks - 1, 0))))
    found = {number: (first, table["n"].to_pylist()) for number, first, table in source.read(done)}
    assert found == {
        number: (number * chunk, list(range(number * chunk, min(start, number * chunk + chunk))))
        for number in range(source.chunks)
        if number not in done
    }


def test_a_file_that_is_written_to_meanwhile(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", 50, 10)
    source = Source(path, chunk=10)
    chunks = source.read()
    next(chunks)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(DataError, match="written to while it was read") as caught:
        list(chunks)
    assert caught.value.code == "changed-meanwhile"


def test_a_flipped_byte_of_a_page_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"text": [f"row {n}" for n in range(50)]})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    data = bytearray(path.read_bytes())
    data[data.index(b"row 7")] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="cannot be read as Parquet") as caught:
        list(Source(path, chunk=10).read())
    assert caught.value.code == "unreadable-file"
    assert caught.value.exit_code == 1


def test_what_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        Source(tmp_path / "t.parquet")


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="could not be read") as caught:
        Source(tmp_path / "t.parquet")
    assert caught.value.exit_code == 4


def test_text_that_its_writer_did_not_mark_as_text(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array([b"a", b"\xc3\xa9", None], pa.binary())})
    pq.write_table(table, tmp_path / "t.parquet")
    ((_, _, rows),) = Source(tmp_path / "t.parquet").read()
    assert rows["id"].to_pylist() == ["a", "\u00e9", None]
    pq.write_table(pa.table({"id": [b"\xff"]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        list(Source(tmp_path / "t.parquet").read())
