"""Signing in by the company's provider: there, and back."""

from __future__ import annotations

import logging
from dataclasses import astuple
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from itsdangerous import BadData
from starlette.responses import Response

from salesml.store.access import person
from salesml.web import sessions
from salesml.web.paths import ours
from salesml.web.peers import address_of
from salesml.web.provider.client import Asked, Client, NotBelieved, ProviderAway
from salesml.web.refusals import NotYours, said
from salesml.web.site import Site, site_of

router = APIRouter(include_in_schema=False)

log = logging.getLogger("salesml.web")

SALT: Final = "salesml provider"
MINUTES: Final = 15
"""How long somebody may take at the provider."""


@router.get("/sign-in/start")
def start(request: Request, next: str = "/") -> Response:
    """Send somebody to the provider."""
    site = site_of(request)
    client = _client(site)
    asked = Asked.of(ours(next))
    try:
        with site.door.place():
            response = RedirectResponse(client.address(asked), status_code=303)
    except ProviderAway as error:
        return _away(request, error)
    response.set_cookie(
        _cookie(site), sessions.signer(site.key, SALT).dumps(astuple(asked)), max_age=MINUTES * 60, path="/",
        secure=site.settings.secure, httponly=True, samesite="lax",
    )  # fmt: skip
    return response


@router.get("/sign-in/back")
def back(request: Request) -> Response:
    """Let somebody in whom the provider knows, and the company too."""
    site = site_of(request)
    client = _client(site)
    try:
        asked = Asked(*sessions.signer(site.key, SALT).loads(request.cookies.get(_cookie(site), "")))
        with site.door.place():
            login = client.login(asked, dict(request.query_params))
    except ProviderAway as error:
        return _away(request, error)
    except (NotBelieved, BadData, TypeError) as error:
        log.warning("Somebody came back from the provider and was not let in: %s", error)
        return _without_cookie(said(request, "sign_in.not_believed", 403), site)
    who = person(site.store, login, site.settings.today())
    if who is None:
        log.warning("The provider knows somebody who may not sign in here")
        return _without_cookie(said(request, "sign_in.not_here", 403, login=login), site)
    site.door.came_in(who, address_of(request))
    response = RedirectResponse(asked.next, status_code=303)
    sessions.keep(response, sessions.Session.begin(who.login, who.epoch), site.key, site.settings)
    return _without_cookie(response, site)


@router.get("/sign-out/provider")
def sign_out_there(request: Request) -> Response:
    """Send somebody to where they sign out of the provider, too."""
    site = site_of(request)
    client = _client(site)
    try:
        with site.door.place():
            address = client.sign_out_address()
    except ProviderAway as error:
        return _away(request, error)
    return RedirectResponse(address or "/signed-out", status_code=303)


def _client(site: Site) -> Client:
    if site.client is None:
        raise NotYours
    return site.client


def _cookie(site: Site) -> str:
    return sessions.prefixed("salesml-provider", site.settings)


def _without_cookie(response: Response, site: Site) -> Response:
    response.delete_cookie(
        _cookie(site), path="/", secure=site.settings.secure, httponly=True, samesite="lax"
    )
    return response


def _away(request: Request, error: ProviderAway) -> Response:
    log.error("The provider is away: %s", error)
    return said(request, "sign_in.provider_away", 503)
