"""Reading a YAML mapping key by key: every fault is collected, no key goes unnoticed."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from salesml.errors import Fault, UsageError

T = TypeVar("T")

REQUIRED: Any = object()
"""Default of a key that must be there."""


class _UniqueKeys(yaml.SafeLoader):
    """A safe loader that refuses a key written twice instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands twice, again in line {line}",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises
    ------
    UsageError
        ``missing-file``, ``bad-yaml`` or ``not-a-mapping``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            Fault(code="missing-file", found=f"{path} does not exist", do="Make one with `salesml init DIR`")
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Fault(code="unreadable-file", found=f"{path} cannot be read: {error}")) from error
    try:
        data = yaml.load(text, Loader=_UniqueKeys)
    except RecursionError:
        raise UsageError(
            Fault(
                code="bad-yaml",
                found=f"{path} nests brackets or lists too deeply to be read",
                allowed="A few levels are all that any file here needs",
                do="Write it anew by the example of `salesml init DIR`",
            )
        ) from None
    except yaml.YAMLError as error:
        raise UsageError(
            Fault(code="bad-yaml", found=f"{path} is not YAML: {error}", do="Mend the file at that place")
        ) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(
            Fault(
                code="not-a-mapping",
                found=f"{path} holds a {type(data).__name__}",
                allowed="It must be a mapping of keys to values",
            )
        )
    return data


def nearest(word: str, allowed: Iterable[str]) -> str:
    """'Did you mean …' for a word that is not among the allowed ones, or their list."""
    names = sorted(allowed)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Allowed: " + ", ".join(names)


class Section:
    """A mapping of a YAML file, read key by key.

    Parameters
    ----------
    data : Any
        What stands in the file at this place.
    where : str
        The place in words, such as ``"crm.yaml: events.orders"``.
    faults : list of Fault
        Collects what is wrong; shared with sub-sections.
    """

    def __init__(self, data: Any, where: str, faults: list[Fault]) -> None:
        self.where = where
        self.faults = faults
        self._known: set[str] = set()
        self._data: dict[str, Any] = {}
        if data is None:
            return
        if not isinstance(data, dict):
            self._fault("not-a-mapping", f"{where} is {data!r}", "It must be a mapping of keys to values")
            return
        self._data = {str(key): value for key, value in data.items()}

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """The keys that stand there, in file order."""
        return iter(self._data)

    def raw(self, key: str, default: Any = None) -> Any:
        """The value as it stands."""
        return self._take(key, default, lambda value: value, "")

    def text(self, key: str, default: Any = REQUIRED) -> Any:
        return self._take(key, default, _text, "text")

    def texts(self, key: str, default: Any = ()) -> Any:
        """A list of texts, as a tuple."""
        return self._take(key, default, _texts, "a list of texts")

    def integer(self, key: str, default: Any = REQUIRED, *, least: int | None = None) -> Any:
        number = self._take(key, default, _integer, "a whole number")
        return self._at_least(key, number, least)

    def integers(self, key: str, default: Any = ()) -> Any:
        """A list of whole numbers, as a tuple."""
        return self._take(key, default, _integers, "a list of whole numbers")

    def number(self, key: str, default: Any = REQUIRED, *, least: float | None = None) -> Any:
        number = self._take(key, default, _number, "a number")
        return self._at_least(key, number, least)

    def dates(self, key: str, default: Any = ()) -> Any:
        """A list of dates (one date counts as a list of one), as a tuple."""
        return self._take(key, default, _dates, "a list of dates such as 2026-01-31")

    def date(self, key: str, default: Any = REQUIRED) -> Any:
        return self._take(key, default, _date, "a date such as 2026-01-31")

    def choice(self, key: str, allowed: Iterable[str], default: Any = REQUIRED) -> Any:
        names = tuple(allowed)
        value = self.text(key, default)
        if value in names or value is default or value is None:
            return value
        self._fault("bad-value", f"{self.where}.{key} is {value!r}", nearest(str(value), names))
        return names[0]

    def section(self, key: str) -> Section:
        """The mapping under a key; empty when the key is absent."""
        self._known.add(key)
        return Section(self._data.get(key), self._place(key), self.faults)

    def sections(self, key: str) -> dict[str, Section]:
        """A mapping of names to mappings."""
        outer = self.section(key)
        return {name: outer.section(name) for name in outer}

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping of names to values as they stand."""
        outer = self.section(key)
        return dict(outer._data)

    def numbers(self, key: str) -> dict[str, float]:
        """A mapping of names to numbers."""
        inner = self.section(key)
        return {name: inner.number(name) for name in inner}

    def done(self) -> None:
        """Name every key that nothing asked for, with the nearest right one."""
        for key in self._data:
            if key not in self._known:
                self._fault(
                    "unknown-key", f"{self.where} has the unknown key {key!r}", nearest(key, self._known)
                )

    def fault(self, code: str, key: str, found: str, allowed: str = "") -> None:
        """Report a fault of the value under a key."""
        self._fault(code, f"{self._place(key)} {found}", allowed)

    def _place(self, key: str) -> str:
        separator = " " if self.where.endswith(":") else "."
        return f"{self.where}{separator}{key}"

    def _take(self, key: str, default: Any, convert: Callable[[Any], T | None], kind: str) -> Any:
        self._known.add(key)
        value = self._data.get(key)
        if value is None:
            if default is REQUIRED:
                self._fault("missing-key", f"{self.where} lacks the key {key!r}", f"It must be {kind}")
                return None
            return default
        converted = convert(value)
        if converted is None:
            self._fault("bad-value", f"{self._place(key)} is {value!r}", f"It must be {kind}")
            return None if default is REQUIRED else default
        return converted

    def _at_least(self, key: str, number: Any, least: float | None) -> Any:
        if number is not None and least is not None and number < least:
            self._fault("bad-value", f"{self._place(key)} is {number}", f"It must be at least {least}")
            return least
        return number

    def _fault(self, code: str, found: str, allowed: str = "") -> None:
        self.faults.append(Fault(code=code, found=found, allowed=allowed))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _all(values: Any, convert: Callable[[Any], T | None]) -> tuple[T, ...] | None:
    if not isinstance(values, list):
        return None
    converted = [convert(value) for value in values]
    return None if None in converted else tuple(value for value in converted if value is not None)


def _texts(value: Any) -> tuple[str, ...] | None:
    return _all(value, _text)


def _integers(value: Any) -> tuple[int, ...] | None:
    return _all(value, _integer)


def _dates(value: Any) -> tuple[dt.date, ...] | None:
    return _all(value if isinstance(value, list) else [value], _date)
