"""My accounts: at risk first, by what is at stake."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from salesml.web.ask import Somebody, TheirDesk
from salesml.web.desk.lists import ORDERS, Wanted, listed
from salesml.web.site import site_of

router = APIRouter()

Order = Annotated[str, Query(pattern="^(" + "|".join(ORDERS) + ")$")]


@router.get("/", include_in_schema=False)
def first(_: Somebody) -> RedirectResponse:
    """Where people begin."""
    return RedirectResponse("/accounts", status_code=303)


@router.get("/accounts")
def accounts(
    request: Request,
    desk: TheirDesk,
    search: Annotated[str, Query(max_length=200)] = "",
    band: Annotated[str | None, Query(pattern="^[A-D]?$")] = None,
    order: Order = "at-stake",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """A page of the list."""
    site = site_of(request)
    now = desk.of_task("churn")
    wanted = Wanted(search.strip(), band or None, None, order, page, site.settings.page_rows)
    found = listed(desk, now.id, wanted) if now else None
    return site.page(request, "accounts.html", person=desk.person, now=now, found=found, wanted=wanted)
