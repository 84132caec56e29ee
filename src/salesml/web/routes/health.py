"""What machines ask a site: whether it lives, whether it can show scores, what it counted."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response

from salesml.web.metrics import KIND
from salesml.web.networks import Networks
from salesml.web.peers import is_direct
from salesml.web.refusals import NotYours
from salesml.web.site import site_of

router = APIRouter(include_in_schema=False)

AGAIN: Final = "10"
"""Seconds after which whoever was told that nothing can be shown may ask again."""


@router.get("/health")
async def lives(_: Request) -> PlainTextResponse:
    """That the process lives; it asks nobody, and answers also while every thread waits for the store."""
    return PlainTextResponse("ok")


@router.get("/ready")
def ready(request: Request) -> JSONResponse:
    """Whether people should be sent here."""
    found = site_of(request).health()
    if found.ready:
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False, "code": found.problem}, 503, {"retry-after": AGAIN})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """What was counted, for listed machines that ask without a proxy between.

    Raises
    ------
    NotYours
    """
    site = site_of(request)
    client = request.client.host if request.client else None
    if not is_direct(request, site.settings) or not Networks.of(site.settings.metrics_for).have(client):
        raise NotYours
    return Response(site.metrics.text(), media_type=KIND)
