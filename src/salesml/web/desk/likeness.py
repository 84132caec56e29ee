"""Which customers a prospect resembles, and its chance by another model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score, Similar
from salesml.web.desk.desk import Desk
from salesml.web.desk.plain import mappings

LIKENESS: Final = ("fit", "seeds")
"""What says whether a prospect would become an ideal customer."""
ACCOUNTS: Final = "churn"


@dataclass(frozen=True)
class Alike:
    """A customer that a prospect resembles; without id and name where it is not the person's to see."""

    entity_id: str | None
    name: str | None
    shared: Sequence[str]


def alike(desk: Desk, generations: Sequence[Current], entity_id: str) -> list[Alike]:
    """The ideal customers that a prospect resembles, nearest first: of the first generation that has any."""
    for now in generations:
        beside = sa.and_(Similar.generation_id == Score.generation_id, Similar.entity_id == Score.entity_id)
        query = (
            desk.visible(now.id, Similar.accounts)
            .select_from(Score)
            .join(Similar, beside)
            .where(Score.entity_id == entity_id)
        )
        found = mappings(desk.connection.execute(query).scalar())
        if found:
            return _named(desk, found)
    return []


def _named(desk: Desk, found: Sequence[Mapping[str, Any]]) -> list[Alike]:
    """Customers by name where they are the person's to see."""
    ids = [str(each.get("account_id")) for each in found]
    accounts = desk.of_task(ACCOUNTS)
    names: dict[str, str | None] = {}
    if accounts:
        query = desk.visible(accounts.id, Score.entity_id, Score.name).where(Score.entity_id.in_(ids))
        names = {row[0]: row[1] for row in desk.connection.execute(query)}
    told = []
    for entity, each in zip(ids, found, strict=True):
        shared = each.get("shared")
        words = [str(one["words"]) for one in shared or () if isinstance(one, dict) and one.get("words")]
        seen = entity in names
        name = (names.get(entity) or each.get("name") or entity) if seen else None
        told.append(Alike(entity if seen else None, name, words))
    return told


def chance_of(desk: Desk, now: Current, entity_id: str) -> float | None:
    """The chance of a prospect by another model; nothing where it has none or is not theirs to see."""
    query = desk.visible(now.id, Score.probability).where(
        Score.entity_id == entity_id, Score.status == SCORED
    )
    found = desk.connection.execute(query).scalar()
    return float(found) if found is not None else None
