"""What pages show of answers, and the form that takes them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from salesml.store import answers
from salesml.store.access import Person
from salesml.store.answers import LASTS, LETTERS, LONGEST, WHATS, Answer
from salesml.store.directory import directory
from salesml.web.desk.account import Account
from salesml.web.desk.seen import KINDS, features
from salesml.web.site import Site

SHOWN = 20
"""Answers that are shown under an account, newest first."""


@dataclass(frozen=True)
class Answering:
    """The part of a page where one answers.

    Attributes
    ----------
    kind : str
        ``account`` or ``prospect``.
    seen : int
        The generation of the score that the page shows.
    reasons : mapping
        Words by features.
    may : bool
        Whether the person may answer.
    key : str
        Of this form, so that it counts once however often it is sent.
    given : mapping
        What was filled in, where it was refused.
    zone : str
        In which the reader's days begin.
    names : mapping
        What those who answered are called, by their logins.
    problems : sequence of str
        Why it was refused.
    """

    kind: str
    entity_id: str
    seen: int
    reasons: Mapping[str, str]
    said: Sequence[Answer]
    may: bool
    today: dt.date
    zone: str
    names: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    whats: Sequence[str] = WHATS
    letters: int = LETTERS

    def word(self, what: str) -> str:
        """Which text says an answer."""
        return word(self.kind, what)

    def called(self, login: str) -> str:
        """The name of somebody who answered."""
        return self.names.get(login, login)

    def day_of(self, moment: dt.datetime) -> dt.date:
        """The reader's day of a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def came(self, said: Answer) -> str:
        """Which text says what came of an answer that was looked up."""
        return f"{self.kind}_{'yes' if said.label else 'no'}"

    @property
    def first_day(self) -> dt.date:
        """The first on which an answer may expire."""
        return self.today + dt.timedelta(days=1)

    @property
    def last_day(self) -> dt.date:
        return self.today + dt.timedelta(days=LONGEST)

    @property
    def lasts(self) -> Mapping[str, int]:
        """Days that an answer holds by itself."""
        return LASTS

    @property
    def current(self) -> Sequence[Answer]:
        """Answers that hold."""
        return [each for each in self.said if each.state(self.today) == answers.ACTIVE][:SHOWN]

    @property
    def past(self) -> Sequence[Answer]:
        """Answers that were withdrawn or have expired."""
        return [each for each in self.said if each.state(self.today) != answers.ACTIVE][:SHOWN]


def answering(
    site: Site,
    person: Person,
    kind: str,
    entity_id: str,
    seen: int,
    reasons: Mapping[str, str],
    *,
    given: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
) -> Answering:
    """What was answered about an account or prospect that the person sees, and a new form."""
    said = site.store.read(lambda con: answers.of_entity(con, entity_id, KINDS[kind]), site.store.feedback)
    return Answering(
        kind, entity_id, seen, reasons, said, person.answers, site.settings.today(),
        person.zone or site.settings.zone, _names(site, said), given or {}, problems,
    )  # fmt: skip


def _names(site: Site, said: Iterable[Answer]) -> Mapping[str, str]:
    company = directory(site.store)
    logins = {login for each in said for login in (each.by, each.withdrawn_by) if login}
    return {login: company.name_of(login) for login in logins}


def of_page(site: Site, person: Person, kind: str, seen: int, shown: Account) -> Answering:
    """The part of the page of an account or prospect as it is shown."""
    reasons = {features(each): str(each["words"]) for each in shown.reasons}
    return answering(site, person, kind, shown.entity_id, seen, reasons)


def word(kind: str, what: str) -> str:
    """Which text says an answer: who is saved is, of prospects, who is won."""
    return "won" if (kind, what) == ("prospect", answers.SAVED) else what


@dataclass(frozen=True)
class Mark:
    """What a list shows of an answer."""

    what: str
    day: dt.date


def marks(site: Site, person: Person, kind: str, entity_ids: Iterable[str]) -> Mapping[str, Mark]:
    """The newest answer that holds, for each of a page's rows, in one query."""
    ids, today = list(entity_ids), site.settings.today()
    found = site.store.read(lambda con: answers.latest(con, ids, KINDS[kind], today), site.store.feedback)
    zone = ZoneInfo(person.zone or site.settings.zone)
    return {key: Mark(word(kind, each.what), each.at.astimezone(zone).date()) for key, each in found.items()}
