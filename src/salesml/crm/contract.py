"""``crm.yaml`` as dataclasses: which of a company's tables and columns play which part."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesml.config import Section, read_yaml
from salesml.config.section import nearest
from salesml.crm.tables import LISTS, NAMED, TABLES
from salesml.errors import Fault, UsageError

_DATE_PARTS = (("%d", "%-d"), ("%m", "%-m", "%b", "%B"), ("%Y", "%y"))

SECRET = r"(?:password|passwd|pwd|secret|token)"
"""How the keys of secrets end in the query of a URL."""

TAGS = ("actionable", "fixed", "symptom")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a table comes from: files (a path, folder or glob), a database, or an engine's catalog."""

    files: str = ""
    url: str = field(default="", repr=False)
    table: str = ""
    query: str = ""

    def __str__(self) -> str:
        return self.files or self.table or "a query"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the contract other than an event log.

    ``columns`` maps the contract's key to the source's column; ``lists`` holds further columns
    (attributes, indicators) under their own names. ``null_values`` maps a column to the texts that
    mean "none" in it; ``date_format`` is how its dates are written when not as 2026-01-31.
    """

    name: str
    source: Source
    columns: Mapping[str, str]
    lists: tuple[str, ...] = ()
    null_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_format: str = ""


@dataclass(frozen=True, kw_only=True)
class EventLog:
    """An event log of the contract."""

    name: str
    source: Source
    at: str
    account: str = ""
    prospect: str = ""
    known_at: str = ""
    id: str = ""
    measures: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    where: str = ""
    returns: str = ""
    words: str = ""
    null_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_format: str = ""

    @property
    def singular(self) -> str:
        """How a rep calls one event."""
        return self.words or self.name.removesuffix("s").replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The whole ``crm.yaml``.

    ``closed`` lists days on which nobody worked, so that no rows are expected; ``text`` is the file
    as it stands, but for the passwords of its URLs.
    """

    path: Path
    currency: str = ""
    timezone: str = "UTC"
    observed_until: dt.date | None = None
    freshness: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    events: Mapping[str, EventLog] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    exclude: frozenset[str] = frozenset()
    closed: frozenset[dt.date] = frozenset()
    text: str = field(default="", compare=False, repr=False)

    def excluded(self, table: str, column: str) -> bool:
        """Whether ``exclude`` names a column, as ``TABLE.COLUMN``."""
        return f"{table}.{column}" in self.exclude

    def word(self, column: str) -> str:
        """What a rep calls a column."""
        return self.words.get(column) or column.replace("_", " ").strip()


def read_contract(path: Path) -> Contract:
    """Read ``crm.yaml``.

    Raises
    ------
    UsageError
        With every fault of the file.
    """
    contract, faults = parse_contract(path)
    if faults:
        raise UsageError(faults)
    return contract


def parse_contract(path: Path) -> tuple[Contract, tuple[Fault, ...]]:
    """What can be understood of ``crm.yaml``, and every fault of it.

    Raises
    ------
    UsageError
        When the file is not there or not YAML.
    """
    faults: list[Fault] = []
    contract = _contract(Section(read_yaml(path), f"{path.name}:", faults), path)
    return contract, tuple(faults)


def _contract(top: Section, path: Path) -> Contract:
    version = top.integer("version", 1)
    if version != 1:
        top.fault("newer-format", "version", f"is {version}", "This salesml reads version 1")
    sections = {name: top.section(name) for name in TABLES}
    tables = {name: _table(name, section) for name, section in sections.items() if name in top}
    events = {name: _log(name, section) for name, section in top.sections("events").items()}
    if not ({"accounts", "prospects"} & set(tables) or events):
        top.fault("nothing-to-read", "events", "is missing", "There must be events, accounts or prospects")
    contract = Contract(
        path=path,
        currency=top.text("currency", ""),
        timezone=_timezone(top),
        observed_until=top.date("observed_until", None),
        freshness=_freshness(top, {*tables, *events}),
        tables=tables,
        events=events,
        words={key: str(value) for key, value in top.mapping("words").items()},
        tags=_tags(top),
        exclude=_exclude(top, {*tables, *(f"events.{name}" for name in events)}),
        closed=frozenset(top.dates("closed")),
        text=hide_passwords(path.read_text(encoding="utf-8")),
    )
    top.done()
    return contract


def _table(name: str, section: Section) -> Table:
    roles, named = TABLES[name], NAMED.get(name, {})
    columns: dict[str, Any] = {}
    source = _source(section)
    for key, role in roles.items():
        column = section.text(key) if role.required and not named else section.text(key, named.get(key))
        if column:
            columns[key] = column
    table = Table(
        name=name,
        source=source,
        columns=columns,
        lists=_once(section, LISTS[name], section.texts(LISTS[name])) if name in LISTS else (),
        null_values=_null_values(section),
        date_format=_date_format(section),
    )
    section.done()
    return table


def _log(name: str, section: Section) -> EventLog:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        section.faults.append(
            Fault(
                code="bad-name",
                found=f"The event log is called {name!r}",
                allowed="Small letters, digits and underscores, a letter first",
            )
        )
    source = _source(section)
    measures = section.mapping("measures")
    _once(section, "measures", tuple(measures))
    log = EventLog(
        name=name,
        source=source,
        at=section.text("at") or "",
        account=section.text("account", ""),
        prospect=section.text("prospect", ""),
        known_at=section.text("known_at", ""),
        id=section.text("id", ""),
        measures={key: _sql(section, key, value) for key, value in measures.items()},
        categories=_once(section, "categories", section.texts("categories")),
        where=section.text("where", ""),
        returns=section.text("returns", ""),
        words=section.text("words", ""),
        null_values=_null_values(section),
        date_format=_date_format(section),
    )
    if not (log.account or log.prospect):
        section.fault("missing-key", "account", "is missing", "It must name a column; or `prospect` does")
    section.done()
    return log


def _once(section: Section, key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as they stand; a fault for those that a database cannot tell apart."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            section.fault("bad-value", key, f"names {name!r} twice", "Names must differ by more than case")
        seen.add(name.lower())
    return tuple({name.lower(): name for name in names}.values())


def _sql(section: Section, name: str, value: object) -> str:
    """The SQL of a measure; a plain number is SQL too."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    section.fault("bad-value", "measures", f"of {name} is {value!r}", "It must be SQL over the row")
    return "0"


def _null_values(section: Section) -> dict[str, tuple[str, ...]]:
    """Texts that mean "none", by column; YAML reads a bare No as false, which is refused."""
    texts: dict[str, tuple[str, ...]] = {}
    for column, value in section.mapping("null_values").items():
        values = value if isinstance(value, list) else [value]
        if all(isinstance(each, str) for each in values):
            texts[column] = tuple(values)
        else:
            section.fault(
                "bad-value", "null_values", f"of {column} is {value!r}", "Put each text in quotes: ['No']"
            )
    return texts


def _date_format(section: Section) -> str:
    form: str = section.text("date_format", "")
    if form and (
        not all(any(part in form for part in parts) for parts in _DATE_PARTS) or "%z" in form.lower()
    ):
        section.fault(
            "bad-value",
            "date_format",
            f"is {form!r}",
            "It must name day, month and year and no zone: '%d/%m/%Y'",
        )
        return ""
    return form


def hide_passwords(text: str) -> str:
    """The text with *** for every password in a URL, and for what its query calls a secret."""
    text = re.sub(r"(://[^/\s:@]*):\S*@", r"\1:***@", text)
    return re.sub(rf"(?i)([?&][\w.%-]*{SECRET}=)[^&\s\"']*", r"\1***", text)


def _source(section: Section) -> Source:
    raw = section.raw("source")
    if isinstance(raw, dict):
        inner = section.section("source")
        # A table without a database is one of the catalog of an engine such as Spark.
        url = inner.text("url", "") if "table" in inner else inner.text("url")
        source = Source(url=url or "", table=inner.text("table", ""), query=inner.text("query", ""))
        if bool(source.table) == bool(source.query):
            inner.fault("bad-value", "table", "and query: one of them must be given, not both")
        inner.done()
        return source
    return Source(files=section.text("source") or "")


def _timezone(top: Section) -> str:
    name: str = top.text("timezone", "UTC")
    try:
        known = bool(ZoneInfo(name).key) and name != "localtime"  # which DuckDB does not know
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        top.fault("bad-timezone", "timezone", f"is {name!r}", "It must be an IANA name such as Europe/London")
        return "UTC"
    return name


def _freshness(top: Section, known: set[str]) -> dict[str, int]:
    limits = {}
    for table, value in top.mapping("freshness").items():
        match = re.fullmatch(r"(\d+)d", str(value))
        if table not in known:
            top.fault("unknown-table", "freshness", f"names {table!r}, which the contract does not have")
        elif not match:
            top.fault("bad-value", "freshness", f"of {table} is {value!r}", "It must be whole days: 2d")
        else:
            limits[table] = int(match.group(1))
    return limits


def _exclude(top: Section, known: set[str]) -> frozenset[str]:
    """``table.column``; the table must be one that the contract has."""
    names: tuple[str, ...] = top.texts("exclude")
    for name in names:
        table, dot, column = name.rpartition(".")
        if not (dot and column):
            top.fault("bad-value", "exclude", f"has {name!r}", "Write table.column")
        elif table not in known:
            top.fault("unknown-table", "exclude", f"names {table!r}", nearest(table, known))
    return frozenset(names)


def _tags(top: Section) -> dict[str, str]:
    tags = {key: str(value) for key, value in top.mapping("tags").items()}
    for column, tag in tags.items():
        if tag not in TAGS:
            top.fault("bad-value", "tags", f"of {column} is {tag!r}", f"It must be one of {', '.join(TAGS)}")
    return tags
