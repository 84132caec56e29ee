"""Letting people in and shutting them out: every change stands in the audit log, with who made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from salesml.errors import DataError, Fault, UsageError
from salesml.store.access import ROLES
from salesml.store.audit import about, note
from salesml.store.directory import directory
from salesml.store.engine import Store
from salesml.store.keys import SESSIONS, replace_key
from salesml.store.logins import LONGEST, folded, is_login
from salesml.store.moments import clock
from salesml.store.passwords import check_password, kept
from salesml.store.people import User
from salesml.store.private import keep_private


@dataclass(frozen=True)
class Listed:
    """Somebody who is kept as a user, or whom the company's table gives a login.

    Attributes
    ----------
    role : str or None
        In place of the role that the company's table gives.
    way_in : str
        ``password``, or ``elsewhere`` where only a proxy or a provider can say who it is.
    problem : str
        Why they cannot sign in, in words; empty where they can.
    """

    login: str
    rep_id: str | None
    role: str | None
    zone: str | None
    way_in: str
    disabled_at: dt.datetime | None
    problem: str


def add(
    store: Store, login: str, *, by: str, password: str | None = None, role: str | None = None,
    zone: str | None = None,
) -> str:  # fmt: skip
    """Let somebody in; their login as it is kept.

    Parameters
    ----------
    by : str
        Who does it, for the audit log.
    password : str, optional
        Without one they can only come in by a proxy or a provider.
    role : str, optional
        In place of the one that the company's table gives.
    zone : str, optional
        The time zone in which they read moments.

    Raises
    ------
    UsageError
        ``bad-login``, ``weak-password``, ``bad-role``, ``bad-zone``.
    DataError
        ``user-there`` when there is such a user already.
    """
    name = folded(login)
    _check(name, password, role, zone)
    secret = None if password is None else kept(password)

    def work(connection: sa.Connection) -> None:
        if _has(connection, name):
            raise _user_there(name)
        line = sa.insert(User).values(
            login=name, password=secret, role=role, zone=zone, epoch=0, disabled_at=None,
            created_at=clock(connection),
        )  # fmt: skip
        connection.execute(line)
        note(connection, by, "added-user", about("login", name))

    keep_private(store)
    store.write(work, store.feedback)
    return name


def check_new(store: Store, login: str, role: str | None, zone: str | None) -> None:
    """Refuse what :func:`add` would, before anybody is asked for a password.

    Raises
    ------
    UsageError, DataError
    """
    _check(folded(login), None, role, zone)
    if store.read(lambda connection: _has(connection, folded(login)), store.feedback):
        raise _user_there(folded(login))


def named(store: Store, login: str) -> str:
    """A user's login as it is kept.

    Raises
    ------
    DataError
        ``no-user``.
    """
    if not store.read(lambda connection: _has(connection, folded(login)), store.feedback):
        raise no_user(folded(login))
    return folded(login)


def set_password(store: Store, login: str, password: str, *, by: str) -> None:
    """Give a user another password; their sessions end.

    Raises
    ------
    UsageError
        ``weak-password``.
    DataError
        ``no-user``.
    """
    name = folded(login)
    check_password(password, name)
    secret = kept(password)
    _change(store, name, by, "set-password", lambda _: {"password": secret, "epoch": User.epoch + 1})


def change(store: Store, login: str, *, by: str, role: str | None = None, zone: str | None = None) -> None:
    """Give a user another role or time zone; an empty text takes away what was said here.

    Raises
    ------
    UsageError
        ``bad-role``, ``bad-zone``; ``missing-option`` when nothing is to be changed.
    DataError
        ``no-user``.
    """
    if role is None and zone is None:
        raise UsageError(
            Fault(code="missing-option", found="Nothing is to be changed", do="Give --role or --zone")
        )
    _check(folded(login), None, role or None, zone or None)
    given = {"role": role, "zone": zone}
    values = {each: value or None for each, value in given.items() if value is not None}
    what = "changed-user" if role is None else f"set-role-{role or 'by-table'}"
    _change(store, folded(login), by, what, lambda _: values)


def disable(store: Store, login: str, *, by: str) -> None:
    """Shut somebody out, whichever way they come in; their sessions end.

    Raises
    ------
    DataError
        ``no-user`` when neither users nor the company's table have that login.
    """
    _of_company(store, folded(login))
    _change(store, folded(login), by, "disabled-user",
            lambda con: {"disabled_at": clock(con), "epoch": User.epoch + 1})  # fmt: skip


def enable(store: Store, login: str, *, by: str) -> None:
    """Let somebody in again who was shut out.

    Raises
    ------
    DataError
        ``no-user``.
    """
    _change(store, folded(login), by, "enabled-user", lambda _: {"disabled_at": None})


def sign_out(store: Store, login: str, *, by: str) -> None:
    """End all sessions of somebody, wherever they are.

    Raises
    ------
    DataError
        ``no-user``.
    """
    _of_company(store, folded(login))
    _change(store, folded(login), by, "signed-out-user", lambda _: {"epoch": User.epoch + 1})


def sign_out_all(store: Store, *, by: str) -> None:
    """End all sessions of everybody by another key; within seconds in every process."""

    def work(connection: sa.Connection) -> None:
        replace_key(connection, SESSIONS)
        note(connection, by, "signed-out-everybody")

    store.write(work, store.feedback)


def listed(store: Store) -> Sequence[Listed]:
    """Everybody who is kept as a user, or whom the company's table gives a login, by login."""
    company = directory(store)
    query = sa.select(
        User.login, User.password.is_not(None).label("has"), User.role, User.zone, User.disabled_at
    )
    users = {row.login: row for row in store.read(lambda con: con.execute(query).all(), store.feedback)}
    found = []
    for login in sorted({*users, *company.logins}):
        reps, user = company.of_login(login), users.get(login)
        found.append(
            Listed(
                login=login,
                rep_id=", ".join(each.rep_id for each in reps) or None,
                role=user.role if user else None,
                zone=user.zone if user else None,
                way_in="password" if user and user.has else "elsewhere",
                disabled_at=user.disabled_at if user else None,
                problem=_problem(user, len(reps)),
            )
        )
    return found


def _problem(user: Any, reps: int) -> str:
    if reps > 1:
        return f"the company's table gives this login to {reps} reps"
    if user is not None and user.disabled_at is not None:
        return "shut out"
    if not reps and (user is None or not user.role):
        return "no rep has this login, and no role was given"
    return ""


def _check(name: str, password: str | None, role: str | None, zone: str | None) -> None:
    faults = []
    if not is_login(name):
        allowed = f"1 to {LONGEST} letters without control characters"
        faults.append(Fault(code="bad-login", found=f"{name!r} cannot be a login", allowed=allowed))
    if role is not None and role not in ROLES:
        found = f"{role!r} is not a role"
        faults.append(Fault(code="bad-role", found=found, allowed=f"One of {', '.join(ROLES)}"))
    if zone is not None and not _is_zone(zone):
        found = f"{zone!r} is not a time zone"
        faults.append(Fault(code="bad-zone", found=found, allowed="A name such as Europe/Berlin"))
    if password is not None:
        try:
            check_password(password, name)
        except UsageError as error:
            faults += error.faults
    if faults:
        raise UsageError(faults)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _has(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.select(User.login).where(User.login == name)).first() is not None


def _change(
    store: Store, name: str, by: str, what: str, values: Callable[[sa.Connection], dict[str, Any]]
) -> None:
    def work(connection: sa.Connection) -> None:
        mine = sa.update(User).where(User.login == name).values(**values(connection))
        if connection.execute(mine).rowcount != 1:
            raise no_user(name)
        note(connection, by, what, about("login", name))

    store.write(work, store.feedback)


def _of_company(store: Store, name: str) -> None:
    """A line for whoever has none yet, as a proxy or a provider says who they are."""
    if not directory(store).of_login(name):
        return

    def work(connection: sa.Connection) -> None:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        line = insert(User).values(
            login=name, password=None, role=None, zone=None, epoch=0, disabled_at=None,
            created_at=clock(connection),
        )  # fmt: skip
        connection.execute(line.on_conflict_do_nothing())

    store.write(work, store.feedback)


def _user_there(name: str) -> DataError:
    return DataError(
        Fault(
            code="user-there",
            found=f"There is a user {name} already",
            do="Use `salesml users set-password`, `change` or `enable`",
        )
    )


def no_user(name: str) -> DataError:
    """What is said of a login that nobody has."""
    return DataError(
        Fault(
            code="no-user",
            found=f"There is no user {name}",
            do="`salesml users list` shows who there is; `salesml users add` lets somebody in",
        )
    )
