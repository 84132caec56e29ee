"""A company's CRM: the contract and the relations that it makes of the company's tables."""

from __future__ import annotations

import atexit
import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import duckdb

from salesml.crm.binding import bind_log, bind_table
from salesml.crm.bound import Bound, raw_name
from salesml.crm.checks import check
from salesml.crm.codes import fault
from salesml.crm.contract import Contract, Source, parse_contract, read_contract
from salesml.crm.databases import export
from salesml.crm.lock import lock
from salesml.crm.page_checksums import refuse_damaged
from salesml.crm.relations import Relation, past_dates, relations
from salesml.crm.report import Report
from salesml.crm.sources import Raw, identifier, quoted, read_files, read_parquet, unreadable
from salesml.crm.states import State, check_states, digest, states_of
from salesml.errors import DataError, Fault, UsageError
from salesml.windows import Window


class CRM:
    """The tables of a company, as crm.yaml maps them.

    Opening reads crm.yaml only; tables are looked at when they are first asked for.

    Parameters
    ----------
    contract : Contract
        Use :meth:`open` to read one from a file.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._digests: dict[str, str] = {}
        self._temporary: Path | None = None
        self._observed: dict[str, Window] = {}
        self._states: dict[Path, State] = {}

    @classmethod
    def open(cls, path: str | Path) -> CRM:
        """Read ``crm.yaml``.

        Raises
        ------
        UsageError
            With every fault of the file.
        """
        return cls(read_contract(Path(path)))

    def __repr__(self) -> str:
        tables = [*self.contract.tables, *(f"events.{name}" for name in self.contract.events)]
        return f"CRM({str(self.contract.path)!r}: {', '.join(tables)})"

    @property
    def folder(self) -> Path:
        """The folder of crm.yaml, which relative paths start from."""
        return self.contract.path.resolve().parent

    def connect(
        self,
        threads: int | None = None,
        memory: str | None = None,
        work: Path | None = None,
        *,
        views: bool = False,
    ) -> duckdb.DuckDBPyConnection:
        """A fresh in-memory DuckDB connection in which the canonical relations exist.

        Parameters
        ----------
        threads : int, optional
            Threads that DuckDB may use; all cores by default.
        memory : str, optional
            Its memory limit, such as ``"4GB"``.
        work : Path, optional
            A folder that it may write to, and spills into; by default it writes nothing, and spills into
            a folder of this process.
        views : bool
            Whether accounts are read where they lie, too, for one question that hardly asks for them.

        Raises
        ------
        DataError
            When a table, a column or an expression of crm.yaml cannot be used.
        """
        made = self.relations()
        con = _connection(threads, memory, work / "spill" if work else None)
        for table, bound in self._bounds.items():
            con.execute(f"CREATE VIEW {raw_name(table)} AS {bound.raw.scan}")
        for relation in made.values():
            # Accounts are few and joined often; everything else is read where it lies.
            kind = "TABLE" if relation.name == "accounts" and not views else "VIEW"
            try:
                con.execute(f"CREATE {kind} {identifier(relation.name)} AS {relation.sql}")
            except duckdb.Error as error:
                con.close()
                raise DataError(unreadable(relation.name, error)) from None
        lock(con, [file for bound in self._bounds.values() for file in bound.raw.files], work)
        return con

    @property
    def bounds(self) -> Mapping[str, Bound]:
        """Every table of the contract with the columns that it found in its source."""
        return self._bounds

    @property
    def today(self) -> dt.date:
        """Today in the contract's time zone: a day that is not over, whose rows are still coming."""
        return _now(self.contract.timezone)

    def relations(self) -> dict[str, Relation]:
        """The canonical relations by name; ``accounts`` is always among them.

        Raises
        ------
        DataError
            With every fault of the tables' form.
        """
        faults = [each for bound in self._bounds.values() for each in bound.faults if each.fatal]
        if faults:
            raise DataError(faults)
        return relations(self._bounds, self.contract.timezone)

    def observed(self, table: str) -> Window:
        """The days that a log or a dated table covers: its first day to its last, inclusive.

        Parameters
        ----------
        table : str
            ``orders`` or ``events.orders`` for a log; otherwise a table of the contract.

        Raises
        ------
        DataError
            ``no-rows`` when it has no dated row, ``unknown-table`` when there is none such.
        """
        if table not in self._observed:
            self._observed[table] = self._span(table)
        return self._observed[table]

    def _span(self, table: str) -> Window:
        name, columns = self._dates_of(table)
        if not columns:
            raise DataError(Fault(code="no-rows", found=f"{table} has no column with dates", table=table))
        spans = [f"SELECT {identifier(column)} AS d FROM {identifier(name)}" for column in columns]
        query = f"SELECT min(d), max(d) FROM ({' UNION ALL '.join(spans)}) WHERE d BETWEEN ? AND ?"
        with self.connect(views=True) as con:
            row = con.execute(query, [dt.date.min, _now(self.contract.timezone)]).fetchone()
        if not row or row[0] is None:
            raise DataError(Fault(code="no-rows", found=f"{table} has no row with a date", table=table))
        return Window(row[0], row[1] + dt.timedelta(days=1))

    def observed_until(self) -> dt.date:
        """The day before which everything has been observed.

        ``observed_until`` of crm.yaml; otherwise the day after the latest date that is past,
        over all logs and dated columns but planned ends; in either case today at the latest.

        Raises
        ------
        DataError
            ``no-rows`` when there is no date at all.
        """
        if self.contract.observed_until:
            return min(self.contract.observed_until, self.today)
        if self._until is None:
            raise DataError(Fault(code="no-rows", found="No table has a row with a date"))
        return self._until

    def fingerprint(self) -> str:
        """A SHA-256 over crm.yaml and the bytes of all its files, or the rows of a database.

        Raises
        ------
        OutsideError
            ``not-read`` when a file cannot be read.
        DataError
            ``unreadable-file`` for Parquet files whose pages are not what their checksums say.
        """
        self._states = states_of(file for bound in self._bounds.values() for file in bound.raw.files)
        whole = hashlib.sha256(self.contract.text.encode())
        for table, bound in sorted(self._bounds.items()):
            whole.update(table.encode() + b"\0")
            if table in self._digests:
                whole.update(self._digests[table].encode())
                continue
            for file in bound.raw.files:
                whole.update(digest(file))
        refuse_damaged({table: bound.raw.files for table, bound in self._bounds.items()})
        return whole.hexdigest()

    def check_same(self) -> None:
        """That no file has changed since the latest fingerprint began.

        Raises
        ------
        DataError
            ``changed-meanwhile``.
        OutsideError
            ``not-read``.
        """
        check_states(self._states)

    def check(self, today: dt.date | None = None) -> Report:
        """Every fault of the tables, all together.

        Parameters
        ----------
        today : datetime.date, optional
            The day of the check, for freshness and for dates in the future; the clock's by default.
        """
        with self._blank() as con:
            for table, bound in self._bounds.items():
                if bound.raw.readable:
                    con.execute(f"CREATE VIEW {raw_name(table)} AS {bound.raw.scan}")
            return check(self._bounds, self.contract, con, today or _now(self.contract.timezone))

    @cached_property
    def _until(self) -> dt.date | None:
        made = self.relations()
        given = {bound.relation for bound in self._bounds.values()}  # accounts made of logs say no more
        spans = [
            f"SELECT max({identifier(column)}) AS d FROM {identifier(relation.name)} "
            f"WHERE {identifier(column)} BETWEEN $first AND $today"
            for relation in made.values()
            if relation.name in given
            for column in past_dates(relation)
        ]
        query = f"SELECT max(d) FROM ({' UNION ALL '.join(spans)})"
        with self.connect(views=True) as con:
            row = con.execute(query, {"first": dt.date.min, "today": _now(self.contract.timezone)}).fetchone()
        # Today is not over: its rows are still coming.
        today = _now(self.contract.timezone)
        return min(row[0] + dt.timedelta(days=1), today) if row and row[0] else None

    def _dates_of(self, table: str) -> tuple[str, tuple[str, ...]]:
        made = self.relations()
        name = table.replace(".", "_") if table.startswith("events.") else table
        relation = made.get(f"events_{name}") or made.get(name)
        if relation is None:
            raise DataError(
                Fault(code="unknown-table", found=f"The contract has no table {table!r}", table=table)
            )
        return relation.name, past_dates(relation)

    @cached_property
    def _bounds(self) -> dict[str, Bound]:
        """Every table of the contract with its columns found."""
        con = self._blank()
        bounds: dict[str, Bound] = {}
        for table in self.contract.tables.values():
            raw = self._raw(table.name, table.source, con)
            bounds[table.name] = bind_table(table, raw, self.contract, con)
        for log in self.contract.events.values():
            name = f"events.{log.name}"
            raw = self._raw(name, log.source, con)
            bounds[name] = bind_log(log, raw, self.contract, con)
        con.close()
        return bounds

    def _blank(self) -> duckdb.DuckDBPyConnection:
        """A connection without any relation."""
        return _connection()

    def _raw(self, table: str, source: Source, con: duckdb.DuckDBPyConnection) -> Raw:
        """The table as it stands in its source, also as a view of the connection."""
        if not (source.url or source.files):
            return Raw(faults=_of_catalog(table, source))
        raw = self._from_database(table, source, con) if source.url else self._from_files(table, source, con)
        if raw.readable:
            con.execute(f"CREATE VIEW {raw_name(table)} AS {raw.scan}")
        return raw

    def _from_files(self, table: str, source: Source, con: duckdb.DuckDBPyConnection) -> Raw:
        return read_files(source.files, self.folder, table, con)

    def _from_database(self, table: str, source: Source, con: duckdb.DuckDBPyConnection) -> Raw:
        self._temporary = self._temporary or _temporary_folder()
        file = self._temporary / f"{raw_name(table)}.parquet"
        try:
            self._digests[table] = export(source, self.folder, table, file)
        except DataError as error:
            return Raw(faults=error.faults)
        return read_parquet([file], table, con)


def validate(path: str | Path, today: dt.date | None = None) -> Report:
    """Every fault of a crm.yaml and of its tables in one report, whatever is wrong.

    Parameters
    ----------
    path : str or Path
        The crm.yaml.
    today : datetime.date, optional
        The day of the check; the clock's by default.

    Raises
    ------
    OutsideError
        When a database is away.
    """
    try:
        contract, faults = parse_contract(Path(path))
    except UsageError as error:
        return Report.of(error.faults)
    tables = CRM(contract).check(today)
    return Report.of([*faults, *tables.faults], tables.rows)


def _of_catalog(table: str, source: Source) -> tuple[Fault, ...]:
    """The fault of a table in the catalog of another engine; of others, reading crm.yaml has said it."""
    if not source.table:
        return ()
    found = f"The source is the table {source.table} of a catalog, which DuckDB does not see"
    do = "Give --engine spark, or say by `url` which database it stands in"
    return (fault("missing-table", found, do=do, table=table),)


@cache
def _spill_folder() -> Path:
    """Where connections of this process spill, each in a folder of its own that DuckDB makes and removes."""
    return _temporary_folder()


def _temporary_folder() -> Path:
    """A folder that lasts as long as the process: connections may outlive the CRM they came from."""
    folder = tempfile.mkdtemp(prefix="salesml-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _connection(
    threads: int | None = None, memory: str | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    # Rows may hold personal data: not into the working directory, and readable by this user only.
    con.execute(f"SET temp_directory = {quoted(str(spill or _spill_folder() / uuid4().hex))}")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    if threads:
        con.execute(f"SET threads = {int(threads)}")
    if memory:
        con.execute(f"SET memory_limit = {quoted(memory)}")
    return con


def _now(timezone: str) -> dt.date:
    """Today; what is dated later cannot have been observed."""
    return dt.datetime.now(ZoneInfo(timezone)).date()
