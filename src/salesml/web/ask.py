"""What routes ask for: the person who asks, and their desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from salesml.store.access import Person, person
from salesml.store.engine import reading
from salesml.web import sessions
from salesml.web.desk import Desk
from salesml.web.refusals import BadForm, NotSignedIn
from salesml.web.site import site_of

SAFE = ("GET", "HEAD", "OPTIONS")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


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
    """Who asks, by their session.

    Raises
    ------
    NotSignedIn
    BadForm
        When something was to be changed, but not by a form of this session.
    """
    site = site_of(request)
    cookie = request.cookies.get(sessions.cookie_name(site.settings))
    session = sessions.read(cookie, site.key, site.settings)
    who = person(site.store, session.login, site.settings.today()) if session else None
    if session is None or who is None or who.epoch != session.epoch:
        raise NotSignedIn
    request.state.session, request.state.person = session, who
    request.state.csrf = sessions.form_token(session, site.key)
    if request.method not in SAFE and not sessions.is_form_token(token, session, site.key):
        raise BadForm
    return who


Somebody = Annotated[Person, Depends(somebody)]


def desk(request: Request, who: Somebody) -> Iterator[Desk]:
    """What the one who asks may read, as of one moment."""
    site = site_of(request)
    with reading(site.store.published) as connection:
        yield Desk(connection, who, site.settings.today())


TheirDesk = Annotated[Desk, Depends(desk)]
