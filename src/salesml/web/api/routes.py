"""The routes of the API."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.responses import Response

from salesml.errors import DataError
from salesml.store import answers, audit
from salesml.store.answers import Answer, Said
from salesml.web.api import models
from salesml.web.api.ask import AnswersDesk, FeedbackDesk, ScoresDesk
from salesml.web.api.documented import WORDS, add_problem, if_none_match, link, of_read, of_write
from salesml.web.api.shape import about_of, feedback_of, one_of, page_of
from salesml.web.api.told import told
from salesml.web.desk import Desk
from salesml.web.desk.seen import KINDS, Sight, sight
from salesml.web.peers import address_of
from salesml.web.refused import NotYours, TooNarrow, Unfit
from salesml.web.site import site_of


def _operation(route: APIRoute) -> str:
    return route.name


router = APIRouter(prefix="/api/v1", generate_unique_id_function=_operation)

KNOWN: Final = [Depends(if_none_match)]

Id = Annotated[
    str,
    Path(
        max_length=2_000,
        description="An id; a slash in it may stand as it is. One with a part `.` or `..` goes in the query.",
    ),
]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/openapi.json", include_in_schema=False)
def described(request: Request) -> JSONResponse:
    """What the API answers, as OpenAPI; it tells nothing of anybody and needs no token."""
    if not hasattr(request.app.state, "described"):
        request.app.state.described = description()
    return JSONResponse(request.app.state.described)


@router.get(
    "/accounts", summary="List accounts", response_model=models.Page, dependencies=KNOWN,
    response_description="A page of the list.",
    responses=of_read(lists=True, links={
        "next": link("accounts", cursor="$response.body#/next"),
        "first": link("one_account", entity_id="$response.body#/items/0/id"),
    }),
)  # fmt: skip
def accounts(request: Request, desk: ScoresDesk, wanted: Annotated[models.Listing, Query()]) -> Response:
    """Accounts, the most at stake first; those that could not be scored are not among them."""
    return told(request, page_of(desk, "account", wanted))


@router.get(
    "/prospects", summary="List prospects", response_model=models.Page, dependencies=KNOWN,
    response_description="A page of the list.",
    responses=of_read(lists=True, links={
        "next": link("prospects", cursor="$response.body#/next"),
        "first": link("one_prospect", entity_id="$response.body#/items/0/id"),
    }),
)  # fmt: skip
def prospects(request: Request, desk: ScoresDesk, wanted: Annotated[models.Listing, Query()]) -> Response:
    """Prospects, the most to be won first; those that could not be scored are not among them."""
    return told(request, page_of(desk, "prospect", wanted))


@router.get(
    "/accounts/", summary="Get one account by any id", response_model=models.One, dependencies=KNOWN,
    response_description="Its score, or why it has none.",
    responses=of_read(links={"feedback": link("feedback", kind="account", id="$response.body#/id")}),
)  # fmt: skip
def account_by_id(request: Request, desk: ScoresDesk, wanted: Annotated[models.ById, Query()]) -> Response:
    """One account by its id in the query, where parts `.` and `..` stay, which paths lose on their way."""
    return told(request, one_of(desk, "account", wanted.id))


@router.get(
    "/accounts/{entity_id:path}", summary="Get one account", response_model=models.One, dependencies=KNOWN,
    response_description="Its score, or why it has none.",
    responses=of_read(links={"feedback": link("feedback", kind="account", id="$response.body#/id")}),
)  # fmt: skip
def one_account(request: Request, desk: ScoresDesk, entity_id: Id) -> Response:
    """One account: its score, reasons and history."""
    return told(request, one_of(desk, "account", entity_id))


@router.get(
    "/prospects/", summary="Get one prospect by any id", response_model=models.One, dependencies=KNOWN,
    response_description="Its score, or why it has none.",
    responses=of_read(links={"feedback": link("feedback", kind="prospect", id="$response.body#/id")}),
)  # fmt: skip
def prospect_by_id(request: Request, desk: ScoresDesk, wanted: Annotated[models.ById, Query()]) -> Response:
    """One prospect by its id in the query, where parts `.` and `..` stay, which paths lose on their way."""
    return told(request, one_of(desk, "prospect", wanted.id))


@router.get(
    "/prospects/{entity_id:path}", summary="Get one prospect", response_model=models.One, dependencies=KNOWN,
    response_description="Its score, or why it has none.",
    responses=of_read(links={"feedback": link("feedback", kind="prospect", id="$response.body#/id")}),
)  # fmt: skip
def one_prospect(request: Request, desk: ScoresDesk, entity_id: Id) -> Response:
    """One prospect: its score, reasons and history."""
    return told(request, one_of(desk, "prospect", entity_id))


@router.get(
    "/feedback", summary="List feedback", response_model=models.AllFeedback, dependencies=KNOWN,
    response_description="The answers.", responses=of_read(),
)  # fmt: skip
def feedback(request: Request, desk: FeedbackDesk, whose: Annotated[models.Whose, Query()]) -> Response:
    """The answers about an account or prospect, newest first; at most 1,000."""
    _theirs(desk, whose.kind, whose.id)
    site = site_of(request)
    found = site.store.read(
        lambda con: answers.of_entity(con, whose.id, KINDS[whose.kind]), site.store.feedback
    )
    return told(request, models.AllFeedback(items=[feedback_of(desk, each) for each in found]))


@router.post(
    "/feedback", status_code=201, summary="Give feedback", response_model=models.Feedback,
    response_description="The answer as it is kept.",
    responses=of_write(201, {"withdraw": link("withdraw", number="$response.body#/id")}),
)  # fmt: skip
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


@router.post(
    "/feedback/{number}/withdrawal", summary="Withdraw feedback", response_model=models.Feedback,
    response_description="The answer, withdrawn.", responses=of_write(200),
)  # fmt: skip
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


@router.get(
    "/about", summary="Say what is published", response_model=models.AllAbout, dependencies=KNOWN,
    response_description="Scores, their quality, and the person.", responses=of_read(),
)  # fmt: skip
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
    routes = list(router.routes)
    return add_problem(get_openapi(title="salesml", version="1", description=WORDS, routes=routes))
