"""The letters of a week, one for each rep: each made of what that rep may see and of nothing else."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from salesml.errors import OutsideError
from salesml.store.access import REP, Person, person
from salesml.store.directory import Member, directory
from salesml.store.engine import Store, reading
from salesml.web.catalogue import texts
from salesml.web.desk import Desk
from salesml.web.desk.this_week import this_week
from salesml.web.letter import Letter, letter

log = logging.getLogger("salesml.web")

NOBODY: Final = "may not sign in"
NO_BOOK: Final = "has no book"
NOTHING: Final = "has nobody to call"
FAILED: Final = "could not be written"


@dataclass(frozen=True)
class Prepared:
    """The letter of a rep, or why there is none.

    Attributes
    ----------
    login : str or None
        By the company's table of reps, in small letters.
    generation : int
        Of the scores that it is about.
    problem : str
        Empty where there is a letter.
    failed : bool
        Whether the problem is none that the tables explain.
    """

    rep_id: str
    name: str
    login: str | None
    generation: int = 0
    letter: Letter | None = None
    problem: str = ""
    failed: bool = False


def letters(
    store: Store,
    *,
    today: dt.date,
    address: str = "",
    stale_after: int = 2,
    reps: Iterable[str] | None = None,
) -> Iterator[Prepared]:
    """A letter for each rep, in the order of their ids; one that fails does not stop the others.

    Parameters
    ----------
    today : date
        The company's day.
    address : str
        Where the pages are; without one letters have no links.
    stale_after : int
        Days after which scores are called old.
    reps : iterable of str, optional
        Only these.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    wanted = None if reps is None else set(reps)
    for member in directory(store).members:
        if wanted is not None and member.rep_id not in wanted:
            continue
        try:
            yield _prepared(store, member, today, address, stale_after)
        except OutsideError:
            raise
        except Exception:  # whatever is wrong with one rep's rows, the others get theirs
            log.exception("The letter of %r could not be written", member.rep_id)
            yield Prepared(member.rep_id, _called(member), member.login, problem=FAILED, failed=True)


def _prepared(store: Store, member: Member, today: dt.date, address: str, stale_after: int) -> Prepared:
    who = _person(store, member, today)
    about = Prepared(member.rep_id, _called(member), who.login if who and member.login else None)
    if who is None:
        return _without(about, NOBODY)
    if not who.has_book:
        return _without(about, NO_BOOK)
    with reading(store.published) as connection:
        week = this_week(Desk(connection, who, today))
    if not week.says_something:
        return _without(about, NOTHING)
    text = letter(week, about.name, texts(), address=address, today=today, stale_after=stale_after)
    return Prepared(about.rep_id, about.name, about.login, week.generation[0], text)


def _without(about: Prepared, problem: str) -> Prepared:
    return Prepared(about.rep_id, about.name, about.login, problem=problem)


def _person(store: Store, member: Member, today: dt.date) -> Person | None:
    """As whom the letter is written; a rep without a login has their own book."""
    if member.login:
        return person(store, member.login, today)
    own = frozenset({member.rep_id})
    return Person(login="", name=_called(member), role=REP, rep_id=member.rep_id, books=own)


def _called(member: Member) -> str:
    return member.name or member.rep_id
