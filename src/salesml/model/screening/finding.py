"""What a check found: what, where, how sure, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["stop", "warn", "note"]

ORDER: tuple[Severity, ...] = ("stop", "warn", "note")
"""From the gravest on."""

SURE = ((0.999, "all but certain"), (0.99, "very likely"), (0.9, "likely"), (0.0, "worth a look"))
"""How sure a finding is, in words, from which probability on."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was found in the rows before anything was learned from them.

    Parameters
    ----------
    code : str
        Reason code for machines, in kebab case, such as ``"stands-for-outcome"``.
    severity : {"stop", "warn", "note"}
        ``stop``: nothing should be learned before somebody has decided; ``warn``: likely to spoil the
        model; ``note``: to be known.
    what : str
        What was found, in whole sentences.
    do : str
        What the reader can do about it.
    columns : tuple of str
        The columns it is about.
    rows : int
        How many rows it concerns; 0 where that says nothing.
    examples : tuple of int
        Positions of up to five of those rows. Never their values.
    sure : float
        Probability-like, 0 to 1: one less the p-value of the test that found it, or the probability
        that the figure really lies beyond the rule's limit. 1 for what is counted, not estimated.
    """

    code: str
    severity: Severity
    what: str
    do: str
    columns: tuple[str, ...] = ()
    rows: int = 0
    examples: tuple[int, ...] = ()
    sure: float = 1.0

    @property
    def sure_words(self) -> str:
        """How sure it is, in words and as a number."""
        words = next(words for least, words in SURE if self.sure >= least)
        if self.sure >= 1.0:
            return "counted"
        return f"{words} ({min(self.sure, 0.9999):.4g})"

    def __str__(self) -> str:
        return f"{self.what} {self.do}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {**asdict(self), "sure_words": self.sure_words}


def listed(names: tuple[str, ...] | list[str], most: int = 8) -> str:
    """Names as a text: ``a, b and 3 more``."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
