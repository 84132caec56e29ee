"""Relations cut into slices of entities, so that one query after the other sees some of them only.

A slice is a range of ids in the order of their bytes: slices one after the other are in the order of
the whole, wherever they were cut. What a query reads of an entity lies in the entity's slice; what it
looks at across entities is made of all of them first.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlglot import exp

from salesml.crm.sources import identifier, quoted
from salesml.snapshots.entity import Entity
from salesml.snapshots.query import Query

BYTES_A_ROW = 200
"""Memory allowed for a row of any relation: 80 were enough of 11 million rows, 27 too few of 33 million."""

MOST = 1_024
SAMPLE = 20_000
"""Ids that the cuts are chosen from."""

LONGEST_CUT = 64
"""Letters of a cut: it may be any text between two ids."""

FEW = 4
"""Up to so many slices, tables of typed files are read anew for each: to write them apart costs more."""

SCHEMA = "slice"
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip


@dataclass(frozen=True)
class Keyed:
    """A relation of which each row belongs to one entity.

    Parameters
    ----------
    name : str
    key : str
        The column that names the entity.
    columns : tuple of str
        Those that the query reads.
    """

    name: str
    key: str
    columns: tuple[str, ...]


def keyed(query: Query, relations: Mapping[str, Mapping[str, str]], entity: Entity) -> list[Keyed] | None:
    """The relations that a query reads; None where one of them has no key, so that it cannot be sliced."""
    reads = [query.rows, query.counts, query.unscorable]
    names = {table.name for each in reads for table in each.find_all(exp.Table)}
    columns = {column.name for each in reads for column in each.find_all(exp.Column)}
    found = []
    for name in sorted(names & set(relations)):
        key = key_of(name, relations[name], entity)
        if not key:
            return None
        found.append(Keyed(name, key, tuple(each for each in relations[name] if each in columns | {key})))
    return found


def key_of(name: str, columns: Mapping[str, str], entity: Entity) -> str:
    """The column that says whose a row of a relation is; an empty text where none does."""
    if name in (entity.table, "history"):
        return "id"
    return entity.key if entity.key in columns else ""


def how_many(rows: int, memory: int, finer: int = 1) -> int:
    """Slices for so many rows of relations within so many bytes; one where all fit."""
    return min(max(-(-rows * BYTES_A_ROW // memory), 1) * finer, MOST)


def allowed(con: duckdb.DuckDBPyConnection) -> int:
    """The bytes that a connection may take."""
    ((said,),) = con.execute("SELECT current_setting('memory_limit')").fetchall()
    found = re.fullmatch(r"([0-9.]+) ?([KMGT]?i?B)", said)
    return int(float(found[1]) * UNITS[found[2]]) if found else 1 << 30


def count_rows(con: duckdb.DuckDBPyConnection, relations: Sequence[Keyed]) -> int:
    """The rows of all of them together."""
    counts = " + ".join(f"(SELECT count(*) FROM {identifier(each.name)})" for each in relations) or "0"
    ((rows,),) = con.execute(f"SELECT {counts}").fetchall()
    return int(rows)


def choose_cuts(
    con: duckdb.DuckDBPyConnection, relations: Sequence[Keyed], rows: int, slices: int
) -> list[str]:
    """The ids at which all slices but the first begin, so that they hold about as many rows each.

    A sample decides, and is not always the same one: nothing but the size of slices depends on it.
    """
    if slices < 2 or not relations:
        return []
    share = min(100.0, 100.0 * SAMPLE / max(rows, 1))
    parts = [f"SELECT {identifier(each.key)} AS id FROM {identifier(each.name)}" for each in relations]
    query = f"SELECT id FROM ({' UNION ALL '.join(parts)}) USING SAMPLE {share:.6f} PERCENT (bernoulli)"
    ids = [
        name
        for (name,) in con.execute(f"SELECT id FROM ({query}) WHERE id IS NOT NULL ORDER BY id").fetchall()
    ]
    at = (ids[len(ids) * number // slices] for number in range(1, slices) if ids)
    cuts = {name[:LONGEST_CUT].partition("\0")[0] for name in at} - {""}
    return sorted(cuts, key=str.encode)


class Slices:
    """The relations of a connection, a slice at a time.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Made by ``crm.connect`` with ``work``.
    query : Query
        Composed for slices.
    relations : sequence of Keyed
    cuts : sequence of str
        Where slices begin, rising.
    work : Path
        A folder that the connection may write to; what lies in it is removed.
    typed : bool
        Whether the tables are files that say of what types they are, and so are read fast.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        query: Query,
        relations: Sequence[Keyed],
        cuts: Sequence[str],
        work: Path,
        *,
        typed: bool,
    ) -> None:
        self._con, self._cuts, self._work = con, list(cuts), work
        self._apart = not typed or len(self) > FEW
        self._relations = list(relations)
        for across in query.across:
            con.execute(f"CREATE TABLE {identifier(across.name)} AS {across.query.sql('duckdb')}")
            if across.of_entity:
                self._relations.append(Keyed(across.name, "entity", ("*",)))
        if self._apart:
            self._write_all()
        con.execute(f"CREATE SCHEMA {SCHEMA}")
        con.execute(f"SET search_path = '{SCHEMA},main'")

    def __len__(self) -> int:
        return len(self._cuts) + 1

    def show(self, number: int) -> None:
        """Have the relations hold the entities of one slice."""
        for each in self._relations:
            rows = self._written(each, number) if self._apart else self._read_again(each, number)
            self._con.execute(f"CREATE OR REPLACE VIEW {SCHEMA}.{identifier(each.name)} AS {rows}")

    def _written(self, relation: Keyed, number: int) -> str:
        folder = self._folder(relation)
        files = sorted((folder / f"slice={number}").glob("*.parquet")) or [folder / "none.parquet"]
        scan = ", ".join(quoted(str(file)) for file in files)
        return f"SELECT * FROM read_parquet([{scan}], hive_partitioning = false)"

    def _read_again(self, relation: Keyed, number: int) -> str:
        key = identifier(relation.key)
        bounds = [f"{key} < {quoted(self._cuts[number])}"] if number < len(self._cuts) else []
        bounds += [f"{key} >= {quoted(self._cuts[number - 1])}"] if number else []
        nobody = "" if number else f" OR {key} IS NULL"
        return f"SELECT * FROM main.{identifier(relation.name)} WHERE {' AND '.join(bounds)}{nobody}"

    def close(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _write_all(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(mode=0o700)
        for each in self._relations:
            self._write(each)
        self._drop([each.name for each in self._relations])

    def _write(self, relation: Keyed) -> None:
        """A relation as files, each of one slice, and one without rows that has its columns."""
        folder = self._folder(relation)
        columns = ", ".join(name if name == "*" else identifier(name) for name in relation.columns)
        scan = f"SELECT {columns} FROM main.{identifier(relation.name)}"
        self._con.execute(f"COPY ({scan} LIMIT 0) TO {quoted(str(folder) + '.none')} (FORMAT parquet)")
        self._con.execute(
            f"COPY (SELECT *, {self._number(identifier(relation.key))} AS slice FROM ({scan})) "
            f"TO {quoted(str(folder))} (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (slice))"
        )
        folder.mkdir(exist_ok=True)  # a relation without rows
        folder.with_name(folder.name + ".none").rename(folder / "none.parquet")

    def _drop(self, names: Sequence[str]) -> None:
        """Give the memory of tables back that stand in slices now."""
        for (name,) in self._con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if name in (*names, "accounts"):
                self._con.execute(f"DROP TABLE {identifier(name)}")

    def _folder(self, relation: Keyed) -> Path:
        return self._work / str(self._relations.index(relation))  # names may hold what paths must not

    def _number(self, key: str) -> str:
        """The slice of an id; without one, the first."""

        def within(first: int, last: int) -> str:
            if first == last:
                return str(first)
            middle = (first + last + 1) // 2
            return (
                f"CASE WHEN {key} >= {quoted(self._cuts[middle - 1])} "
                f"THEN {within(middle, last)} ELSE {within(first, middle - 1)} END"
            )

        return within(0, len(self._cuts))
