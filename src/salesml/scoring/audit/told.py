"""A feature about to be told, and what makes templates of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from salesml.scoring.audit.shown import Holds, missing
from salesml.scoring.audit.template import Claim, Part, Reads, Since, Template, Value, mark
from salesml.snapshots.feature import Feature
from salesml.words.facts import Fact

OPEN = ("value", "usual", "last", "number", "before", "stage")
"""Names that stand for values in templates."""


class Lookup(Protocol):
    """Where a feature's companions stand."""

    features: Sequence[Feature]
    facts: Sequence[Fact]

    def beside(self, position: int, role: str) -> int: ...

    def what(self, position: int) -> str: ...


@dataclass(frozen=True)
class Told:
    """A feature about to be told, and what makes templates of it."""

    lookup: Lookup
    position: int

    @cached_property
    def feature(self) -> Feature:
        return self.lookup.features[self.position]

    @cached_property
    def fact(self) -> Fact:
        return self.lookup.facts[self.position]

    @property
    def own(self) -> Value:
        return Value((self.position,))

    @property
    def unknown(self) -> list[Claim]:
        """That the feature has no value."""
        return [Claim(self.own, missing)]

    def make(
        self, text: str, parts: Mapping[str, Part] | None = None, always: Sequence[Claim] = (),
        reads: Reads = "", against: tuple[Value, ...] = (), since: Since = "",
    ) -> Template:  # fmt: skip
        """A template that tells this feature."""
        return Template(text, self.position, parts or {}, always, reads, against, since, self.fact.days)

    def fill(self, template: str, **more: Any) -> str:
        """A template of the catalogue with the feature's words, its values open."""
        fact = self.fact
        fixed = {"what": fact.what, "one": fact.one, "many": fact.many, "days": fact.days}
        fixed["Many"] = capital(fact.many)
        return capital(template.format(**{**fixed, **{name: mark(name) for name in OPEN}, **more}))

    def part(self, name: str, form: str) -> dict[str, Part]:
        """The feature's own value at a name."""
        return {name: Part(self.own, form, self.feature.unit if form == "money" else "")}

    def beside(self, role: str, form: str) -> dict[str, Part]:
        """A companion's value at the name of its role; nothing without one."""
        at = self.lookup.beside(self.position, role)
        return {role: Part(Value((at,)), form)} if at >= 0 else {}

    def that(self, role: str, holds: Holds) -> list[Claim] | None:
        """A claim on a companion; None without one."""
        at = self.lookup.beside(self.position, role)
        return [Claim(Value((at,)), holds)] if at >= 0 else None

    @property
    def amount(self) -> str:
        """How an amount is written."""
        return self.feature.form if self.feature.form == "money" else "number"


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]
