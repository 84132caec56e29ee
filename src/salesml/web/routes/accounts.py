"""My accounts: at risk first, by what is at stake; and one account with all that is known of its score."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from salesml.web.answering import marks, of_page
from salesml.web.ask import Somebody, TheirDesk
from salesml.web.contexts import of_account
from salesml.web.desk.display import display
from salesml.web.desk.lists import BANDS, ORDERS, Listed, Wanted, listed
from salesml.web.desk.people import books
from salesml.web.desk.unscored import unscored
from salesml.web.refusals import NotYours
from salesml.web.site import site_of

router = APIRouter()

TASK = "churn"

Order = Annotated[str, Query(pattern="^(" + "|".join(ORDERS) + ")$")]
Page = Annotated[int, Query(ge=1, le=100_000)]
Rep = Annotated[str, Query(max_length=300)]
Id = Annotated[str, Query(max_length=2_000)]


@router.get("/", include_in_schema=False)
def first(_: Somebody) -> RedirectResponse:
    """Where people begin."""
    return RedirectResponse("/accounts", status_code=303)


@router.get("/accounts")
def accounts(
    request: Request,
    desk: TheirDesk,
    search: Annotated[str, Query(max_length=200)] = "",
    band: Annotated[str, Query(pattern="^[A-D]?$")] = "",
    rep: Rep = "",
    order: Order = "at-stake",
    page: Page = 1,
) -> HTMLResponse:
    """A page of the list."""
    site = site_of(request)
    now = desk.of_task(TASK)
    wanted = Wanted(search.strip(), band or None, rep or None, order, page, site.settings.page_rows)
    found = listed(desk, now, wanted) if now else None
    return site.page(
        request, "accounts.html", person=desk.person, now=now, found=found, wanted=wanted, task=TASK,
        shown=display(desk, now.id) if now else None, orders=list(ORDERS), bands=BANDS,
        reps=books(desk.person, site.reps()), rep_names=site.reps(),
        answered=marks(site, desk.person, "account", _ids(found)),
    )  # fmt: skip


def _ids(found: Listed | None) -> list[str]:
    return [line.entity_id for line in found.lines] if found else []


@router.get("/accounts-without-score")
def without_score(request: Request, desk: TheirDesk, rep: Rep = "", page: Page = 1) -> HTMLResponse:
    """Accounts that could not be scored, and why."""
    site = site_of(request)
    now = desk.of_task(TASK)
    found = unscored(desk, now, rep or None, page, site.settings.page_rows) if now else None
    return site.page(
        request, "unscored.html", person=desk.person, now=now, found=found, rep=rep, kind="accounts",
        above="/accounts", here="/accounts-without-score",
    )  # fmt: skip


@router.get("/accounts/")
def by_id(request: Request, desk: TheirDesk, id: Id = "") -> HTMLResponse:
    """One of them, by an id that no path can hold.

    Raises
    ------
    NotYours
    """
    return one(request, desk, id)


@router.get("/accounts/{entity_id:path}")
def one(request: Request, desk: TheirDesk, entity_id: str) -> HTMLResponse:
    """One account.

    Raises
    ------
    NotYours
    """
    now = desk.of_task(TASK)
    site = site_of(request)
    given = of_account(desk, now, entity_id, site.reps()) if now else None
    if now is None or given is None:
        raise NotYours
    answers = of_page(site, desk.person, "account", now.id, given["account"])
    return site.page(request, "account.html", person=desk.person, answering=answers, **given)
