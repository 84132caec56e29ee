"""The week of one rep as the text of an e-mail: whom to call, why, and what changed, in its first lines."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from salesml.web import show
from salesml.web.catalogue import Texts
from salesml.web.desk.display import Display
from salesml.web.desk.this_week import Call, Week
from salesml.words import numbers, texts
from salesml.words.drawing.svg import isolated

WIDTH: Final = 76
NAME: Final = 80
WORDS: Final = 300
"""Letters of a name, and of a sentence, that a letter has."""


@dataclass(frozen=True)
class Letter:
    """A text and what stands above it."""

    subject: str
    body: str


def letter(week: Week, name: str, t: Texts, *, address: str = "", today: dt.date, stale_after: int) -> Letter:
    """A week that says something, in words.

    Parameters
    ----------
    name : str
        Whom it is for.
    t : Texts
        Of the reader's language.
    address : str
        Where the pages are, such as ``https://scores.example.com``; without one there are no links.
    today : date
        The company's day.
    stale_after : int
        Days after which scores are called old.
    """
    as_of = week.as_of or today
    day = numbers.date(as_of)
    first = (*week.calls, *week.prospects)[0]
    blocks = list(_blocks(week, t, address.rstrip("/")))
    age = (today - as_of).days
    if age > stale_after:
        blocks.insert(0, _wrapped(t("week.stale", day=day, count=age)))
    ending = [t("week.knows", day=day), t("week.mail.because", name=_named(name, NAME))]
    if address:
        ending.append(t("week.mail.all", address=f"{address.rstrip('/')}/this-week"))
    blocks.append("\n\n".join(map(_wrapped, ending)))
    subject = t("week.mail.subject", name=texts.one_line(first.called, NAME), day=day)
    return Letter(subject, "\n\n".join(blocks) + "\n")


def _blocks(week: Week, t: Texts, address: str) -> Iterator[str]:
    if week.calls and week.now:
        yield _headed(t("week.calls"))
        yield from _calls(week.calls, "accounts", week.shown, week.now.task, t, address)
    if week.risen and week.now and week.earlier:
        yield _headed(t("week.risen", day=numbers.date(week.earlier.as_of)))
        yield from _calls(week.risen, "accounts", week.shown, week.now.task, t, address)
    if week.prospects and week.prospects_of:
        yield _headed(t("week.prospects"))
        task = week.prospects_of.task
        yield from _calls(week.prospects, "prospects", week.shown_prospects, task, t, address)


def _calls(
    calls: Sequence[Call], at: str, shown: Display, task: str, t: Texts, address: str
) -> Iterator[str]:
    for place, call in enumerate(calls, start=1):
        said = [_wrapped(f"{place}. {_first(call, at, shown, task, t)}", "   ")]
        if call.why:
            said.append(_wrapped(t("week.why", words=_named(call.why, WORDS)), "   ", "   "))
        elif at == "accounts" and call.by_worth:
            said.append(_wrapped(t("week.worth"), "   ", "   "))
        if call.changed and call.changed != call.why:
            said.append(_wrapped(t("week.changed", words=_named(call.changed, WORDS)), "   ", "   "))
        if address:
            said.append(f"   {address}/{at}/{show.segment(call.entity_id)}")
        yield "\n".join(said)


def _first(call: Call, at: str, shown: Display, task: str, t: Texts) -> str:
    """Whom, how likely, what became of it, and how much money it is about."""
    values: dict[str, Any] = {
        "name": _named(call.called, NAME),
        "chance": numbers.chance(call.probability),
        "outcome": show.outcome(task, shown.horizon_days),
    }
    said = [t("week.mail.call", **values)]
    if call.trend in ("up", "down"):
        said[0] += f", {t(f'accounts.trends.{call.trend}', before=numbers.chance(call.before))}"
    said[0] += "."
    if call.expected is not None:
        money = {
            key: show.money(of, shown.currency)
            for key, of in (("expected", call.expected), ("value", call.value))
        }
        said.append(t(f"week.stake.{at}", **money))
    if at == "prospects" and call.hours is not None:
        said.append(t("week.takes", hours=numbers.hours(call.hours)))
    return " ".join(said)


def _named(text: str, longest: int) -> str:
    """A text of the company's tables in one line, which cannot turn the line around it."""
    return isolated(texts.one_line(text, longest))


def _headed(text: str) -> str:
    return f"{_wrapped(text)}\n{'-' * min(len(text), WIDTH)}"


def _wrapped(text: str, after: str = "", before: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=before, subsequent_indent=after, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
