"""What is published, in the form in which the API says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.store.answers import Answer
from salesml.store.generations import Current
from salesml.web.api import models
from salesml.web.api.cursor import Cursor
from salesml.web.api.models import Listing
from salesml.web.desk import Desk
from salesml.web.desk.account import account, course
from salesml.web.desk.display import display
from salesml.web.desk.going_on import still, theirs_today
from salesml.web.desk.lists import Line, Wanted, listed
from salesml.web.desk.seen import KINDS, features
from salesml.web.refused import NotYours, Unfit


def page_of(desk: Desk, kind: str, wanted: Listing) -> models.Page:
    """A page of a list; one that goes on shows of earlier scores only what is theirs by the present ones."""
    if wanted.rep is not None and not desk.person.sees(wanted.rep):
        raise NotYours
    cursor = Cursor.read(wanted.cursor) if wanted.cursor is not None else None
    present = desk.of_task(*KINDS[kind])
    now = still(desk, cursor.generation, KINDS[kind]) if cursor else present
    if now is None or present is None:
        return models.Page(scores=None, currency="", items=[], next=None)
    page = cursor.page if cursor else 1
    found = listed(
        desk, now, Wanted(wanted.search.strip(), wanted.band, wanted.rep, "at-stake", page, wanted.limit)
    )
    if found.too_many:
        raise Unfit("These are the rows of many reps. Ask for those of one, by `rep`.")
    lines = found.lines
    if now.id != present.id:
        theirs = theirs_today(desk, present, [each.entity_id for each in lines])
        lines = [each for each in lines if each.entity_id in theirs]
    return models.Page(
        scores=_generation(now), currency=display(desk, now.id).currency,
        items=[_line(each) for each in lines],
        next=str(Cursor(now.id, page + 1)) if page < found.pages else None,
    )  # fmt: skip


def one_of(desk: Desk, kind: str, entity_id: str) -> models.One:
    """One account or prospect."""
    now = desk.of_task(*KINDS[kind])
    found = account(desk, now, entity_id) if now else None
    if now is None or found is None:
        raise NotYours
    shown = display(desk, now.id)
    return models.One(
        id=found.entity_id, name=found.name, rep_id=found.rep_id, scores=_generation(now),
        currency=shown.currency, status=found.status, problem=found.problem,
        probability=found.probability, band=found.band, value=found.value, expected=found.expected,
        expected_hours=found.expected_hours, return_on_effort=found.return_on_effort,
        stays={str(days): stays for days, stays in found.curve.items()} if shown.curves else {},
        attributes=dict(found.attributes), reasons=[_reason(each) for each in found.reasons],
        history=[models.Point(day=each.day, probability=each.chance) for each in course(desk, now, found)],
        seen=now.id,
    )  # fmt: skip


def about_of(desk: Desk, kind: models.Kind) -> models.About | None:
    """What is published of a kind; nothing where nothing is."""
    now = desk.of_task(*KINDS[kind])
    if now is None:
        return None
    shown = display(desk, now.id)
    quality = shown.said.get("quality")
    return models.About(
        kind=kind, scores=_generation(now), horizon_days=shown.horizon_days, currency=shown.currency,
        quality=[str(each) for each in quality] if isinstance(quality, list) else [],
    )  # fmt: skip


def _line(each: Line) -> models.Line:
    return models.Line(
        id=each.entity_id, name=each.name, rep_id=each.rep_id, probability=each.probability,
        before=each.before, band=each.band, value=each.value, expected=each.expected,
        strongest_reason=each.strongest,
    )  # fmt: skip


def _generation(now: Current) -> models.Generation:
    return models.Generation(model=now.name, model_version=now.model_version, as_of=now.as_of)


def _reason(of: Mapping[str, Any]) -> models.Reason:
    def text(name: str) -> str | None:
        return str(of[name]) if of.get(name) is not None else None

    return models.Reason(
        key=features(of), words=text("words") or "", direction=text("direction") or "",
        strength=text("strength"), tag=text("tag"),
    )  # fmt: skip


def feedback_of(desk: Desk, each: Answer) -> models.Feedback:
    """An answer as it stands today."""
    return models.Feedback.model_validate(
        {
            "id": each.id, "at": each.at, "by": each.by, "what": each.what, "state": each.state(desk.today),
            "as_of": each.as_of, "model": each.name, "model_version": each.model_version,
            "probability": each.probability, "reason": each.reason, "reason_words": each.reason_words,
            "note": each.note, "expires_on": each.expires_on, "withdrawn_by": each.withdrawn_by,
            "withdrawn_at": each.withdrawn_at,
        }
    )  # fmt: skip
