"""A flipped bit in a page of a CRM's table is found, which DuckDB would read as another value."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.crm import CRM
from salesml.crm.page_checksums import damaged_columns
from salesml.errors import DataError

FLIPS = 60
"""Of each kind of file."""


def table(rows: int = 1000) -> pa.Table:
    return pa.table(
        {
            "account": [f"a{row}" for row in range(rows)],
            "day": pa.array([20_000 + row % 300 for row in range(rows)], pa.date32()),
            "money": [row * 0.37 for row in range(rows)],
            "lines": [[{"words": str(row)}] * (row % 3) for row in range(rows)],
        }
    )


def write(path: Path, *, compression: str = "none", version: str = "1.0", checksums: bool = True) -> bytes:
    pq.write_table(
        table(), path, write_page_checksum=checksums, compression=compression, data_page_version=version,
        row_group_size=400, data_page_size=2000,
    )  # fmt: skip
    return path.read_bytes()


def rows(path: Path) -> list[tuple[object, ...]]:
    """As DuckDB reads them."""
    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM '{path}'").fetchall()


def flipped(data: bytes, luck: random.Random) -> bytes:
    """One bit before the footer."""
    found = bytearray(data)
    footer = int.from_bytes(data[-8:-4], "little")
    found[luck.randrange(4, len(data) - 8 - footer)] ^= 1 << luck.randrange(8)
    return bytes(found)


@pytest.mark.parametrize("compression", ["none", "zstd", "snappy"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_copy_that_is_read_as_other_rows_is_found(
    tmp_path: Path, compression: str, version: str
) -> None:
    path = tmp_path / "t.parquet"
    data = write(path, compression=compression, version=version)
    assert damaged_columns(path) == []
    truth = rows(path)
    luck, outcomes = random.Random(3), Counter[tuple[str, bool]]()
    for _ in range(FLIPS):
        path.write_bytes(flipped(data, luck))
        try:
            seen = "the same rows" if rows(path) == truth else "other rows"
        except duckdb.Error:
            seen = "refused"
        outcomes[seen, bool(damaged_columns(path))] += 1
    assert outcomes["other rows", False] == 0
    assert outcomes["other rows", True] > FLIPS // 4


def test_files_without_checksums_and_what_is_no_parquet_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    data = write(path, checksums=False)
    path.write_bytes(flipped(data, random.Random(1)))
    assert damaged_columns(path) == []
    path.write_bytes(b"PAR1" + bytes(30))
    assert damaged_columns(path) == []


def test_all_damaged_tables_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text(
        "version: 1\nevents:\n"
        "  orders: {source: orders.parquet, account: account, at: day}\n"
        "  calls: {source: calls.parquet, account: account, at: day}\n"
    )
    for name in ("orders", "calls"):
        data = bytearray(write(tmp_path / f"{name}.parquet"))
        column = pq.read_metadata(tmp_path / f"{name}.parquet").row_group(1).column(2)
        data[column.data_page_offset + 100] ^= 1
        (tmp_path / f"{name}.parquet").write_bytes(data)
    with pytest.raises(DataError) as caught:
        CRM.open(tmp_path / "crm.yaml").fingerprint()
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [
        ("unreadable-file", "events.orders"), ("unreadable-file", "events.calls"),
    ]  # fmt: skip
    assert "pages of money are not what their checksums say" in str(caught.value)
