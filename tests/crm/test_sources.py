from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.crm.sources import Raw, find, kind_of, read_files

CSV = "id,v\n001,a\n"


def read(folder: Path, pattern: str) -> Raw:
    with duckdb.connect() as con:
        return read_files(pattern, folder, "t", con)


def rows(raw: Raw) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute(raw.scan).fetchall()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_a_byte_order_mark(tmp_path: Path, separator: str) -> None:
    text = f'id{separator}grö ße\n001{separator}"a{separator}b"\n'
    (tmp_path / "t.csv").write_text("\ufeff" + text, encoding="utf-8")
    raw = read(tmp_path, "t.csv")
    assert list(raw.columns) == ["id", "grö ße"]
    assert rows(raw) == [("001", f"a{separator}b")]


def test_quoting_as_in_the_rfc(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'id,"say ""it"""\r\n1,"two\r\nlines"\r\n')
    raw = read(tmp_path, "t.csv")
    assert list(raw.names) == ["id", 'say "it"']
    assert rows(raw) == [("1", "two\r\nlines")]


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,ID,Id\na,b,c\n")
    raw = read(tmp_path, "t.csv")
    assert list(raw.names) == ["id", "ID", "Id"]
    assert len({name.lower() for name in raw.columns}) == 3
    pq.write_table(pa.table({"id": [1], "ID": [2]}), tmp_path / "t.parquet")
    raw = read(tmp_path, "t.parquet")
    with duckdb.connect() as con:
        assert con.execute(f'SELECT "{raw.names["ID"]}" FROM ({raw.scan})').fetchone() == (2,)


def test_gzip(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert rows(read(tmp_path, "t.csv.gz")) == [("001", "a")]


def test_folder_and_glob(tmp_path: Path) -> None:
    folder = tmp_path / "d" / "deeper"
    folder.mkdir(parents=True)
    for name in ("1.csv", "2.csv", ".hidden.csv", "_SUCCESS"):
        (folder / name).write_text(CSV)
    (folder / "notes.txt").write_text("x")
    assert [file.name for file in find("d", tmp_path)] == ["1.csv", "2.csv"]
    assert [file.name for file in find("d/*/2.*", tmp_path)] == ["2.csv"]
    assert [file.name for file in find(f"{tmp_path}/d/**/1.csv", tmp_path)] == ["1.csv"]
    assert len(rows(read(tmp_path, "d"))) == 2


def test_partitions_of_a_folder_are_columns(tmp_path: Path) -> None:
    for year in (2023, 2024):
        (tmp_path / f"d/year={year}").mkdir(parents=True)
        duckdb.sql(f"COPY (SELECT {year} AS v) TO '{tmp_path}/d/year={year}/x.parquet'")
    raw = read(tmp_path, "d")
    assert set(raw.names) == {"v", "year"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.b.csv.gz", "csv"),
        ("x.parquet", "parquet"),
        ("x.xlsx", None),
        ("x", None),
    ],
)
def test_kinds(name: str, kind: str | None) -> None:
    assert kind_of(Path(name)) == kind


def test_an_unknown_format(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_text("x")
    (fault,) = read(tmp_path, "t.xlsx").faults
    assert fault.code == "unknown-format"
    assert "t.xlsx is neither CSV nor Parquet" in str(fault)


@pytest.mark.parametrize("pattern", ["gone.csv", "gone/*.csv", "", "[", "***"])
def test_nothing_there(tmp_path: Path, pattern: str) -> None:
    (fault,) = read(tmp_path, pattern).faults
    assert fault.code == "missing-file"


def test_files_with_other_columns(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "d/2.csv").write_text("a,c\n1,2\n")
    (tmp_path / "d/3.csv").write_text("b,a\n1,2\n")
    (fault,) = read(tmp_path, "d").faults
    assert fault.code == "mixed-schemas"
    assert fault.examples == ("2.csv lacks 'b', adds 'c'", "3.csv has the columns of 1.csv in another order")


def test_parquet_files_with_other_types(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    duckdb.sql(f"COPY (SELECT 1 AS a, [1] AS b, 2 AS c) TO '{tmp_path}/d/1.parquet'")
    duckdb.sql(f"COPY (SELECT 'x' AS a, [1] AS b, 2 AS c) TO '{tmp_path}/d/2.parquet'")
    (fault,) = read(tmp_path, "d").faults
    assert fault.code == "mixed-schemas"
    assert "'a' is" in fault.examples[0]


@pytest.mark.parametrize("content", [b"PAR1garbagePAR1", b"", b"PAR1" + bytes(100)])
def test_a_corrupt_parquet_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    (fault,) = read(tmp_path, "t.parquet").faults
    assert fault.code == "unreadable-file"


def test_a_csv_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("name\nKöln\n".encode("latin-1"))
    raw = read(tmp_path, "t.csv")
    faults = raw.faults
    assert [fault.do for fault in faults] == ["Save it as UTF-8"]


def test_a_broken_gzip(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(b"no gzip")
    assert read(tmp_path, "t.csv.gz").faults[0].code == "unreadable-file"
