"""Team: the books of those whom a manager leads, and the scorecard of the company, their teams and reps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from salesml.store.directory import Directory, directory
from salesml.store.status import CARD_STALE_AFTER
from salesml.web.ask import TheirDesk
from salesml.web.desk import Desk
from salesml.web.desk.books import Book, books
from salesml.web.desk.display import display
from salesml.web.desk.figures import STANDS_OUT, Figures, of_company, of_reps, of_teams, standing_out
from salesml.web.desk.lists import Wanted, listed
from salesml.web.desk.scorecard import Card, card, report
from salesml.web.desk.stand_ins import stand_ins
from salesml.web.refusals import NotYours
from salesml.web.reports import page_of
from salesml.web.routes.accounts import TASK
from salesml.web.site import Site, site_of

router = APIRouter()

FIRST: Final = 10
"""Accounts of a rep's page; their list has the others."""

MOST_TEAMS: Final = 8
"""Of more teams only those are shown that differ by more than luck."""


@router.get("/team")
def team(request: Request, desk: TheirDesk) -> HTMLResponse:
    """The books, and the scorecard.

    Raises
    ------
    NotYours
        For whoever leads nobody.
    """
    if not desk.person.leads:
        raise NotYours
    site = site_of(request)
    company, now, found = directory(site.store), desk.of_task(TASK), card(desk)
    return site.page(
        request, "team.html", person=desk.person, now=now, shown=display(desk, now.id) if now else None,
        books=_with_all(desk, company, books(desk, now) if now else []), names=_names(site, company),
        teams=_teams(company), several=_several(desk, company), card=found,
        stand_ins=stand_ins(site.store, desk.person, desk.today), card_age=_old(desk, found),
        **_figures(desk, company, found),
    )  # fmt: skip


@router.get("/team/")
def by_id(
    request: Request, desk: TheirDesk, rep_id: Annotated[str, Query(max_length=300)] = ""
) -> HTMLResponse:
    """One rep, by an id that no path can hold.

    Raises
    ------
    NotYours
    """
    return one(request, desk, rep_id)


@router.get("/team/{rep_id:path}")
def one(request: Request, desk: TheirDesk, rep_id: str) -> HTMLResponse:
    """One rep: the first accounts of their book, and their figures.

    Raises
    ------
    NotYours
    """
    site = site_of(request)
    company, now = directory(site.store), desk.of_task(TASK)
    theirs = books(desk, now) if now and desk.person.leads else []
    book = next((each for each in theirs if each.rep_id == rep_id), None)
    if not _leads(desk, rep_id) or not (book or rep_id in company.by_id):
        raise NotYours
    found = card(desk)
    names = _names(site, company)
    return site.page(
        request, "rep.html", person=desk.person, now=now, shown=display(desk, now.id) if now else None,
        rep_id=rep_id, rep_name=names.get(rep_id, rep_id), team=_teams(company).get(rep_id), book=book,
        found=listed(desk, now, Wanted(rep_id=rep_id, rows=FIRST)) if now and book else None, task=TASK,
        stand_ins=stand_ins(site.store, desk.person, desk.today).get(rep_id, []), names=names, card=found,
        of_company=of_company(desk, found) if found else {},
        figures=of_reps(desk, found, (rep_id,)).get(rep_id, {}) if found else {},
        apart=standing_out(desk, found, (rep_id,)).get(rep_id, []) if found else [],
        card_age=_old(desk, found),
    )  # fmt: skip


@router.get("/scorecard")
def scorecard(desk: TheirDesk) -> HTMLResponse:
    """The whole report, for whoever sees every rep.

    Raises
    ------
    NotYours
    """
    html = report(desk)
    if not html:
        raise NotYours
    return page_of(html)


def _old(desk: Desk, found: Card | None) -> int:
    """The days of a scorecard that is no longer current; 0 of one that is."""
    age = (desk.today - found.until).days if found else 0
    return age if age > CARD_STALE_AFTER else 0


def _leads(desk: Desk, rep_id: str) -> bool:
    return desk.person.leads and (desk.person.led is None or rep_id in desk.person.led)


def _with_all(desk: Desk, company: Directory, found: Sequence[Book]) -> list[Book]:
    """Also the books of reps who have no account: who leads them must not miss them."""
    there = {each.rep_id for each in found}
    there.add(desk.person.rep_id or "")  # managers without a book of their own know it
    led = sorted(each for each in desk.person.led or () if each not in there)
    return [*found, *(Book(each, 0, None, 0) for each in led if each in company.by_id)]


def _names(site: Site, company: Directory) -> Mapping[str, str]:
    return {each.rep_id: each.name or each.rep_id for each in company.members}


def _teams(company: Directory) -> Mapping[str, str]:
    return {each.rep_id: each.team for each in company.members if each.team}


def _several(desk: Desk, company: Directory) -> bool:
    """Whether those whom they lead are in more than one team."""
    led = desk.person.led
    return len({each.team for each in company.members if led is None or each.rep_id in led}) > 1


def _figures(desk: Desk, company: Directory, found: Card | None) -> dict[str, Any]:
    """What stands under each check."""
    if found is None:
        return {"of_company": {}, "of_teams": {}, "apart": {}, "few_teams": False}
    led = sorted(company.by_id) if desk.person.led is None else sorted(desk.person.led)
    teams = sorted({each.team for each in company.members if each.team})
    teams = [each for each in teams if desk.person.teams is None or each in desk.person.teams]
    of = dict(sorted(of_teams(desk, found, teams).items()))
    return {
        "of_company": of_company(desk, found),
        "of_teams": of if len(of) <= MOST_TEAMS else {name: _apart(each) for name, each in of.items()},
        "few_teams": len(of) > MOST_TEAMS,
        "apart": standing_out(desk, found, led),
    }


def _apart(figures: Figures) -> Figures:
    return {name: figure for name, figure in figures.items() if figure.verdict in STANDS_OUT}
