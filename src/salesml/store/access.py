"""Who may see which rows: a person, their role, and the books that are theirs today.

A *book* is the accounts and prospects of one rep. Reps see their own book and those that they stand in for;
managers also see the books of everybody who reports to them, directly or through others; analysts and
administrators see every row, also those that belong to nobody. Whoever cannot see a row cannot learn that
it exists.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from salesml.store.directory import Directory, Member, directory
from salesml.store.ended import is_ended
from salesml.store.engine import Store
from salesml.store.logins import folded, is_login
from salesml.store.people import Deputy, User

REP: Final = "rep"
MANAGER: Final = "manager"
ANALYST: Final = "analyst"
ADMIN: Final = "admin"
ROLES: Final = (REP, MANAGER, ANALYST, ADMIN)


@dataclass(frozen=True)
class Person:
    """Somebody who was let in, and what they may see.

    Attributes
    ----------
    login : str
        As they sign in.
    name : str
    role : str
        One of :data:`ROLES`.
    rep_id : str or None
        Whom they are in the company's tables.
    team : str or None
    books : frozenset of str or None
        The reps whose accounts and prospects they see; all rows when None.
    standing_in : tuple of str
        The reps for whom they stand in today.
    led : frozenset of str or None
        The reps whose figures they see: a manager's own and those of everybody who reports to them, not of
        those for whom they stand in; of all reps when None.
    teams : frozenset of str or None
        The teams whose figures they see: those of which they lead everybody; all when None.
    zone : str or None
        Time zone in which they read moments.
    epoch : int
        Sessions begun under another number are over.
    """

    login: str
    name: str
    role: str
    rep_id: str | None = None
    team: str | None = None
    books: frozenset[str] | None = frozenset()
    standing_in: tuple[str, ...] = ()
    led: frozenset[str] | None = frozenset()
    teams: frozenset[str] | None = frozenset()
    zone: str | None = None
    epoch: int = 0

    @property
    def sees_all(self) -> bool:
        return self.books is None

    @property
    def leads(self) -> bool:
        """Whether they have a team to look at."""
        return self.role != REP

    @property
    def has_book(self) -> bool:
        """Whether there may be customers whom they call themselves."""
        return self.answers and (self.rep_id is not None or bool(self.standing_in))

    @property
    def answers(self) -> bool:
        """Whether they may answer back: whoever has a book, not those who only look."""
        return self.role in (REP, MANAGER)

    def sees(self, rep_id: str | None) -> bool:
        """Whether rows of a rep, or of nobody, are theirs to see."""
        return self.books is None or (rep_id is not None and rep_id in self.books)

    def may_see(self, rep: sa.SQLColumnExpression[str | None]) -> sa.ColumnElement[bool]:
        """The condition on a column of reps that every query about accounts or prospects has."""
        if self.books is None:
            return sa.true()
        return rep.in_(sorted(self.books))


def person(store: Store, login: str, today: dt.date, *, session: str | None = None) -> Person | None:
    """Who signs in by a name; nobody when it is unknown, was shut out, or is the login of two reps.

    Parameters
    ----------
    login : str
        In any case of letters.
    today : date
        The company's day, by which deputies stand in.
    session : str, optional
        The secret of a session: nobody, when it was signed out.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    login = folded(login)
    if not is_login(login):
        return None
    company = directory(store)
    found = company.of_login(login)
    itself = found[0] if found else None
    user, standing_in, ended = store.read(
        lambda connection: (
            _user(connection, login),
            _standing_in(connection, itself, today),
            session is not None and is_ended(connection, session),
        ),
        store.feedback,
    )
    if ended or len(found) > 1 or (user is not None and user.disabled_at is not None):
        return None
    role = (user.role if user else None) or _role(itself, company)
    if role is None:
        return None
    led = _led(role, itself, company)
    return Person(
        login=login,
        name=(itself.name if itself else None) or login,
        role=role,
        rep_id=itself.rep_id if itself else None,
        team=itself.team if itself else None,
        books=None if led is None else _own(itself) | led | set(standing_in),
        standing_in=standing_in,
        led=led,
        teams=None if led is None else company.teams_of(led),
        zone=user.zone if user else None,
        epoch=user.epoch if user else 0,
    )


@dataclass(frozen=True)
class _User:
    role: str | None
    zone: str | None
    epoch: int
    disabled_at: dt.datetime | None


def _user(connection: sa.Connection, login: str) -> _User | None:
    query = sa.select(User.role, User.zone, User.epoch, User.disabled_at).where(User.login == login)
    row = connection.execute(query).one_or_none()
    return _User(*row) if row else None


def _role(itself: Member | None, company: Directory) -> str | None:
    """The role that the company's table gives: as it says, or by whether anybody reports to them."""
    if itself is None:
        return None
    said = (itself.role or "").strip().casefold()
    if said in ROLES:
        return said
    return MANAGER if company.leads(itself.rep_id) else REP


def _own(itself: Member | None) -> frozenset[str]:
    return frozenset({itself.rep_id} if itself else ())


def _led(role: str, itself: Member | None, company: Directory) -> frozenset[str] | None:
    if role in (ANALYST, ADMIN):
        return None
    return _own(itself) | company.below(itself) if role == MANAGER and itself else frozenset()


def _standing_in(connection: sa.Connection, itself: Member | None, today: dt.date) -> tuple[str, ...]:
    if itself is None:
        return ()
    query = (
        sa.select(Deputy.rep_id)
        .where(Deputy.deputy_id == itself.rep_id, Deputy.ended_at.is_(None))
        .where(Deputy.starts_on <= today, Deputy.ends_on >= today)
        .distinct()
        .order_by(Deputy.rep_id)
    )
    return tuple(connection.execute(query).scalars())
