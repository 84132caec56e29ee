"""The routes of the API."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.responses import Response

from salesml.errors import DataError
from salesml.store import answers, audit
from salesml.store.answers import Answer, Said
from salesml.web.api import models
from salesml.web.api.ask import AnswersDesk, FeedbackDesk, ScoresDesk
from salesml.web.api.documented import READS, WRITES, add_problem
from salesml.web.api.shape import about_of, feedback_of, one_of, page_of
from salesml.web.api.told import told
from salesml.web.desk import Desk
from salesml.web.desk.seen import KINDS, Sight, sight
from salesml.web.peers import address_of
from salesml.web.refused import NotYours, TooNarrow, Unfit
from salesml.web.site import site_of

router = APIRouter(prefix="/api/v1")

Id = Annotated[str, Path(max_length=2_000, description="An id; a slash in it may stand as it is.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/openapi.json", include_in_schema=False)
def described(request: Request) -> JSONResponse:
    """What the API answers, as OpenAPI; it tells nothing of anybody and needs no token."""
    if not hasattr(request.app.state, "described"):
        request.app.state.described = description()
    return JSONResponse(request.app.state.described)


@router.get("/accounts", responses=READS, response_model=models.Page)
def accounts(request: Request, desk: ScoresDesk, wanted: Annotated[models.Listing, Query()]) -> Response:
    """Accounts, the most at stake first; those that could not be scored are not among them."""
    return told(request, page_of(desk, "account", wanted))


@router.get("/prospects", responses=READS, response_model=models.Page)
def prospects(request: Request, desk: ScoresDesk, wanted: Annotated[models.Listing, Query()]) -> Response:
    """Prospects, the most to be won first; those that could not be scored are not among them."""
    return told(request, page_of(desk, "prospect", wanted))


@router.get("/accounts/{entity_id:path}", responses=READS, response_model=models.One)
def one_account(request: Request, desk: ScoresDesk, entity_id: Id) -> Response:
    """One account: its score, reasons and history."""
    return told(request, one_of(desk, "account", entity_id))


@router.get("/prospects/{entity_id:path}", responses=READS, response_model=models.One)
def one_prospect(request: Request, desk: ScoresDesk, entity_id: Id) -> Response:
    """One prospect: its score, reasons and history."""
    return told(request, one_of(desk, "prospect", entity_id))


@router.get("/feedback", responses=READS, response_model=models.AllFeedback)
def feedback(request: Request, desk: FeedbackDesk, whose: Annotated[models.Whose, Query()]) -> Response:
    """The answers about an account or prospect, newest first; at most 1,000."""
    _theirs(desk, whose.kind, whose.id)
    site = site_of(request)
    found = site.store.read(
        lambda con: answers.of_entity(con, whose.id, KINDS[whose.kind]), site.store.feedback
    )
    return told(request, models.AllFeedback(items=[feedback_of(desk, each) for each in found]))


@router.post("/feedback", status_code=201, responses=WRITES, response_model=models.Feedback)
def give(
    request: Request,
    desk: AnswersDesk,
    given: models.Given,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="The same answer under the same key is kept once."),
    ] = None,
) -> Response:
    """Answer a score, as the person on whose behalf the token asks."""
    found = _theirs(desk, given.kind, given.id, given.seen, answers_back=True)
    reason = given.reason if given.what in (answers.WRONG_REASON, answers.DISAGREE) else None
    if reason is not None and reason not in found.reasons:
        raise Unfit("That reason is not one of this score's. Give the key of one that it has.")
    said = Said(
        what=given.what, reason=reason, reason_words=found.reasons[reason] if reason else None,
        note=given.note.strip(), expires_on=given.expires_on,
    )  # fmt: skip
    site, by = site_of(request), desk.person.login
    key = f"api:{idempotency_key or secrets.token_hex(16)}"

    def work(connection: Any) -> Answer | None:
        number, new = answers.add(connection, found.seen, said, by=by, today=desk.today, key=key)
        if new:
            _note(connection, request, "answer-given", given.kind, given.id)
        return answers.one(connection, number)

    try:
        kept = site.store.write(work, site.store.feedback)
    except DataError as error:
        raise Unfit(" ".join(each.sentences for each in error.faults)) from None
    return told(request, feedback_of(desk, kept) if kept else None, status=201)


@router.post("/feedback/{number}/withdrawal", responses=WRITES, response_model=models.Feedback)
def withdraw(request: Request, desk: AnswersDesk, number: Number) -> Response:
    """Withdraw an answer; it stays, and is said to be withdrawn."""
    site = site_of(request)
    there = site.store.read(lambda con: answers.one(con, number), site.store.feedback)
    if there is None:
        raise NotYours
    kind = next((kind for kind, tasks in KINDS.items() if there.task in tasks), "")
    if not kind:
        raise NotYours
    _theirs(desk, kind, there.entity_id, answers_back=True)

    def work(connection: Any) -> Answer | None:
        if answers.withdraw(connection, there, by=desk.person.login):
            _note(connection, request, "answer-withdrawn", kind, there.entity_id)
        return answers.one(connection, number)

    kept = site.store.write(work, site.store.feedback)
    return told(request, feedback_of(desk, kept) if kept else None)


@router.get("/about", responses=READS, response_model=models.AllAbout)
def about(request: Request, desk: ScoresDesk) -> Response:
    """What is published, how good it is, and for whom this was asked."""
    kinds: tuple[models.Kind, ...] = ("account", "prospect")
    items = [found for kind in kinds if (found := about_of(desk, kind)) is not None]
    return told(request, models.AllAbout(login=desk.person.login, role=desk.person.role, items=items))


def _theirs(
    desk: Desk, kind: str, entity_id: str, seen: int | None = None, *, answers_back: bool = False
) -> Sight:
    """Looked for before anything is said of who may answer, so that refusals tell nothing."""
    found = sight(desk, kind, entity_id, seen)
    if found is None:
        raise NotYours
    if answers_back and not desk.person.answers:
        raise TooNarrow
    return found


def _note(connection: Any, request: Request, what: str, kind: str, entity_id: str) -> None:
    audit.note(connection, request.state.client, what, audit.about(kind, entity_id), address_of(request))


def description() -> dict[str, Any]:
    """What the API answers, as OpenAPI 3.1."""
    return add_problem(get_openapi(title="salesml", version="1", routes=list(router.routes)))
