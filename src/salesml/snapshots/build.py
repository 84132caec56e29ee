"""What the makers of features share: the query so far, and each feature with the SQL that makes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from sqlglot import exp

from salesml.config import Spec
from salesml.crm.contract import Contract
from salesml.snapshots.entity import Entity, entity_of
from salesml.snapshots.feature import Feature, Tag
from salesml.snapshots.sql import Expr, Steps, rel, select
from salesml.snapshots.timeline import Timeline

FIXED = {"entity_id", "as_of", "rep_id", "value", "label", "left_day"}
"""Columns of a snapshot that are no features."""

WHOLE = "whole__"
"""What names of tables begin with that were made of all entities."""


@dataclass(frozen=True)
class Made:
    """A feature and the expression of the last step that makes it."""

    feature: Feature
    expression: Expr


@dataclass(frozen=True)
class Beside:
    """A step that is joined to the cohort: by entity and as-of date, or by the date alone."""

    step: str
    of_entity: bool = True


@dataclass(frozen=True)
class Across:
    """What a step looks at beyond one entity, to be made of all of them before they are sliced.

    Parameters
    ----------
    name : str
        The table that the step then reads.
    query : sqlglot.exp.Select
        Makes it.
    of_entity : bool
        Whether its rows are of an ``entity`` each; otherwise they are the same for all.
    """

    name: str
    query: exp.Select
    of_entity: bool


@dataclass
class Build:
    """One snapshot query while it is being put together.

    Parameters
    ----------
    spec, contract
        What is asked for, and of which tables.
    timeline : Timeline
        As-of dates and the edges of all windows.
    columns : dict
        The columns of each canonical relation with their DuckDB types.
    dated : mapping of str to frozenset of str
        By table, the attributes that have a history.
    portable : bool
        Only what other dialects have, too; slower.
    wide : bool
        Keep running totals in 128 bits, for entities whose totals need more than 64.
    moved : bool
        The rows of each entity were moved to one common as-of date, and when a log began is another day
        for each.
    sliced : bool
        The relations hold some of the entities only: what looks across them stands in ``across``.
    """

    spec: Spec
    contract: Contract
    timeline: Timeline
    columns: dict[str, dict[str, str]]
    dated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    portable: bool = False
    wide: bool = False
    moved: bool = False
    sliced: bool = False
    steps: Steps = field(default_factory=Steps)
    beside: list[Beside] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    across: list[Across] = field(default_factory=list)

    @property
    def entity(self) -> Entity:
        """Whom the rows are about."""
        return entity_of(self.spec)

    def feature(self, feature: Feature, expression: Expr) -> None:
        """Add a feature; its name is made unique and safe for LightGBM."""
        name = self._free(safe_name(feature.name))
        fields = {**feature.as_dict(), "name": name}
        self.made.append(Made(Feature.from_dict(fields), expression))

    def join(self, step: str, *, of_entity: bool = True) -> None:
        """Have a step stand beside the cohort."""
        self.beside.append(Beside(step, of_entity))

    def across_entities(self, step: str, query: exp.Select, *, of_entity: bool) -> str:
        """Add a step that looks at more than one entity, and give its name back."""
        if not self.sliced:
            return self.steps.add(step, query)
        name = f"{WHOLE}{step}"
        self.across.append(Across(name, self.steps.before(query), of_entity))
        return self.steps.add(step, select(exp.Star(), source=rel(name)))

    def tag(self, column: str, default: Tag = "") -> Tag:
        """What the contract says of a column: actionable, fixed or a symptom."""
        return cast(Tag, self.contract.tags.get(column, default))

    def withheld(self, table: str, column: str) -> bool:
        """Whether a column must never become a feature."""
        short = table.removeprefix("events.")
        excluded = self.contract.excluded(table, column) or self.contract.excluded(short, column)
        return excluded or column in self.spec.protected

    def _free(self, name: str) -> str:
        taken = {made.feature.name.lower() for made in self.made} | FIXED
        free, number = name, 1
        while free.lower() in taken:
            number += 1
            free = f"{name}_{number}"
        return free


OF_IT = "about|at|by|for|from|in|of|on|to|with"
"""Words after which a name of events says more of them: what comes before is what there are several of."""


def safe_name(name: str) -> str:
    """Letters, digits and underscores only: LightGBM refuses others."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name)


def plural(word: str) -> str:
    """'order' → 'orders', 'visit to the site' → 'visits to the site', for sentences that a rep reads."""
    head = re.match(rf"(.+?)( (?:{OF_IT}) .+)", word)
    if head:
        return plural(head[1]) + head[2]
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")
