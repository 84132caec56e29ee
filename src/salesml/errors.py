"""Every error of salesml: what was found, what is allowed, what to do, and a reason code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with an input.

    Parameters
    ----------
    code : str
        Reason code for machines, in kebab case, such as ``"missing-column"``.
    found : str
        What was found, as a clause that begins a sentence.
    allowed : str
        What would be right.
    do : str
        What the reader can do about it.
    fatal : bool
        Whether work must stop; a fault that is not fatal is a warning.
    table, column : str
        Where it is, when it is in a table.
    count : int
        How many rows it concerns.
    examples : tuple of str
        Up to five of them.
    """

    code: str
    found: str
    allowed: str = ""
    do: str = ""
    fatal: bool = True
    table: str = ""
    column: str = ""
    count: int = 0
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.sentences}" if self.place else self.sentences

    @property
    def sentences(self) -> str:
        """What was found, what is allowed and what to do, without the place."""
        parts = [self.found, self.allowed, self.do]
        return " ".join(part if part.endswith("?") else part.rstrip(".") + "." for part in parts if part)

    @property
    def place(self) -> str:
        """Table and column, as far as there are any."""
        return ", ".join(part for part in (self.table, self.column and f"column {self.column}") if part)

    def as_dict(self) -> dict[str, Any]:
        """The fault as plain data, for ``--json``."""
        return asdict(self)


class SalesmlError(Exception):
    """Base of every error that salesml raises on purpose.

    ``faults`` holds all that was found, ``code`` the reason code of the first one, and
    ``exit_code`` what a command ends with: 1 the data or the model is refused, 2 wrong usage,
    4 something outside is away.
    """

    exit_code = 1

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self._text())

    @property
    def code(self) -> str:
        return self.faults[0].code

    def _text(self) -> str:
        if len(self.faults) == 1:
            return str(self.faults[0])
        lines = [f"- [{fault.code}] {fault}" for fault in self.faults]
        return "\n".join([f"{len(self.faults)} faults:", *lines])

    def __reduce__(self) -> tuple[type[SalesmlError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class UsageError(SalesmlError):
    """A command, a parameter or a configuration file is not of the form it must have."""

    exit_code = 2


class DataError(SalesmlError):
    """The tables cannot be used as they are."""


class ModelError(SalesmlError):
    """A model or a bundle cannot be used as it is."""


class OutsideError(SalesmlError):
    """Something outside this process is away: try again."""

    exit_code = 4
