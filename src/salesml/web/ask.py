"""What routes ask for: the person who asks, and their desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from salesml.store.access import Person, person
from salesml.store.engine import reading
from salesml.store.logins import folded
from salesml.web import sessions
from salesml.web.desk import Desk
from salesml.web.guard import FORMS, SAFE
from salesml.web.headers import RENEWED
from salesml.web.peers import login_from_proxy
from salesml.web.refusals import BadForm, NotSignedIn
from salesml.web.sessions import Session
from salesml.web.settings import PROXY
from salesml.web.site import Site, site_of


async def form_token(request: Request) -> str:
    """What shows that a change was asked for by a page of the session: a header, or a field of the form."""
    if request.method in SAFE:
        return ""
    if "x-csrf-token" in request.headers:
        return request.headers["x-csrf-token"]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        return ""
    return str((await request.form()).get("csrf") or "")


def somebody(request: Request, token: Annotated[str, Depends(form_token)]) -> Person:
    """Who asks: by their session, or as a listed proxy says.

    Raises
    ------
    NotSignedIn
    BadForm
        When something was to be changed, but not by a form of this session.
    """
    site = site_of(request)
    key = site.key
    cookie = request.cookies.get(sessions.cookie_name(site.settings))
    session = sessions.read(cookie, key, site.settings)
    by = _of_proxy if site.settings.way_in == PROXY else _of_session
    who, session = by(request, site, session)
    request.state.session, request.state.person = session, who
    request.state.csrf = sessions.form_token(session, key)
    if request.method not in SAFE and not sessions.is_form_token(token, session, key):
        raise BadForm
    if session.is_due:
        setattr(request.state, RENEWED, sessions.cookie(session, key, site.settings))
    return who


def _of_session(_: Request, site: Site, session: Session | None) -> tuple[Person, Session]:
    """Who a session is of, if it goes on."""
    if session is None:
        raise NotSignedIn
    who = person(site.store, session.login, site.settings.today(), session=session.secret)
    if who is None or who.epoch != session.epoch:
        raise NotSignedIn
    return who, session


def _of_proxy(request: Request, site: Site, session: Session | None) -> tuple[Person, Session]:
    """Whom a listed proxy says it is; a session then only holds what forms show that they are of."""
    login = login_from_proxy(request, site.settings)
    who = person(site.store, login, site.settings.today()) if login else None
    if login is None or who is None:
        raise NotSignedIn
    if session is None or session.login != folded(login) or session.epoch != who.epoch:
        session = Session.begin(who.login, who.epoch)
        setattr(request.state, RENEWED, sessions.cookie(session, site.key, site.settings))
    return who, session


Somebody = Annotated[Person, Depends(somebody)]


def desk(request: Request, who: Somebody) -> Iterator[Desk]:
    """What the one who asks may read, as of one moment."""
    site = site_of(request)
    with reading(site.store.published) as connection:
        yield Desk(connection, who, site.settings.today())


TheirDesk = Annotated[Desk, Depends(desk)]
