"""What a check found: all faults, to read and as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from salesml.errors import DataError, Fault

FORMAT = 1


@dataclass(frozen=True)
class Report:
    """Every fault of a contract and its tables.

    Parameters
    ----------
    faults : tuple of Fault
        Fatal ones first, then by table, column and code.
    rows : tuple of (str, int)
        The tables that were read, with their numbers of rows.
    """

    faults: tuple[Fault, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, faults: Iterable[Fault], rows: Iterable[tuple[str, int]] = ()) -> Report:
        """A report of faults in any order."""
        return cls(tuple(sorted(faults, key=_order)), tuple(rows))

    @property
    def fatal(self) -> bool:
        """Whether any fault is fatal."""
        return any(fault.fatal for fault in self.faults)

    def raise_if_fatal(self) -> None:
        """Stop here when anything is fatal.

        Raises
        ------
        DataError
            With all fatal faults.
        """
        if self.fatal:
            raise DataError(fault for fault in self.faults if fault.fatal)

    def text(self) -> str:
        """The report for people: by severity and table, with one last line of counts."""
        lines: list[str] = []
        for (fatal, table), group in groupby(self.faults, key=lambda fault: (fault.fatal, fault.table)):
            lines.append(f"{'FATAL' if fatal else 'warning'}: {table or 'crm.yaml'}")
            for fault in group:
                lines.extend(_fault_lines(fault))
            lines.append("")
        return "\n".join([*lines, *self._read_lines(), self.summary()])

    def summary(self) -> str:
        """One line: how many faults of each kind."""
        fatal = sum(fault.fatal for fault in self.faults)
        warnings = len(self.faults) - fatal
        if not self.faults:
            return "Nothing is wrong."
        return f"{counted(fatal, 'fatal fault')}, {counted(warnings, 'warning')}." + (
            " Nothing is scored until the fatal ones are mended, nor trained, unless they are only stale."
            if fatal
            else ""
        )

    def as_json(self) -> dict[str, Any]:
        """The report for programs: ``format``, ``fatal``, ``rows``, ``faults``."""
        return {
            "format": FORMAT,
            "fatal": self.fatal,
            "rows": dict(self.rows),
            "faults": [fault.as_dict() | {"examples": list(fault.examples)} for fault in self.faults],
        }

    def _read_lines(self) -> list[str]:
        if not self.rows:
            return []
        tables = ", ".join(f"{table} ({counted(rows, 'row')})" for table, rows in self.rows)
        return [f"Read: {tables}"]


def _fault_lines(fault: Fault) -> list[str]:
    place = f"{fault.column}: " if fault.column else ""
    lines = [f"  [{fault.code}] {place}{fault.found}"]
    if fault.examples:
        lines.append(f"      for example {', '.join(fault.examples)}")
    return lines + [f"      {_sentence(note)}" for note in (fault.allowed, fault.do) if note]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 row, 2,000 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _order(fault: Fault) -> tuple[bool, str, str, str, str]:
    return not fault.fatal, fault.table, fault.column, fault.code, fault.found
