"""A promotion as a text: who, what, against whom, every gate, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salesml.lifecycle.promotion.judged import Judgement


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """What came of a challenger.

    Parameters
    ----------
    name, registered : str
        The spec, and the registered model.
    version : int
        The challenger.
    champion : int or None
        The version in use before.
    outcome : {"promoted", "forced", "refused", "allowed", "champion already"}
        ``allowed``: it passed, and was only judged (``dry``).
    judgement : Judgement or None
        None where it could not be judged, and ``unjudged`` says why.
    by, reason, at : str
        Who moved it, why, and when (UTC).
    notes : tuple of str
        What else should be known.
    """

    name: str
    registered: str
    version: int
    champion: int | None
    outcome: str
    judgement: Judgement | None = None
    unjudged: str = ""
    by: str = ""
    reason: str = ""
    at: str = ""
    notes: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether the version is the champion now, and was not before."""
        return self.outcome in ("promoted", "forced")

    @property
    def refused(self) -> bool:
        return self.outcome == "refused"

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data, for ``promotion.json``."""
        return {
            "name": self.name, "registered_name": self.registered, "version": self.version,
            "champion": self.champion, "outcome": self.outcome, "moved": self.moved, "by": self.by,
            "reason": self.reason, "at": self.at, "unjudged": self.unjudged, "notes": list(self.notes),
            "judgement": self.judgement.as_dict() if self.judgement else None,
        }  # fmt: skip

    def text(self) -> str:
        """The result as a person reads it."""
        lines = [*map(str, self.judgement.lines), "", self.judgement.text, ""] if self.judgement else []
        if self.unjudged:
            lines += [f"It could not be judged: {self.unjudged}", ""]
        return "\n".join([*lines, self._head(), *self.notes])

    def markdown(self) -> str:
        """``promotion.md``."""
        title = f"# {self.registered}, version {self.version}: {self.outcome}"
        parts = [title, self._head()]
        if self.reason:
            parts.append(f"Reason given by {self.by}: {self.reason}")
        if self.judgement:
            parts += [self.judgement.text, _table(self.judgement)]
        if self.unjudged:
            parts.append(f"It could not be judged: {self.unjudged}")
        return "\n\n".join([*parts, *self.notes]) + "\n"

    def _head(self) -> str:
        now = f"Version {self.version} of {self.registered}"
        was = f"version {self.champion}" if self.champion is not None else "no version before it"
        return {
            "promoted": f"{now} is the champion now, in the place of {was}. To undo it: "
            f"salesml revert {self.name}",
            "forced": f"{now} is the champion now, in the place of {was}: forced by {self.by}. To undo it: "
            f"salesml revert {self.name}",
            "refused": f"{now} was not promoted; the champion stays {was}. To promote it all the same: "
            f"salesml promote {self.name} {self.version} --force --reason TEXT",
            "allowed": f"{now} would be promoted in the place of {was}; nothing was moved",
            "champion already": f"{now} is the champion already; nothing was moved",
        }[self.outcome]


def _table(judgement: Judgement) -> str:
    rows = [
        f"| `{line.gate}` | {'passed' if line.passed else '**failed**'} | {line.found} | {line.allowed} |"
        for line in judgement.lines
    ]
    return "\n".join(["| gate | | measured | allowed |", "|---|---|---|---|", *rows])
