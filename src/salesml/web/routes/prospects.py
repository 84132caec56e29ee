"""My prospects: whom to take on within this week's hours; and one prospect."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from salesml.web.answering import marks, of_page
from salesml.web.ask import TheirDesk
from salesml.web.contexts import of_prospect
from salesml.web.desk.display import display
from salesml.web.desk.people import books
from salesml.web.desk.prospects import TASKS, Asked
from salesml.web.desk.prospects import prospects as found_prospects
from salesml.web.desk.unscored import unscored
from salesml.web.refusals import NotYours
from salesml.web.site import site_of

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=100_000)]
Rep = Annotated[str, Query(max_length=300)]
Id = Annotated[str, Query(max_length=2_000)]


@router.get("/prospects")
def prospects(
    request: Request,
    desk: TheirDesk,
    search: Annotated[str, Query(max_length=200)] = "",
    rep: Rep = "",
    show: Annotated[str, Query(pattern="^(week|all)$")] = "week",
    page: Page = 1,
) -> HTMLResponse:
    """A page of the list."""
    site = site_of(request)
    now = desk.of_task(*TASKS)
    asked = Asked(search.strip(), rep or None, show == "all", page, site.settings.page_rows)
    found = found_prospects(desk, now, asked) if now else None
    ids = [each.entity_id for each in found.lines] if found else []
    return site.page(
        request, "prospects.html", person=desk.person, now=now, found=found, asked=asked,
        shown=display(desk, now.id) if now else None, reps=books(desk.person, site.reps()),
        rep_names=site.reps(), show=show, task=now.task if now else "",
        answered=marks(site, desk.person, "prospect", ids),
    )  # fmt: skip


@router.get("/prospects-without-score")
def without_score(request: Request, desk: TheirDesk, rep: Rep = "", page: Page = 1) -> HTMLResponse:
    """Prospects that could not be scored, and why."""
    site = site_of(request)
    now = desk.of_task(*TASKS)
    found = unscored(desk, now, rep or None, page, site.settings.page_rows) if now else None
    return site.page(
        request, "unscored.html", person=desk.person, now=now, found=found, rep=rep, kind="prospects",
        above="/prospects", here="/prospects-without-score",
    )  # fmt: skip


@router.get("/prospects/")
def by_id(request: Request, desk: TheirDesk, id: Id = "") -> HTMLResponse:
    """One of them, by an id that no path can hold.

    Raises
    ------
    NotYours
    """
    return one(request, desk, id)


@router.get("/prospects/{entity_id:path}")
def one(request: Request, desk: TheirDesk, entity_id: str) -> HTMLResponse:
    """One prospect.

    Raises
    ------
    NotYours
    """
    now = desk.of_task(*TASKS)
    site = site_of(request)
    given = of_prospect(desk, now, entity_id, site.reps()) if now else None
    if now is None or given is None:
        raise NotYours
    answers = of_page(site, desk.person, "prospect", now.id, given["account"])
    return site.page(request, "prospect.html", person=desk.person, answering=answers, **given)
