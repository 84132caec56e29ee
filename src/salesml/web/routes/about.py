"""About these scores: what they can and cannot say, and what is known of the models behind them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from salesml.web.ask import TheirDesk
from salesml.web.desk.about import models
from salesml.web.site import site_of

router = APIRouter()


@router.get("/about")
def about(request: Request, desk: TheirDesk) -> HTMLResponse:
    """What scores say."""
    site = site_of(request)
    return site.page(
        request, "about.html", person=desk.person, models=models(desk),
        zone=desk.person.zone or site.settings.zone,
    )  # fmt: skip
