"""Twenty reps with 500 accounts and 100 prospects: every text about one of them bears its number.

Whose rows they are is known here by arithmetic alone, so that nothing of the pages is believed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa

from salesml.store.deputies import appoint, end
from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.models import Moved, Recent, Score, Similar
from salesml.store.moments import now
from salesml.store.people import User
from salesml.store.publish import publish
from tests.store.made import DAY, row, unscored, write_rows

REPS: Final = 20
ACCOUNTS: Final = range(500)
PROSPECTS: Final = range(500, 600)
NOBODY: Final = range(480, 500)
"""Accounts that no rep has."""

EVERY: Final[tuple[int, ...]] = (*ACCOUNTS, *PROSPECTS)
LED: Final = (1, 2, 3)
"""By rep 0."""
STANDS_IN, FOR = 5, 6
STOOD_IN, BEFORE = 7, 8
"""Until yesterday, and again until somebody ended it today."""

BORNE: Final = re.compile(r"(?:C|P|name|ind|why|event|moved|note)-(\d{6})")
"""How texts bear the number of whom they are about."""

EARLIER: Final = DAY - dt.timedelta(days=7)


def books(rep: int) -> set[int]:
    """The reps whose rows somebody sees."""
    more = {0: LED, STANDS_IN: (FOR,)}.get(rep, ())
    return {rep, *more}


def owner(number: int) -> int | None:
    return None if number in NOBODY else number % REPS


def is_own(rep: int, number: int) -> bool:
    return owner(number) in books(rep)


def is_scored(number: int) -> bool:
    return number % 23 != 15


def id_of(number: int) -> str:
    return f"{'C' if number in ACCOUNTS else 'P'}-{number:06d}"


def kind_of(number: int) -> str:
    return "account" if number in ACCOUNTS else "prospect"


def answer_of(number: int) -> int:
    """The number of the only answer about an account or prospect."""
    return 810_000 + number


def login(rep: int) -> str:
    return f"rep{rep}@example.com"


def borne(text: str) -> set[int]:
    """The numbers of all whom a text is about."""
    return {int(each) for each in BORNE.findall(text)}


def set_up(store: Store, folder: Path) -> None:
    """Scores of two dates: of the earlier one, when every account was another rep's; and all beside them."""
    people = pa.Table.from_pylist(
        [
            {"rep_id": f"R{each}", "name": f"Rep {each}", "team": "North", "login": login(each),
             "role": "manager" if each == 0 else "rep", "manager_id": "R0" if each in LED else None}
            for each in range(REPS)
        ]
    )  # fmt: skip
    for model, numbers in (("churn", ACCOUNTS), ("conversion", PROSPECTS)):
        for day, shift in ((EARLIER, 1), (DAY, 0)):
            rows = [_row(each, model, day, shift) for each in numbers]
            path = write_rows(folder / "scores.parquet", rows)
            publish(store, path, reps=people, entities=_entities(numbers))
    store.write(_add_beside)
    _add_people(store)


def _row(number: int, model: str, day: dt.date, shift: int) -> dict[str, Any]:
    whose = owner(number)
    found = (row if is_scored(number) else unscored)(number, day=day, model=model, run=f"run {day}")
    reasons = [each | {"words": f"why-{number:06d} {each['words']}"} for each in found["reasons"] or ()]
    return found | {
        "entity_id": id_of(number), "rep_id": None if whose is None else f"R{(whose + shift) % REPS}",
        "reasons": reasons, "problem": None if is_scored(number) else f"why-{number:06d} is infinite",
    }  # fmt: skip


def _entities(numbers: range) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"entity_id": id_of(each), "name": f"name-{each:06d}",
             "attributes": f'{{"industry": "ind-{each:06d}"}}'}
            for each in numbers
        ]
    )  # fmt: skip


def _add_beside(connection: sa.Connection) -> None:
    """Events, what moved scores, and accounts that prospects resemble: one of theirs, one of another's."""
    columns: dict[type[Recent | Moved | Similar], list[dict[str, Any]]] = {Recent: [], Moved: [], Similar: []}
    query = sa.select(Score.id, Score.generation_id, Score.entity_id)
    for about in connection.execute(query).mappings():
        number = int(about["entity_id"][2:])
        event = {"day": "2025-12-30", "words": f"event-{number:06d}", "detail": None, "amount": 1.5}
        moved = {"since": "2025-12-25", "before": 0.1, "now": 0.3, "headline": f"moved-{number:06d}",
                 "text": "", "data": [], "model": [], "model_changed": False}  # fmt: skip
        columns[Recent].append({**about, "events": json.dumps([event])})
        columns[Moved].append({**about, "moved": json.dumps(moved)})
        if number in PROSPECTS:
            near = [_near(place, each) for place, each in enumerate((number - 500, number - 499), start=1)]
            columns[Similar].append({**about, "accounts": json.dumps(near)})
    for table, rows in columns.items():
        connection.execute(sa.insert(table), rows)


def _near(place: int, account: int) -> dict[str, Any]:
    return {
        "place": place, "account_id": id_of(account), "similarity": 0.5 / place,
        "shared": [{"features": ["industry"], "words": "Industry: both Retail"}],
        "name": f"name-{account:06d}",
    }  # fmt: skip


def _add_people(store: Store) -> None:
    moment, today = now(), now().date()
    given = [
        {"id": answer_of(each), "at": moment, "by": "somebody@example.com", "what": "disagree",
         "name": "churn" if each in ACCOUNTS else "conversion",
         "task": "churn" if each in ACCOUNTS else "conversion", "entity_id": id_of(each), "as_of": DAY,
         "probability": 0.5, "note": f"note-{each:06d}", "expires_on": today + dt.timedelta(days=90)}
        for each in EVERY
    ]  # fmt: skip
    people = [
        {"login": login(each), "password": None, "role": None, "zone": None, "epoch": 0, "disabled_at": None,
         "created_at": moment}
        for each in range(REPS)
    ]  # fmt: skip

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.insert(User), people)
        connection.execute(sa.insert(Feedback), given)

    store.write(work, store.feedback)
    day = dt.timedelta(days=1)
    appoint(store, f"R{FOR}", f"R{STANDS_IN}", today - day, today + day, by="test")
    appoint(store, f"R{BEFORE}", f"R{STOOD_IN}", today - 3 * day, today - day, by="test")
    ended = appoint(store, f"R{BEFORE}", f"R{STOOD_IN}", today, today + day, by="test")
    end(store, ended, by="test")
