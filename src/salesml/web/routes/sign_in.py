"""Signing in by a password, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from salesml.store.access import person
from salesml.store.passwords import is_password
from salesml.web import sessions
from salesml.web.ask import Somebody
from salesml.web.site import site_of

router = APIRouter()


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """The form."""
    return site_of(request).page(request, "sign_in.html", refused=False, next=_ours(next))


@router.post("/sign-in")
def sign_in(
    request: Request,
    login: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Let somebody in, or say that name and password do not go together."""
    site = site_of(request)
    known = is_password(site.store, login, password)
    who = person(site.store, login, site.settings.today()) if known else None
    if who is None:
        return site.page(request, "sign_in.html", refused=True, next=_ours(next), status=403)
    response = RedirectResponse(_ours(next), status_code=303)
    sessions.keep(response, sessions.Session.begin(who.login, who.epoch), site.key, site.settings)
    return response


@router.post("/sign-out")
def sign_out(request: Request, _: Somebody) -> Response:
    """End the session."""
    response = RedirectResponse("/sign-in", status_code=303)
    sessions.end(response, site_of(request).settings)
    return response


def _ours(path: str) -> str:
    """A path of this site; the first page where it is anything else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
