"""Who works for the company, and who reports to whom, as the latest publishing said."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.logins import folded
from salesml.store.models import Rep

LASTS = 2.0
"""Seconds after which reps are read again: each request needs them, and only publishing changes them."""


@dataclass(frozen=True)
class Member:
    """A line of the company's table of reps."""

    rep_id: str
    name: str | None
    team: str | None
    login: str | None
    role: str | None
    manager_id: str | None


class Directory:
    """All reps, by what they are looked up by.

    Parameters
    ----------
    members : iterable of Member
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(members)
        self.by_id = {each.rep_id: each for each in self.members}

    @cached_property
    def _by_login(self) -> dict[str, list[Member]]:
        found = defaultdict(list)
        for each in self.members:
            login = folded(each.login or "")
            if login:
                found[login].append(each)
        return dict(found)

    @cached_property
    def _reporting(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for each in self.members:
            if each.manager_id:
                found[each.manager_id].append(each.rep_id)
        return dict(found)

    @property
    def logins(self) -> tuple[str, ...]:
        """All logins, in small letters."""
        return tuple(self._by_login)

    @property
    def twice(self) -> tuple[str, ...]:
        """Logins that more than one rep has: nobody signs in by them."""
        return tuple(sorted(login for login, found in self._by_login.items() if len(found) > 1))

    def of_login(self, login: str) -> tuple[Member, ...]:
        """The reps of a login in small letters: one, or none; more are the company's mistake."""
        return tuple(self._by_login.get(login, ()))

    def name_of(self, login: str) -> str:
        """What people call whoever signs in so; the login where that is not known, or not of one rep."""
        found = self.of_login(folded(login))
        return (found[0].name if len(found) == 1 else None) or login

    def leads(self, rep_id: str) -> bool:
        """Whether anybody else reports to a rep."""
        return any(each != rep_id for each in self._reporting.get(rep_id, ()))

    def teams_of(self, reps: frozenset[str]) -> frozenset[str]:
        """The teams all of whose members are among some reps."""
        teams = {self.by_id[each].team for each in reps if each in self.by_id}
        others = {each.team for each in self.members if each.rep_id not in reps}
        return frozenset(each for each in teams - others if each is not None)

    def below(self, manager: Member) -> frozenset[str]:
        """Who reports to a manager, directly or through others.

        Where the table names no managers at all, whoever is in the same team.
        """
        if not self._reporting:
            team = manager.team
            return frozenset(each.rep_id for each in self.members if team is not None and each.team == team)
        found: set[str] = set()
        ahead = [manager.rep_id]
        while ahead:
            new = [each for each in self._reporting.get(ahead.pop(), ()) if each not in found]
            found.update(new)
            ahead += new
        return frozenset(found)


_KEPT: WeakKeyDictionary[Store, tuple[float, Directory]] = WeakKeyDictionary()


def directory(store: Store) -> Directory:
    """The company's reps, at most some seconds old.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    kept = _KEPT.get(store)
    if kept and time.monotonic() < kept[0] + LASTS:
        return kept[1]
    asked = time.monotonic()
    found = Directory(store.read(_members))
    _KEPT[store] = (asked, found)
    return found


def _members(connection: sa.Connection) -> list[Member]:
    query = sa.select(Rep.rep_id, Rep.name, Rep.team, Rep.login, Rep.role, Rep.manager_id)
    return [Member(*row) for row in connection.execute(query.order_by(Rep.rep_id))]
