"""What reps are called."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from salesml.store.access import Person
from salesml.store.models import Rep


def rep_names(connection: sa.Connection) -> Mapping[str, str]:
    """Names by id; the id where there is no name."""
    query = sa.select(Rep.rep_id, sa.func.coalesce(Rep.name, Rep.rep_id)).order_by(Rep.rep_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def books(person: Person, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The reps whose books somebody sees, with their names and in the order of these."""
    seen = names.keys() if person.books is None else person.books
    return sorted(((each, names.get(each, each)) for each in seen), key=lambda each: (each[1], each[0]))
