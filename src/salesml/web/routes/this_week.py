"""This week: whom to call first, why, and what changed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from salesml.web.ask import TheirDesk
from salesml.web.desk.this_week import this_week
from salesml.web.refusals import NotYours
from salesml.web.site import site_of

router = APIRouter()


@router.get("/this-week")
def week(request: Request, desk: TheirDesk) -> HTMLResponse:
    """What to do first with one's own book.

    Raises
    ------
    NotYours
        For whoever has no book.
    """
    if not desk.person.has_book:
        raise NotYours
    site = site_of(request)
    return site.page(
        request, "this_week.html", person=desk.person, week=this_week(desk), rep_names=site.reps()
    )
