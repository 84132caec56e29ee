"""What publishing came to, for a person and for another program."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """What publishing came to.

    Attributes
    ----------
    generation : int
    changed : bool
        Whether readers see it since now; False when that content was published before.
    rows, unscored, erased : int
        Rows that can be read; those of them that could not be scored; rows left out because those whom they
        are about were erased.
    similar : int
        Prospects with similar accounts.
    recent, moves : int
        Rows with recent events; rows that say what moved the score.
    notes : tuple of str
        What else there is to know.
    alarming : bool
        Whether something was left undone that does not concern readers.
    """

    generation: int
    name: str
    as_of: str
    changed: bool
    rows: int = 0
    unscored: int = 0
    erased: int = 0
    similar: int = 0
    recent: int = 0
    moves: int = 0
    notes: tuple[str, ...] = ()
    alarming: bool = False

    def text(self) -> str:
        """The result as a person reads it."""
        what = f"{self.name} as of {self.as_of}"
        if not self.changed:
            return "\n".join([f"Already published: {what} is generation {self.generation}", *self.notes])
        left = f", {self.unscored:,} of them not scored" if self.unscored else ""
        first = f"Published {what}: {self.rows:,} rows{left}, as generation {self.generation}"
        counts = {"recent events": self.recent, "what moved their score": self.moves}
        near = [f"{self.similar:,} prospects have similar accounts"] if self.similar else []
        near += [f"{count:,} rows have {what}" for what, count in counts.items() if count]
        gone = [f"Left out, as whom they are about was erased: {self.erased:,}"] if self.erased else []
        return "\n".join([first, *near, *gone, *self.notes])

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return asdict(self)
