"""Answers to scores: added and withdrawn, never changed.

An answer holds for an account or prospect, whichever scores come after it, until it expires or somebody
withdraws it. Whoever calls has made sure that the account is theirs who answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from salesml.errors import DataError, Fault
from salesml.store.feedback import AnswerOutcome, Feedback
from salesml.store.moments import clock

CONTACTED: Final = "contacted"
SAVED: Final = "saved"
LOST: Final = "lost"
WRONG_REASON: Final = "reason-is-wrong"
DISAGREE: Final = "disagree"
WITHDRAWN: Final = "withdrawn"

LASTS: Final = {CONTACTED: 30, SAVED: 90, LOST: 365, WRONG_REASON: 180, DISAGREE: 90}
"""Days that an answer holds where nothing else is said, by what is answered."""

WHATS: Final = tuple(LASTS)

LONGEST: Final = 366
"""Days that an answer may hold at most."""

LETTERS: Final = 2_000
"""Of a note."""

MOST: Final = 1_000
"""Answers about one account or prospect that are read, the newest."""

ACTIVE: Final = "active"
EXPIRED: Final = "expired"


@dataclass(frozen=True)
class Said:
    """What somebody answers.

    Attributes
    ----------
    what : str
        One of :data:`WHATS`.
    reason, reason_words : str or None
        The features of the reason that it is about, and its words; needed where a reason is wrong.
    note : str
        Needed where somebody disagrees.
    expires_on : date or None
        The last day on which it holds; as :data:`LASTS` says where none is given.
    """

    what: str
    reason: str | None = None
    reason_words: str | None = None
    note: str = ""
    expires_on: dt.date | None = None


@dataclass(frozen=True)
class Seen:
    """The score that was seen by whoever answers.

    Attributes
    ----------
    name : str
        The model.
    rep_id : str or None
        Whose account or prospect it is.
    band, rank, list, pick_probability, picked
        As the list that was published said; none where only scores were.
    """

    name: str
    task: str
    entity_id: str
    as_of: dt.date
    model_version: str
    probability: float | None
    rep_id: str | None
    band: str | None = None
    rank: int | None = None
    list: str | None = None
    pick_probability: float | None = None
    picked: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer as it stands.

    Attributes
    ----------
    withdrawn_by, withdrawn_at
        Who withdrew it and when, if anybody did.
    label, horizon_start, horizon_end
        What came of it and on which days, the end not included, once that was looked up and is known.
    """

    id: int
    at: dt.datetime
    by: str
    what: str
    name: str
    task: str
    entity_id: str
    as_of: dt.date | None
    model_version: str | None
    probability: float | None
    rep_id: str | None
    reason: str | None
    reason_words: str | None
    note: str | None
    expires_on: dt.date | None
    band: str | None = None
    rank: int | None = None
    list: str | None = None
    pick_probability: float | None = None
    picked: str | None = None
    withdrawn_by: str | None = None
    withdrawn_at: dt.datetime | None = None
    label: int | None = None
    horizon_start: dt.date | None = None
    horizon_end: dt.date | None = None

    @property
    def horizon_last(self) -> dt.date | None:
        """The last day that the outcome looks at."""
        return self.horizon_end - dt.timedelta(days=1) if self.horizon_end else None

    def state(self, today: dt.date) -> str:
        """``active``, ``expired`` or ``withdrawn`` on a day."""
        if self.withdrawn_at is not None:
            return WITHDRAWN
        return EXPIRED if self.expires_on is not None and self.expires_on < today else ACTIVE


_GONE: Any = sa.orm.aliased(Feedback, name="gone")

_COLUMNS: Final = (
    Feedback.id, Feedback.at, Feedback.by, Feedback.what, Feedback.name, Feedback.task, Feedback.entity_id,
    Feedback.as_of, Feedback.model_version, Feedback.probability, Feedback.rep_id, Feedback.reason,
    Feedback.reason_words, Feedback.note, Feedback.expires_on, Feedback.band, Feedback.rank, Feedback.list,
    Feedback.pick_probability, Feedback.picked, _GONE.by, _GONE.at, AnswerOutcome.label,
    AnswerOutcome.horizon_start, AnswerOutcome.horizon_end,
)  # fmt: skip


def add(
    connection: sa.Connection, seen: Seen, said: Said, *, by: str, today: dt.date, key: str
) -> tuple[int, bool]:
    """Add an answer, once for each key and content.

    Parameters
    ----------
    connection : Connection
        Writing feedback.
    by : str
        Who answers, as they sign in.
    today : date
        The company's day.
    key : str
        Of the form or the program's request: the same answer sent again under it is not added again.

    Returns
    -------
    tuple
        The answer's number, and whether it is new.

    Raises
    ------
    DataError
        ``bad-answer`` with all that is wrong with it.
    """
    check(said, today)
    expires_on = said.expires_on or today + dt.timedelta(days=LASTS[said.what])
    content = [by, seen.task, seen.entity_id, said.what, said.reason, said.note, str(said.expires_on), key]
    values = {
        "at": clock(connection), "by": by, "what": said.what, "name": seen.name, "task": seen.task,
        "entity_id": seen.entity_id, "as_of": seen.as_of, "model_version": seen.model_version,
        "probability": seen.probability, "rep_id": seen.rep_id, "band": seen.band, "rank": seen.rank,
        "list": seen.list, "pick_probability": seen.pick_probability, "picked": seen.picked,
        "reason": said.reason,
        "reason_words": said.reason_words, "note": said.note or None, "expires_on": expires_on,
        "key": hashlib.sha256(json.dumps(content).encode()).hexdigest(),
    }  # fmt: skip
    return _once(connection, values)


def withdraw(connection: sa.Connection, answer: Answer, *, by: str) -> bool:
    """Withdraw an answer; whether it had not been withdrawn before."""
    values = {
        "at": clock(connection), "by": by, "what": WITHDRAWN, "name": answer.name, "task": answer.task,
        "entity_id": answer.entity_id, "as_of": answer.as_of, "about": answer.id,
        "key": f"{WITHDRAWN}:{answer.id}",
    }  # fmt: skip
    return _once(connection, values)[1]


def check(said: Said, today: dt.date) -> None:
    """Refuse an answer that says nothing, or too much.

    Raises
    ------
    DataError
        ``bad-answer`` with all that is wrong with it.
    """
    found = []
    if said.what not in WHATS:
        found.append(Fault(code="bad-answer", found="It is not said what is answered", allowed=_listed()))
    if said.what == WRONG_REASON and not said.reason:
        found.append(_fault("No reason is chosen", "Choose the reason that is wrong"))
    if said.what == DISAGREE and not said.note.strip():
        found.append(_fault("It is not said why you disagree", "Write a sentence"))
    if len(said.note) > LETTERS:
        found.append(_fault(f"The note has {len(said.note):,} letters", f"Use at most {LETTERS:,}"))
    last = today + dt.timedelta(days=LONGEST)
    if said.expires_on and not today < said.expires_on <= last:
        found.append(
            _fault(f"It would hold until {said.expires_on}", f"Choose a day after today and not after {last}")
        )
    if found:
        raise DataError(found)


def of_entity(connection: sa.Connection, entity_id: str, tasks: Iterable[str]) -> Sequence[Answer]:
    """The answers about an account or prospect, newest first; of very many the newest."""
    query = _all().where(Feedback.entity_id == entity_id, Feedback.task.in_(sorted(tasks)))
    return _read(connection, query.order_by(Feedback.id.desc()).limit(MOST))


def latest(
    connection: sa.Connection, entity_ids: Iterable[str], tasks: Iterable[str], today: dt.date
) -> Mapping[str, Answer]:
    """The newest answer that holds, by the id of the account or prospect."""
    ids = sorted(entity_ids)
    if not ids:
        return {}
    query = _all().where(Feedback.entity_id.in_(ids), Feedback.task.in_(sorted(tasks)))
    found = _read(connection, query.order_by(Feedback.id))
    return {each.entity_id: each for each in found if each.state(today) == ACTIVE}


def one(connection: sa.Connection, number: int) -> Answer | None:
    """An answer by its number; withdrawals have none."""
    found = _read(connection, _all().where(Feedback.id == number))
    return found[0] if found else None


def every(connection: sa.Connection) -> Sequence[Answer]:
    """All answers, oldest first."""
    return _read(connection, _all().order_by(Feedback.id))


def _all() -> sa.Select[Any]:
    gone = sa.and_(_GONE.about == Feedback.id, _GONE.what == WITHDRAWN)
    found = sa.select(*_COLUMNS).select_from(Feedback).outerjoin(_GONE, gone)
    return found.outerjoin(AnswerOutcome, AnswerOutcome.answer == Feedback.id).where(
        Feedback.what != WITHDRAWN
    )


def _read(connection: sa.Connection, query: sa.Select[Any]) -> list[Answer]:
    return [Answer(*row) for row in connection.execute(query)]


def _once(connection: sa.Connection, values: dict[str, Any]) -> tuple[int, bool]:
    """Add a line unless there is one of its key; its number, and whether it is new."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    line = insert(Feedback).values(values).on_conflict_do_nothing(index_elements=["key"])
    new = connection.execute(line.returning(Feedback.id)).scalar()
    if new is not None:
        return int(new), True
    there = sa.select(Feedback.id).where(Feedback.key == values["key"])
    return int(connection.execute(there).scalar_one()), False


def _listed() -> str:
    return ", ".join(WHATS)


def _fault(found: str, do: str) -> Fault:
    return Fault(code="bad-answer", found=found, do=do)
