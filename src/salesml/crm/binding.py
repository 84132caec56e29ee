"""Meeting of contract and source: which column plays which part, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
from sqlglot import exp

from salesml.config.section import nearest
from salesml.crm import values
from salesml.crm.answered import later_faults
from salesml.crm.bound import MONEY_KEYS, Bound, Field, raw_name
from salesml.crm.codes import fault
from salesml.crm.contract import Contract, EventLog, Table
from salesml.crm.expressions import Compiled, compile_expression
from salesml.crm.place import ExpressionError, Kind, Place
from salesml.crm.sources import Raw
from salesml.crm.tables import TABLES
from salesml.errors import Fault


def bind_table(table: Table, raw: Raw, contract: Contract, con: duckdb.DuckDBPyConnection) -> Bound:
    """Columns of a table other than a log; its raw relation stands in the connection."""
    binder = _Binder(table.name, table, raw, contract, con)
    if raw.readable:
        for key, role in TABLES[table.name].items():
            if key in table.columns:
                binder.role(_canonical(table.name, key), role.kind, table.columns[key])
        for name in table.lists:
            if not contract.excluded(table.name, name):
                binder.attribute(name)
    return _known_in_time(binder.bound())


def bind_log(log: EventLog, raw: Raw, contract: Contract, con: duckdb.DuckDBPyConnection) -> Bound:
    """Columns and expressions of an event log; its raw relation stands in the connection."""
    binder = _Binder(f"events.{log.name}", log, raw, contract, con)
    if raw.readable:
        for name, part in (("account", "id"), ("prospect", "id"), ("at", "date"), ("known_at", "date")):
            if getattr(log, name):
                binder.role(name, part, getattr(log, name))
        if log.id:
            binder.role("event_id", "id", log.id)
        for name in log.categories:
            if not contract.excluded(binder.table, name):
                binder.role(f"c_{name}", "text", name)
        for name, text in log.measures.items():
            binder.measure(name, text)
        binder.flag("is_return", log.returns)
        binder.filter(log.where)
    return _known_in_time(binder.bound())


def _known_in_time(bound: Bound) -> Bound:
    """The same, with a fault for what a table of answers says of its future."""
    return replace(bound, faults=(*bound.faults, *later_faults(bound)))


def _canonical(table: str, key: str) -> str:
    """Column names as in the contract; the moment of a row is its day."""
    return "day" if key == "at" else key


class _Binder:
    """Collects the fields and the faults of one table."""

    def __init__(
        self,
        table: str,
        source: Table | EventLog,
        raw: Raw,
        contract: Contract,
        con: duckdb.DuckDBPyConnection,
    ) -> None:
        self.table = table
        self.raw = raw
        self.con = con
        self.zone = contract.timezone
        self.form = source.date_format
        self.place = Place(raw.columns, raw.names, self.zone, source.null_values, self.form)
        self.fields: list[Field] = []
        self.where: exp.Expr | None = None
        self.where_texts: tuple[tuple[str, Kind], ...] = ()
        self.faults: list[Fault] = list(raw.faults)
        if raw.readable:
            for column in source.null_values:
                self.find(column)
            self._try_date_format()

    def _try_date_format(self) -> None:
        if not self.form:
            return
        try:
            self.con.execute("SELECT try_strptime('', ?)", [self.form])
        except duckdb.Error:
            found = f"The date_format {self.form!r} has a part that is not known"
            do = "Take parts such as %d, %m, %Y, %H, %M"
            self.faults.append(fault("bad-value", found, do=do, table=self.table, column="date_format"))
            self.form = ""

    def bound(self) -> Bound:
        return Bound(
            table=self.table,
            raw=self.raw,
            place=self.place,
            fields=tuple(self.fields),
            where=self.where,
            where_texts=self.where_texts,
            faults=tuple(self.faults),
            date_format=self.form,
        )

    def find(self, column: str) -> str | None:
        """The source's name of a column; a fault when there is none."""
        name = self.place.find(column)
        if name is None and not any(f.code == "missing-column" and f.column == column for f in self.faults):
            self.faults.append(
                fault(
                    "missing-column", f"There is no column {column!r}", do=nearest(column, self.raw.names),
                    table=self.table, column=column,
                )
            )  # fmt: skip
        return name

    def role(self, name: str, part: str, column: str) -> None:
        """A column that the contract names for a part."""
        found = self.find(column)
        if found is None:
            return
        kind = self.place.kind(found)
        raw = self.place.value(found)
        if part == "date" and kind == "VARCHAR" and found not in self.place.nulls:
            raw = values.column(self.place.names[found])  # blank text is no date anyway
        if not _fits(part, values.class_of(kind)) and not (self.form and part == "date" and _number(kind)):
            if not self._empty(found):
                self.faults.append(_wrong_type(self.table, column, kind, part))
                return
            kind, raw = "VARCHAR", values.cast(exp.Null(), "VARCHAR")  # nothing in it: any type will do
        value, type_ = self._converted(name, part, raw, kind)
        self.fields.append(Field(name, part, found, raw, kind, value, type_))  # type: ignore[arg-type]

    def _converted(self, name: str, part: str, raw: exp.Expr, kind: str) -> tuple[exp.Expr, str]:
        if part == "id":
            return values.as_id(raw.copy(), kind), "VARCHAR"
        if part == "text":
            return values.as_text(raw.copy(), kind), "VARCHAR"
        if part == "date":
            return values.as_day(raw.copy(), kind, self.zone, self.form), "DATE"
        type_ = values.MONEY if name in MONEY_KEYS else "DOUBLE"
        return values.as_number(raw.copy(), kind, type_), type_

    def _empty(self, column: str) -> bool:
        """Whether nothing stands in a column; pandas writes an empty column of dates as numbers."""
        value = values.column(self.place.names[column])
        filled: exp.Expr = exp.func("COUNT", value)
        if _number(self.place.kind(column)):
            size = exp.func("ABS", values.cast(value.copy(), "DOUBLE"))
            filled = _count(exp.LT(this=size, expression=values.infinity()))
        query = exp.select(filled).from_(exp.to_table(raw_name(self.table)))
        try:
            row = self.con.execute(query.sql("duckdb")).fetchone()
        except duckdb.Error:
            return False
        return bool(row and row[0] == 0)

    def attribute(self, column: str) -> None:
        """A column that describes an entity: its type decides how it is read."""
        found = self.find(column)
        if found is None:
            return
        kind = self.place.kind(found)
        raw = self.place.value(found)
        match self._nature(raw, kind):
            case "number":
                value, type_ = values.as_number(raw.copy(), kind, "DOUBLE"), "DOUBLE"
            case "date":
                value, type_ = values.as_day(raw.copy(), kind, self.zone, self.form), "DATE"
            case "text":
                value, type_ = values.as_text(raw.copy(), kind), "VARCHAR"
            case _:
                self.faults.append(_wrong_type(self.table, column, kind, "attribute"))
                return
        self.fields.append(Field(f"a_{column}", "attribute", found, raw, kind, value, type_))

    def _nature(self, raw: exp.Expr, kind: str) -> str:
        """What an attribute is; of a text column every row is looked at."""
        match values.class_of(kind):
            case "text":
                return self._text_nature(raw)
            case "number" | "other" as plain:
                return plain
            case "boolean":
                return "text"
        return "date"

    def _text_nature(self, raw: exp.Expr) -> str:
        iso = values.matches(raw, values.ISO)
        number = exp.Is(this=values.cast(raw.copy(), "DOUBLE"), expression=exp.Null())
        code = values.matches(raw, r"^\s*[+-]?0[0-9]")  # leading zeros: a code, not a number
        query = exp.select(
            exp.func("COUNT", raw.copy()), _count(iso), _count(exp.not_(number)), _count(code)
        ).from_(exp.to_table(raw_name(self.table)))
        try:
            row = self.con.execute(query.sql("duckdb")).fetchone()
        except duckdb.Error:
            return "text"  # a file that breaks later is reported by the check of its rows
        filled, dates, numbers, codes = row or (0, 0, 0, 0)
        if not filled:
            return "text"
        if dates == filled:
            return "date"
        if self.raw.typed or codes:
            return "text"
        if numbers == filled:
            return "number"
        return "text"

    def measure(self, name: str, text: str) -> None:
        compiled = self._compile(text, "number", f"measures.{name}")
        if compiled:
            value = values.as_number(compiled.value.copy(), "", values.MONEY)
            self.fields.append(
                Field(f"m_{name}", "measure", text, compiled.value, "", value, values.MONEY, compiled.texts)
            )

    def flag(self, name: str, text: str) -> None:
        """A condition that is never NULL."""
        compiled = self._compile(text, "boolean", "returns") if text else None
        value: exp.Expr = exp.false()
        if compiled:
            value = exp.Coalesce(this=exp.paren(compiled.value, copy=False), expressions=[exp.false()])
        texts = compiled.texts if compiled else ()
        self.fields.append(Field(name, "flag", text, value, "", value.copy(), "BOOLEAN", texts))

    def filter(self, text: str) -> None:
        compiled = self._compile(text, "boolean", "where") if text else None
        self.where = compiled.value if compiled else None
        self.where_texts = compiled.texts if compiled else ()

    def _compile(self, text: str, want: Kind, key: str) -> Compiled | None:
        try:
            compiled = compile_expression(text, self.place, want)
            self._try(compiled.value, text)
        except ExpressionError as error:
            self.faults.append(
                fault(
                    error.code, f"{error.found} in {text!r}" if text not in error.found else error.found,
                    allowed=error.allowed, table=self.table, column=key,
                )
            )  # fmt: skip
            return None
        return compiled

    def _try(self, value: exp.Expr, text: str) -> None:
        """Let the database look at it without running it."""
        query = exp.select(value.copy()).from_(exp.to_table(raw_name(self.table)))
        try:
            self.con.execute("EXPLAIN " + query.sql("duckdb"))
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise ExpressionError("bad-expression", f"{text!r} cannot be computed: {reason}") from None


def _count(condition: exp.Expr) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=condition))


_FITS: Mapping[str, tuple[str, ...]] = {
    "id": ("text", "number"),
    "text": ("text", "number", "boolean", "date", "timestamp", "timestamptz"),
    "date": ("text", "date", "timestamp", "timestamptz"),
    "number": ("text", "number"),
}

_NEEDS = {
    "id": "text or whole numbers", "text": "text", "date": "a date, a time or text such as 2026-01-31",
    "number": "numbers", "attribute": "text, numbers, dates or true/false",
}  # fmt: skip


def _number(kind: str) -> bool:
    return values.class_of(kind) == "number"


def _fits(part: str, kind: str) -> bool:
    return kind in _FITS[part]


def _wrong_type(table: str, column: str, kind: str, part: str) -> Fault:
    found, do = f"The column {column!r} is of the type {kind}", ""
    if part == "date" and _number(kind):
        do = "If its numbers are like 20260131, write `date_format: '%Y%m%d'` in this table"
    return fault(
        "wrong-type", found, allowed=f"It must hold {_NEEDS[part]}", do=do, table=table, column=column
    )
