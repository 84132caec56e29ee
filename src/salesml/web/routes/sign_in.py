"""Signing in by a password, and out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from salesml.store import audit, ended
from salesml.store.logins import LONGEST as LONGEST_LOGIN
from salesml.store.passwords import LONGEST
from salesml.web import browsers, sessions
from salesml.web.ask import Somebody
from salesml.web.headers import RENEWED
from salesml.web.paths import ours
from salesml.web.peers import address_of
from salesml.web.refusals import NotYours
from salesml.web.settings import OIDC, PASSWORD, PROXY
from salesml.web.site import Site, site_of

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """The form, or the way to the company's provider."""
    site = site_of(request)
    if site.settings.way_in == PROXY:
        return RedirectResponse(ours(next), status_code=303)
    return _form(request, site, refused=False, next=ours(next))


@router.post("/sign-in")
def sign_in(
    request: Request,
    login: Annotated[str, Form(max_length=LONGEST_LOGIN)] = "",
    password: Annotated[str, Form(max_length=LONGEST)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Let somebody in, or say that name and password do not go together."""
    site = site_of(request)
    if site.settings.way_in != PASSWORD:
        raise NotYours
    key = site.key
    who = site.door.by_password(login, password, browsers.place_of(request, login, key, site.settings))
    if who is None:
        return _form(request, site, refused=True, next=ours(next), status=403)
    response = RedirectResponse(ours(next), status_code=303)
    sessions.keep(response, sessions.Session.begin(who.login, who.epoch), key, site.settings)
    browsers.remember(response, request, who.login, key, site.settings)
    return response


@router.post("/sign-out")
def sign_out(request: Request, who: Somebody) -> Response:
    """End the session: copies of its cookie are worth nothing any more."""
    site = site_of(request)
    session: sessions.Session = request.state.session

    def work(connection: sa.Connection) -> None:
        ended.end(connection, session.secret, session.ends(site.settings))
        audit.note(connection, who.login, audit.SIGNED_OUT, None, address_of(request))

    site.store.write(work, site.store.feedback)
    setattr(request.state, RENEWED, None)
    response = RedirectResponse(site.settings.sign_out_url or "/signed-out", status_code=303)
    sessions.end(response, site.settings)
    return response


@router.get("/signed-out")
def signed_out(request: Request) -> Response:
    """That it was done, and how to sign out of the provider, too."""
    site = site_of(request)
    return site.page(request, "signed_out.html", provider=_provider(site))


def _form(request: Request, site: Site, *, refused: bool, next: str, status: int = 200) -> Response:
    return site.page(
        request, "sign_in.html", refused=refused, next=next, provider=_provider(site),
        start=f"/sign-in/start?next={quote(next, safe='')}", status=status,
    )  # fmt: skip


def _provider(site: Site) -> str | None:
    """What people call the provider; nothing where there is none."""
    settings = site.settings
    if settings.way_in != OIDC or settings.provider is None:
        return None
    return settings.provider.name or site.texts("sign_in.your_company")
