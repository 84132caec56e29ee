"""The demo's last lines: how two people of the simulated company see in a browser what is theirs."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, Final

import sqlalchemy as sa

from salesml.errors import DataError
from salesml.lifecycle.demo_prospects import AS_OF
from salesml.store import users
from salesml.store.engine import Store
from salesml.store.models import Pointer, Rep, Score
from salesml.store.passwords import made
from salesml.words import numbers

BY: Final = "salesml demo"
ADDRESS: Final = "http://127.0.0.1:8000"
LONG: Final = 10_000
"""Days within which no page calls the scores of a simulated day old."""


@dataclass(frozen=True)
class SignIn:
    """Somebody who may sign in.

    Attributes
    ----------
    login, password : str
        The password is told here and kept nowhere.
    whose : str
        What they see, for the line that tells of them.
    """

    login: str
    password: str
    whose: str


def how_to_look(address: str) -> str:
    """The command that serves a store's pages, their address, and who may sign in; passwords are new."""
    serve = f"{program()} serve --store {quote(address)} --stale-after {LONG}"
    lines = [
        "See what its reps see, in a browser. Start the pages, and leave them running:",
        "",
        f"  {serve}",
        "",
    ]
    if importlib.util.find_spec("argon2") is None:
        return "\n".join(
            [*lines, "That needs more packages: pip install 'salesml[web]', then this demo again"]
        )
    with Store(address) as store:
        people = sign_ins(store)
    lines.append(f"Then open {ADDRESS} and sign in with the name and password of")
    for each in people:
        lines += ["", f"  {each.whose}", f"    name      {each.login}", f"    password  {each.password}"]
    last = numbers.date(AS_OF - dt.timedelta(days=1))
    lines += [
        "",
        f"The company is simulated, and its last day is {last}: the pages show what was known then.",
    ]
    return "\n".join(lines)


def program() -> str:
    """How this program is called by whoever reads: by its name only where a shell finds it."""
    if shutil.which("salesml"):
        return "salesml"
    beside = Path(sys.executable).with_name("salesml")
    return quote(str(beside)) if beside.is_file() else f"{quote(sys.executable)} -m salesml.cli"


def sign_ins(store: Store) -> list[SignIn]:
    """Let in the rep with the most at stake, and who leads their team."""
    rep, manager = store.read(_two)
    named = (
        (rep, f"{rep.name}, a rep with accounts and prospects"),
        (manager, f"{manager.name}, their manager, with a team and its scorecard"),
    )
    return [SignIn(each.login, _let_in(store, each.login), whose) for each, whose in named]


def _two(connection: sa.Connection) -> tuple[Any, Any]:
    lead = sa.orm.aliased(Rep)
    query = (
        sa.select(Rep.rep_id, Rep.name, Rep.login, Rep.manager_id)
        .join(Score, Score.rep_id == Rep.rep_id)
        .join(Pointer, Pointer.generation_id == Score.generation_id)
        .join(lead, lead.rep_id == Rep.manager_id)
        .where(Rep.login.is_not(None), lead.login.is_not(None), Pointer.name == "churn")
        .group_by(Rep.rep_id, Rep.name, Rep.login, Rep.manager_id)
        .order_by(sa.func.sum(Score.expected).desc(), Rep.rep_id)
    )
    rep = connection.execute(query.limit(1)).one()
    columns = (Rep.rep_id, Rep.name, Rep.login)
    return rep, connection.execute(sa.select(*columns).where(Rep.rep_id == rep.manager_id)).one()


def _let_in(store: Store, login: str) -> str:
    password = made()
    try:
        users.add(store, login, by=BY, password=password)
    except DataError as error:
        if error.code != "user-there":
            raise
        users.set_password(store, login, password, by=BY)
    return password
