"""Why a request is not answered, and what is said instead."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from salesml.errors import OutsideError
from salesml.web.show import segment
from salesml.web.site import site_of

log = logging.getLogger("salesml.web")


class NotSignedIn(Exception):  # noqa: N818  # what it says is not an error
    """Nobody is signed in."""


class BadForm(Exception):  # noqa: N818
    """Something was to be changed, but not by a form of this session."""


class NotYours(Exception):  # noqa: N818
    """There is no such thing, or it is not theirs: one answer for both."""


def add_refusals(app: FastAPI) -> None:
    """Say what is said instead."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(BadForm, _bad_form)
    app.add_exception_handler(NotYours, _not_found)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OutsideError, _away)


def _to_sign_in(request: Request, _: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={segment(wanted)}", status_code=303)


def _bad_form(request: Request, _: Exception) -> Response:
    return _said(request, "errors.refused", 403)


def _not_found(request: Request, _: Exception) -> Response:
    return _said(request, "errors.not_found", 404)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _said(request, "errors.not_found" if status == 404 else "errors.refused", status)


def _away(request: Request, error: Exception) -> Response:
    log.error("The store is away: %s", error)
    return _said(request, "errors.away", 503)


def _said(request: Request, key: str, status: int) -> Response:
    person = getattr(request.state, "person", None)
    return site_of(request).page(request, "refusal.html", said=key, status=status, person=person)
