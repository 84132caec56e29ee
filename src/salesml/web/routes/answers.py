"""Answering back: what a form says, kept once, and withdrawn by another line."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from salesml.errors import DataError, Fault
from salesml.store import answers, audit
from salesml.store.answers import Said
from salesml.web.answering import answering
from salesml.web.ask import Somebody, TheirDesk
from salesml.web.desk import Desk
from salesml.web.desk.seen import KINDS, Sight, sight
from salesml.web.peers import address_of
from salesml.web.refusals import BadForm, NotYours
from salesml.web.show import segment
from salesml.web.site import site_of

router = APIRouter(include_in_schema=False)

Kind = Annotated[str, Form(pattern="^(account|prospect)$")]
Id = Annotated[str, Form(max_length=2_000)]
Number = Annotated[int, Form(ge=0, le=2**31 - 1)]

_NOTE_SENT = 4 * answers.LETTERS
"""Letters that may be sent, to be told that they are too many."""


@router.post("/answers")
def answer(
    request: Request,
    desk: TheirDesk,
    who: Somebody,
    kind: Kind,
    id: Id,
    seen: Number,
    key: Annotated[str, Form(min_length=8, max_length=100)],
    what: Annotated[str, Form(max_length=50)] = "",
    reason: Annotated[str, Form(max_length=2_000)] = "",
    note: Annotated[str, Form(max_length=_NOTE_SENT)] = "",
    expires_on: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Keep what somebody answers to a score.

    Raises
    ------
    NotYours
    BadForm
        When they only look.
    """
    found = _theirs(desk, kind, id, seen)
    site = site_of(request)
    try:
        said = _said(found, what, reason, note, expires_on)
        site.store.write(
            lambda con: _keep(con, request, found, said, who.login, site.settings.today(), key, kind),
            site.store.feedback,
        )
    except DataError as error:
        given = {"what": what, "reason": reason, "note": note, "expires_on": expires_on}
        problems = [each.sentences for each in error.faults]
        form = answering(site, who, kind, id, seen, found.reasons, given=given, problems=problems)
        # What htmx is to show must not look like a failure.
        status = 200 if "hx-request" in request.headers else 422
        return site.page(
            request, "answering.html", person=who, answering=form, called=found.called, status=status
        )
    return _back(kind, id)


@router.post("/answers/withdrawal")
def withdraw(
    request: Request, desk: TheirDesk, who: Somebody, kind: Kind, id: Id, number: Number
) -> Response:
    """Withdraw an answer about something that is theirs to see, whoever gave it.

    Raises
    ------
    NotYours
    BadForm
    """
    _theirs(desk, kind, id, None)
    site = site_of(request)

    def work(connection: sa.Connection) -> bool:
        there = answers.one(connection, number)
        if there is None or there.entity_id != id or there.task not in KINDS[kind]:
            return False
        if answers.withdraw(connection, there, by=who.login):
            audit.note(connection, who.login, "answer-withdrawn", audit.about(kind, id), address_of(request))
        return True

    if not site.store.write(work, site.store.feedback):
        raise NotYours
    return _back(kind, id)


def _theirs(desk: Desk, kind: str, entity_id: str, generation: int | None) -> Sight:
    """Looked for before anything is said of who may answer, so that refusals tell nothing."""
    found = sight(desk, kind, entity_id, generation)
    if found is None:
        raise NotYours
    if not desk.person.answers:
        raise BadForm
    return found


def _said(found: Sight, what: str, reason: str, note: str, expires_on: str) -> Said:
    about_reason = what in (answers.WRONG_REASON, answers.DISAGREE) and bool(reason)
    if about_reason and reason not in found.reasons:
        raise DataError(Fault(code="bad-answer", found="That reason is not one of this score's",
                              do="Choose one that is listed"))  # fmt: skip
    return Said(
        what=what,
        reason=reason if about_reason else None,
        reason_words=found.reasons[reason] if about_reason else None,
        note=note.replace("\r\n", "\n").strip(),
        expires_on=_day(expires_on),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise DataError(Fault(code="bad-answer", found="The day cannot be understood",
                              do="Write it as 2026-12-31")) from None  # fmt: skip


def _keep(
    connection: sa.Connection, request: Request, found: Sight, said: Said, by: str, today: dt.date,
    key: str, kind: str,
) -> None:  # fmt: skip
    _, new = answers.add(connection, found.seen, said, by=by, today=today, key=key)
    if new:
        about = audit.about(kind, found.seen.entity_id)
        audit.note(connection, by, "answer-given", about, address_of(request))


def _back(kind: str, entity_id: str) -> Response:
    return RedirectResponse(f"/{kind}s/{segment(entity_id)}#answers", status_code=303)
