"""Looking for people in a store after they were erased.

The search knows nothing of what erasing did: it reads the database's own list of tables and columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.erased import ACCOUNT, kind_of
from salesml.store.models import Generation, Score
from salesml.store.similar_json import member

if TYPE_CHECKING:
    from salesml.store.erase import Person

SHORTEST: Final = 4
"""Letters of a name or id that is looked for within texts: shorter ones stand in other words."""

_OWN: Final = {"alembic_version", "erased", "settings", "turns"}
"""Tables that tell of the store, never of anybody."""

Counts = dict[str, int]


def names_of(store: Store, whom: Sequence[Person]) -> list[str]:
    """Names under which people stand in the store, before they are erased."""

    def read(connection: sa.Connection) -> set[str]:
        found: set[str] = set()
        for person in whom:
            query = (
                sa.select(Score.name, Generation.task)
                .join(Generation, Generation.id == Score.generation_id)
                .where(Score.entity_id == person.id)
                .distinct()
            )
            rows = connection.execute(query)
            found |= {row.name for row in rows if row.name and kind_of(row.task) == person.kind}
        return found

    return sorted(store.read(read))


def left_in(store: Store, whom: Sequence[Person], names: Sequence[str]) -> tuple[Counts, Counts]:
    """Rows that are about people, and rows that mention them, each by table and column."""
    words = _words([*names, *(person.id for person in whom if not person.id.isdigit())])
    left: Counts = {}
    mentioned: Counts = {}
    kinds = store.read(_kinds)
    for engine in (store.published, store.feedback):
        search = _Search(kinds, tuple(whom), words)
        about, told = store.read(search.run, engine)
        left |= about
        mentioned |= told
    return left, mentioned


def _words(texts: Sequence[str]) -> list[str]:
    return sorted({text for text in texts if len(text) >= SHORTEST})


def _kinds(connection: sa.Connection) -> dict[int, str]:
    """Whom each generation is about."""
    rows = connection.execute(sa.select(Generation.id, Generation.task))
    return {row.id: kind_of(row.task) for row in rows}


@dataclass(frozen=True)
class _Search:
    """One search of one part of the store."""

    kinds: dict[int, str]
    whom: tuple[Person, ...]
    words: list[str]

    def run(self, connection: sa.Connection) -> tuple[Counts, Counts]:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        found: dict[bool, Counts] = {True: {}, False: {}}
        for table in metadata.sorted_tables:
            for column in table.c if table.name not in _OWN else ():
                if isinstance(column.type, sa.String):
                    about, count = self._look(connection, table, column)
                    if count:
                        found[about][f"{table.name}.{column.name}"] = count
        return found[True], found[False]

    def _look(self, connection: sa.Connection, table: sa.Table, column: sa.Column[str]) -> tuple[bool, int]:
        """Whether a column says whom a row is about, and how many rows are about, or mention, them."""
        if column.name == "entity_id":
            return True, sum(self._about(connection, table, column, person) for person in self.whom)
        if column.name == "accounts":
            accounts = [person.id for person in self.whom if person.kind == ACCOUNT]
            listed = [column.contains(member(each), autoescape=True) for each in accounts]
            return True, sum(_count(connection, each) for each in listed)
        if (table.name, column.name) == ("audit", "about"):
            return True, _count(connection, column.in_([f"{each.kind}:{each.id}" for each in self.whom]))
        return False, self._mentions(connection, column)

    def _about(
        self, connection: sa.Connection, table: sa.Table, column: sa.Column[str], person: Person
    ) -> int:
        if "generation_id" in table.c:
            mine = [key for key, kind in self.kinds.items() if kind == person.kind]
            return _count(connection, column == person.id, table.c.generation_id.in_(mine))
        tasks = connection.execute(sa.select(table.c.task).where(column == person.id)).scalars()
        return sum(kind_of(task) == person.kind for task in tasks)

    def _mentions(self, connection: sa.Connection, column: sa.Column[str]) -> int:
        if not self.words:
            return 0
        near = self._near(connection, column)
        whole = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.words))})(?!\w)", re.IGNORECASE)
        texts = connection.execution_options(yield_per=1_000).execute(sa.select(column).where(near)).scalars()
        return sum(whole.search(text) is not None for text in texts)

    def _near(self, connection: sa.Connection, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """Rows that may mention a word: all that do, and some that do not."""
        if connection.dialect.name == "sqlite" and not "".join(self.words).isascii():
            return column.is_not(None)  # SQLite knows capitals of ASCII alone
        lowered = sa.func.lower(column)
        return sa.or_(*(lowered.contains(word.lower(), autoescape=True) for word in self.words))


def _count(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).where(*conditions)).scalar_one())
