"""Why a request is not answered, and what is said instead."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from salesml.errors import OutsideError
from salesml.web.navigation import methods
from salesml.web.refused import BadForm, Gone, NotSignedIn, NotYours, SlowDown, TooNarrow, Unfit
from salesml.web.settings import PROXY
from salesml.web.site import site_of

__all__ = ["BadForm", "NotSignedIn", "NotYours", "SlowDown", "add_refusals", "said"]

log = logging.getLogger("salesml.web")

API: Final = "/api/"
"""Paths that programs ask for: they are answered in JSON."""

CODES: Final = {
    400: "bad-request", 401: "not-signed-in", 403: "refused", 404: "not-found", 405: "bad-method",
    408: "too-slow", 410: "gone", 413: "too-large", 422: "bad-value", 429: "too-many", 503: "away",
}  # fmt: skip


def add_refusals(app: FastAPI) -> None:
    """Say what is said instead."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(BadForm, _bad_form)
    app.add_exception_handler(NotYours, _not_found)
    app.add_exception_handler(SlowDown, _slow_down)
    app.add_exception_handler(TooNarrow, _too_narrow)
    app.add_exception_handler(Gone, _gone)
    app.add_exception_handler(Unfit, _unfit)
    app.add_exception_handler(RequestValidationError, _bad_value)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OutsideError, _away)


def said(request: Request, key: str, status: int, **values: Any) -> Response:
    """A refusal: a page, or for a program its code and sentence.

    Parameters
    ----------
    key : str
        Of the sentence.
    status : int
    **values
        What stands in the sentence.
    """
    site = site_of(request)
    if request.scope["path"].startswith(API):
        return _problem(site.texts(key, **values), status)
    person = getattr(request.state, "person", None)
    return site.page(request, "refusal.html", said=key, values=values, status=status, person=person)


def _problem(sentence: str, status: int) -> Response:
    """A refusal as RFC 9457 has it."""
    fault = {"code": CODES.get(status, "wrong"), "found": sentence}
    body = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence,
        "faults": [fault],
    }  # fmt: skip
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(body, status, headers, "application/problem+json")


def _to_sign_in(request: Request, _: Exception) -> Response:
    if request.scope["path"].startswith(API):
        return said(request, "errors.not_signed_in", 401)
    if site_of(request).settings.way_in == PROXY:
        return said(request, "errors.not_from_proxy", 403)
    if "hx-request" in request.headers:
        # A part of a page was asked for: the whole page is to go, and to come back.
        page = urlsplit(request.headers.get("hx-current-url", "/"))
        return Response(status_code=401, headers={"hx-redirect": _form_for(page.path, page.query)})
    if request.method != "GET":
        return RedirectResponse(_form_for("/", ""), status_code=303)
    return RedirectResponse(_form_for(request.url.path, request.url.query), status_code=303)


def _form_for(path: str, query: str) -> str:
    wanted = f"{path}?{query}" if query else path
    return f"/sign-in?next={quote(wanted, safe='')}"


def _bad_form(request: Request, _: Exception) -> Response:
    return said(request, "errors.refused", 403)


def _not_found(request: Request, _: Exception) -> Response:
    return said(request, "errors.not_found", 404)


def _too_narrow(request: Request, error: Exception) -> Response:
    scope = error.scope if isinstance(error, TooNarrow) else ""
    if not scope:
        return said(request, "errors.only_looks", 403)
    answer = said(request, "errors.too_narrow", 403, scope=scope)
    answer.headers["www-authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return answer


def _gone(request: Request, _: Exception) -> Response:
    return said(request, "errors.gone", 410)


def _unfit(request: Request, error: Exception) -> Response:
    return said(request, "errors.unfit", 422, sentence=str(error))


def _slow_down(request: Request, error: Exception) -> Response:
    seconds = error.seconds if isinstance(error, SlowDown) else 1
    answer = said(request, "errors.slow_down", 429, count=-(-seconds // 60))
    answer.headers["retry-after"] = str(seconds)
    return answer


def _bad_value(request: Request, _: Exception) -> Response:
    return said(request, "errors.bad_value", 422)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = said(request, "errors.not_found" if status == 404 else "errors.refused", status)
    answer.headers.update(getattr(error, "headers", None) or {})
    if status == 405 and request.method not in (allowed := methods(request.app, request.scope["path"])):
        answer.headers["allow"] = ", ".join(allowed)  # the route that was found first knows only its own
    return answer


def _away(request: Request, error: Exception) -> Response:
    log.error("The store is away: %s", error)
    answer = said(request, "errors.away", 503)
    answer.headers["retry-after"] = "60"
    return answer
