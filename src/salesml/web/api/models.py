"""What the API says and takes; what is not named here is refused."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from salesml.store.answers import LETTERS

Kind = Literal["account", "prospect"]
What = Literal["contacted", "saved", "lost", "reason-is-wrong", "disagree"]


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("no store can hold one of its letters")
    return text


Text = Annotated[str, AfterValidator(_storable)]


class Out(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True)


class Generation(Out):
    """The scores that an answer is of."""

    model: str
    model_version: str
    as_of: dt.date


class Line(Out):
    """An account or prospect of a list."""

    id: str = Field(examples=["A-17"])
    name: str | None
    rep_id: str | None
    probability: float = Field(examples=[0.31])
    before: float | None = Field(description="The probability about a week before.")
    band: str | None
    value: float | None
    expected: float | None = Field(description="Expected loss of an account, expected value of a prospect.")
    strongest_reason: str | None


class Page(Out):
    """A page of a list, the most at stake first."""

    scores: Generation | None = Field(description="Nothing where none was published yet.")
    currency: str
    items: list[Line]
    next: str | None = Field(description="The cursor of the next page; nothing after the last.")


class Reason(Out):
    """A reason of a score."""

    key: str = Field(description="By which feedback names it.")
    words: str
    direction: str
    strength: str | None
    tag: str | None


class Point(Out):
    """The probability of an earlier day."""

    day: dt.date
    probability: float


class One(Out):
    """One account or prospect."""

    id: str
    name: str | None
    rep_id: str | None
    scores: Generation
    currency: str
    status: str
    problem: str | None
    probability: float | None
    band: str | None
    value: float | None
    expected: float | None
    expected_hours: float | None
    return_on_effort: float | None
    stays: dict[str, float] = Field(
        description="How likely it is still there, by number of days from the date of the scores on; empty "
        "where its model does not tell, or was not found to be true in that."
    )
    attributes: dict[str, Any]
    reasons: list[Reason]
    history: list[Point]
    seen: int = Field(description="Sent with feedback, so that it keeps the score that was seen.")


class Feedback(Out):
    """An answer as it stands."""

    id: int
    at: dt.datetime
    by: str
    what: str
    state: Literal["active", "expired", "withdrawn"]
    as_of: dt.date | None
    model: str
    model_version: str | None
    probability: float | None
    reason: str | None
    reason_words: str | None
    note: str | None
    expires_on: dt.date | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


class AllFeedback(Out):
    """All answers about an account or prospect, newest first."""

    items: list[Feedback]


class Given(BaseModel):
    """An answer that is given."""

    model_config = ConfigDict(
        extra="forbid", strict=False,
        json_schema_extra={"examples": [{"kind": "account", "id": "A-17", "what": "contacted"}]},
    )  # fmt: skip

    kind: Kind
    id: Annotated[Text, StringConstraints(min_length=1, max_length=2_000)]
    what: What
    seen: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Of the score; the present one if missing."
    )
    reason: Annotated[Text, StringConstraints(max_length=2_000)] | None = None
    note: Annotated[Text, StringConstraints(max_length=LETTERS)] = ""
    expires_on: dt.date | None = None


class Listing(BaseModel):
    """What may be asked of a list."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field("", max_length=200, description="A part of the name or id.")
    band: Literal["A", "B", "C", "D"] | None = None
    rep: str | None = Field(None, max_length=300, description="Only this rep's.")
    limit: int = Field(100, ge=1, le=500, description="Rows of a page; the same for all pages of a list.")
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before.")


class Whose(BaseModel):
    """About whom feedback is asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    id: str = Field(min_length=1, max_length=2_000)


class ById(BaseModel):
    """Which account or prospect is asked for."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=2_000)


class About(Out):
    """What is published."""

    kind: Kind
    scores: Generation
    horizon_days: int | None
    currency: str
    quality: list[str]


class AllAbout(Out):
    """What is published, and for whom this was asked."""

    login: str
    role: str
    items: list[About]


class Fault(Out):
    """One thing that is wrong."""

    code: str
    found: str


class Problem(Out):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    faults: list[Fault]
