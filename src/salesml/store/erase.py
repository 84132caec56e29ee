"""Erasing a customer or prospect everywhere in a store, and looking whether anything is left.

Erased are rows of every generation, reasons, similar accounts, events, moves, history and feedback. What is
kept is a keyed digest, so that publishing an older table does not bring them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from salesml.errors import Fault, UsageError
from salesml.store.audit import erase_from
from salesml.store.engine import Store
from salesml.store.erased import ACCOUNT, PROSPECT, Forgotten, kind_of, remember
from salesml.store.feedback import AnswerOutcome, Feedback
from salesml.store.generations import CHUNK, abandon_others
from salesml.store.migrate import existing
from salesml.store.models import Generation, History, Moved, Reasons, Recent, Score, Similar
from salesml.store.similar_json import mentions_account, without_account
from salesml.store.traces import left_in, names_of
from salesml.store.turn import WAIT, Writer, turn
from salesml.store.wipe import Wiped, wipe


@dataclass(frozen=True)
class Person:
    """Whom to erase: an account or a prospect, by its id."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Erasure:
    """What an erasure found and did.

    Attributes
    ----------
    removed : dict of str to int
        Rows removed or changed, by table.
    left : dict of str to int
        Rows that are still about them afterwards, by table and column: empty is the proof.
    mentioned : dict of str to int
        Rows about others that mention an erased name or id, by table and column: for a person to read.
    wiped : Wiped
        What became of the bytes.
    """

    people: tuple[Person, ...]
    removed: dict[str, int]
    left: dict[str, int]
    mentioned: dict[str, int] = field(default_factory=dict)
    wiped: Wiped = field(default_factory=Wiped)

    @property
    def alarming(self) -> bool:
        """Whether something is left that a person must look at."""
        return bool(self.left or self.mentioned or not self.wiped.done)

    def text(self) -> str:
        """The report; ids are those that were asked for."""
        lines = [f"Erased from the store: {', '.join(map(str, self.people))}"]
        lines += [f"  {table}: {_rows(count)}" for table, count in self.removed.items()]
        lines += ["  nothing was there"] if not any(self.removed.values()) else []
        lines.append(
            "A search of every table afterwards found nothing about them"
            if not self.left
            else "Still found: " + ", ".join(f"{count:,} in {place}" for place, count in self.left.items())
        )
        if self.mentioned:
            places = ", ".join(f"{count:,} in {place}" for place, count in self.mentioned.items())
            lines.append(f"What is said of others may mention them, which a person must read: {places}")
        return "\n".join([*lines, *self.wiped.lines])

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self) | {"alarming": self.alarming}


def people(accounts: Iterable[str] = (), prospects: Iterable[str] = ()) -> tuple[Person, ...]:
    """Whom to erase, from their ids.

    Raises
    ------
    UsageError
        ``missing-option`` when nobody is named.
    """
    found = [*(Person(ACCOUNT, each) for each in accounts), *(Person(PROSPECT, each) for each in prospects)]
    if not all(each.id for each in found) or not found:
        raise UsageError(
            Fault(code="missing-option", found="Nobody is named", do="Give --account ID or --prospect ID")
        )
    return tuple(dict.fromkeys(found))


def erase(store: Store, whom: Sequence[Person], *, rewrite: bool = False, wait: float = WAIT) -> Erasure:
    """Erase people from a store.

    Parameters
    ----------
    whom : sequence of Person
        As :func:`people` makes it.
    rewrite : bool
        In PostgreSQL, rewrite the tables' files, which keeps readers waiting meanwhile. A SQLite file is
        always rewritten.
    wait : float
        Seconds to wait while another job writes.

    Raises
    ------
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``publishing-elsewhere`` or ``store-away``; run it again then.
    """
    existing(store)
    with turn(store, wait=wait) as writer:
        # A load that was stopped would go on with rows that were read before.
        abandon_others(writer)
        forgotten = store.read(Forgotten.read)
        writer.write(lambda con: remember(con, [forgotten.digest(each.kind, each.id) for each in whom]))
        names = names_of(store, whom)
        removed: dict[str, int] = {}
        for person in whom:
            for table, count in _erase_one(writer, person).items():
                removed[table] = removed.get(table, 0) + count
        wiped = wipe(writer, rewrite=rewrite)
        left, mentioned = left_in(store, whom, names)
    return Erasure(tuple(whom), removed, left, mentioned, wiped)


_BESIDE = (Similar, Recent, Moved, History)
"""Tables of rows about one account or prospect, beside scores and reasons."""


def _erase_one(writer: Writer, person: Person) -> dict[str, int]:
    """Remove one person's rows; how many, by table."""
    generations = writer.store.read(lambda connection: _generations(connection, person.kind))
    tables = ("scores", "reasons", *(each.__tablename__ for each in _BESIDE), "feedback", "audit")
    removed = dict.fromkeys(tables, 0)
    for generation in generations:
        counts = writer.write(lambda con, each=generation: _erase_scores(con, each, person.id))  # type: ignore[misc]
        for table, count in counts.items():
            removed[table] += count
    if person.kind == ACCOUNT:
        removed["similar_accounts"] += _erase_from_others(writer, person.id)
    removed["feedback"] = writer.store.write(
        lambda connection: _erase_feedback(connection, person), writer.store.feedback
    )
    removed["audit"] = writer.store.write(
        lambda connection: erase_from(connection, person.kind, person.id), writer.store.feedback
    )
    return removed


def _generations(connection: sa.Connection, kind: str) -> list[int]:
    found = connection.execute(sa.select(Generation.id, Generation.task)).all()
    return [row.id for row in found if kind_of(row.task) == kind]


def _erase_scores(connection: sa.Connection, generation: int, entity_id: str) -> dict[str, int]:
    of_it = sa.select(Score.id).where(Score.generation_id == generation, Score.entity_id == entity_id)
    reasons = connection.execute(sa.delete(Reasons).where(Reasons.score_id.in_(of_it)))
    counts = {"reasons": reasons.rowcount}
    for table in (Score, *_BESIDE):
        gone = sa.delete(table).where(table.generation_id == generation, table.entity_id == entity_id)
        counts[table.__tablename__] = connection.execute(gone).rowcount
    return counts


def _erase_from_others(writer: Writer, account: str) -> int:
    """Take an account out of the lists of accounts that prospects resemble."""
    listed = sa.select(Similar.id, Similar.accounts).where(mentions_account(account)).order_by(Similar.id)
    count, last = 0, -1
    while True:
        some = listed.where(Similar.id > last).limit(CHUNK)
        found = writer.store.read(lambda connection, query=some: connection.execute(query).all())  # type: ignore[misc]
        if not found:
            return count
        count += writer.write(lambda con, rows=found: _shorten(con, rows, account))  # type: ignore[misc]
        last = found[-1].id


def _shorten(connection: sa.Connection, found: Sequence[sa.Row[Any]], account: str) -> int:
    for row in found:
        left = without_account(row.accounts, account)
        where = Similar.id == row.id
        connection.execute(
            sa.update(Similar).where(where).values(accounts=left) if left else sa.delete(Similar).where(where)
        )
    return len(found)


def _erase_feedback(connection: sa.Connection, person: Person) -> int:
    found = connection.execute(sa.select(Feedback.id, Feedback.task).where(Feedback.entity_id == person.id))
    ids = [row.id for row in found if kind_of(row.task) == person.kind]
    # What others withdrew or followed goes first, as rows may be about one another.
    connection.execute(sa.update(Feedback).where(Feedback.about.in_(ids)).values(about=None))
    connection.execute(sa.delete(AnswerOutcome).where(AnswerOutcome.answer.in_(ids)))
    return connection.execute(sa.delete(Feedback).where(Feedback.id.in_(ids))).rowcount


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
