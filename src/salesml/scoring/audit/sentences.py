"""The sentences that may tell a number, with what each states, by what the feature tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from salesml.scoring.audit.shown import beyond, is_, nothing, positive
from salesml.scoring.audit.template import Claim, Part, Reads, Since, Template, Value, mark
from salesml.scoring.audit.told import Lookup, Told, capital
from salesml.words import english as words


def sentences(lookup: Lookup, position: int) -> list[Template]:
    """All sentences that may tell a feature."""
    feature = Told(lookup, position)
    return [*_OF.get(feature.fact.kind, _none)(feature), *_plain(feature)]


def _none(told: Told) -> list[Template]:
    return []


def _plain(told: Told) -> list[Template]:
    """The value itself, the patterns of days, and trends, of which only the direction is told."""
    what, form = told.lookup.what(told.position), told.feature.form
    value = {"value": Part(told.own, form, told.feature.unit)}
    stated = words.STATEMENT.format(what=capital(what), value=mark("value"))
    found = [told.make(stated, value), *_trends(told, what)]
    for needed, pattern, template in (*words.PATTERNS, ("days", *words.AHEAD)):
        match = re.fullmatch(pattern, what) if form == needed else None
        if match:
            parts = {**match.groupdict(), "value": mark("value")}
            text = template.format(**parts, What=capital(parts["what"]))
            shown = {"value": Part(told.own, "ahead" if template == words.AHEAD[1] else form)}
            found += [told.make(text, shown), told.make(text, value)]
    return found


def _trends(told: Told, what: str) -> list[Template]:
    form = told.feature.form
    match = re.fullmatch(words.COMPARED, what) if form in ("ratio", "number") else None
    if not match:
        return []
    patterns, turn = (words.NUMBER_TREND, 1) if form == "ratio" else (words.AMOUNT_TREND, 0)
    return [
        told.make(template.format(**match.groupdict()), always=[Claim(told.own, beyond(turn, way))])
        for way, (_, template) in patterns.items()
    ]


def _last(told: Told) -> list[Template]:
    value, usual = told.part("value", "days"), told.beside("usual", "every")
    found = [told.make(told.fill(words.NONE_SO_FAR), always=told.unknown, since="never")]
    for template in (words.NO_EVENT_FOR, words.LAST_EVENT):
        text = told.fill(template)
        found.append(told.make(text, value, since="at"))
        if usual:
            both = words.USUALLY.format(sentence=text, usual=mark("usual"))
            pair = told.own, usual["usual"].of
            found.append(told.make(both, value | usual, reads="late", against=pair, since="at"))
    return found


def _usual(told: Told) -> list[Template]:
    usual, last = told.part("usual", "every"), told.beside("last", "days")
    text = told.fill(words.EVERY)
    found = [told.make(text, usual), told.make(told.fill(words.TOO_FEW), always=told.unknown)]
    if last:
        both = words.THE_LAST_ONE.format(sentence=text, last=mark("last"))
        found.append(told.make(both, usual | last, reads="late", against=(last["last"].of, told.own)))
        found.append(told.make(told.fill(words.ON_ONE_DAY), last, told.unknown))
    return found


def _vary(told: Told) -> list[Template]:
    value, last = told.part("value", "days"), told.beside("last", "days")
    found = [
        told.make(told.fill(words.VARY), value),
        told.make(told.fill(words.TOO_FEW_TO_VARY), always=told.unknown),
    ]
    if usual := told.beside("usual", "every"):
        found.append(told.make(told.fill(words.VARY_AROUND), value | usual))
        found.append(told.make(told.fill(words.ON_TWO_DAYS), told.beside("usual", "days"), told.unknown))
    if last:
        found.append(told.make(told.fill(words.ON_ONE_DAY), last, told.unknown))
    return found


def _in_stage(told: Told) -> list[Template]:
    value, stage = told.part("value", "days"), told.beside("stage", "level")
    found = [told.make(words.NO_STAGE, always=told.unknown), told.make(told.fill(words.IN_A_STAGE), value)]
    return [*found, told.make(told.fill(words.IN_STAGE), value | stage)] if stage else found


def _ended(told: Told) -> list[Template]:
    running = told.that("running", positive)
    return [told.make(words.RUNNING, always=told.unknown + running)] if running else []


def _end(told: Told) -> list[Template]:
    ways = ((words.NONE_RUNNING, is_(0)), (words.NO_PLANNED_END, positive))
    return [
        told.make(text, always=told.unknown + running)
        for text, holds in ways
        if (running := told.that("running", holds))
    ]


def _count(told: Told) -> list[Template]:
    none = told.make(told.fill(words.NO_EVENT), always=[Claim(told.own, is_(0))], since="not in")
    return _with_before(told, [none, *_some(told, words.SOME, since="in")], "count")


def _some(told: Told, template: str, wrap: str = "{noun}", since: Since = "") -> list[Template]:
    """A number of events; the noun goes by the number."""
    number = told.part("number", "count")
    nouns = ((told.fact.one, is_(1)), (told.fact.many, positive))
    return [
        told.make(
            told.fill(template, many=wrap.format(noun=noun)), number, [Claim(told.own, holds)], since=since
        )
        for noun, holds in nouns
    ]


def _with_before(told: Told, plain: list[Template], form: str) -> list[Template]:
    """The sentences, and the same with what was in the days before."""
    both, turn = (told.lookup.beside(told.position, role) for role in ("both", "trend"))
    if turn < 0:
        return plain
    derived = Value((told.position, both, turn), "events before" if form == "count" else "amount before")
    before = {"before": Part(derived, form, told.feature.unit if form == "money" else "")}
    tails: list[tuple[str, Reads]] = [
        (words.UP_FROM, "up"), (words.DOWN_FROM, "down"), (words.AFTER, "down")
    ]  # fmt: skip
    return plain + [
        replace(
            template,
            text=tail.format(sentence=template.text, before=mark("before"), days=told.fact.days),
            parts={**template.parts, **before}, reads=reads, against=(told.own, derived),
        )
        for template in plain
        for tail, reads in tails
    ]  # fmt: skip


def _sum(told: Told) -> list[Template]:
    value = told.part("value", told.amount)
    what = words.IN_DAYS.format(what=told.fact.what, days=told.fact.days)
    stated = words.STATEMENT.format(what=capital(what), value=mark("value"))
    plain = [
        told.make(stated, value),
        told.make(told.fill(words.NO_AMOUNT), always=[Claim(told.own, is_(0))]),
        *_no_events(told, words.NOTHING),
    ]
    return _with_before(told, plain, told.amount)


def _no_events(told: Told, template: str) -> list[Template]:
    """That there was nothing, since there was no event."""
    events = told.that("events", is_(0))
    always = [Claim(told.own, nothing), *(events or [])]
    return [told.make(told.fill(template), always=always, since="not in")] if events else []


def _of_events(told: Told) -> list[Template]:
    """A mean or a greatest amount where there was no event."""
    found = _no_events(told, words.NO_EVENT)
    none = told.that("sum", is_(0))
    nothing_at_all = _no_events(told, words.NOTHING)
    return found + [replace(each, always=[*each.always, *none]) for each in nothing_at_all if none]


def _distinct(told: Told) -> list[Template]:
    number = told.part("number", "count")
    several = words.DIFFERENT.format(kinds=told.feature.unit)
    kinds = ((told.fact.what, is_(1)), (several, positive))
    found = [
        told.make(told.fill(words.DISTINCT, different=different), number, [Claim(told.own, holds)])
        for different, holds in kinds
    ]
    return [*found, *_no_events(told, words.IN_NONE)]


def _share(told: Told) -> list[Template]:
    return [
        told.make(told.fill(words.ALL_IN_ONE), always=[Claim(told.own, is_(1))]),
        told.make(told.fill(words.IN_ONE), told.part("value", "share")),
        *_no_events(told, words.IN_NONE),
    ]


def _active_days(told: Told) -> list[Template]:
    days = told.fact.days
    return [
        told.make(told.fill(words.NO_EVENT), always=[Claim(told.own, is_(0))], since="not in"),
        told.make(told.fill(words.ON_ALL_DAYS), always=[Claim(told.own, is_(days))], since="in"),
        told.make(told.fill(words.ON_DAYS), told.part("number", "count"), since="in"),
    ]


def _no_returned(told: Told) -> str:
    return told.fill(words.NO_EVENT, one=words.RETURNED.format(noun=told.fact.one))


def _returned(told: Told) -> list[Template]:
    none = told.make(_no_returned(told), always=[Claim(told.own, is_(0))])
    return [none, *_some(told, words.SOME, words.RETURNED)]


def _returned_sum(told: Told) -> list[Template]:
    events = told.that("events", is_(0))
    always = [Claim(told.own, nothing), *(events or [])]
    return [told.make(_no_returned(told), always=always)] if events else []


def _year_ago(told: Told) -> list[Template]:
    none = told.fill(words.A_YEAR_AGO, number=words.NO, many=told.fact.one)
    return [told.make(none, always=[Claim(told.own, is_(0))]), *_some(told, words.A_YEAR_AGO)]


_OF: dict[str, Callable[[Told], list[Template]]] = {
    "last": _last,
    "usual": _usual,
    "vary": _vary,
    "in_stage": _in_stage,
    "ended": _ended,
    "end": _end,
    "count": _count,
    "sum": _sum,
    "mean": _of_events,
    "largest": _of_events,
    "distinct": _distinct,
    "share": _share,
    "active_days": _active_days,
    "returned": _returned,
    "returned_sum": _returned_sum,
    "year_ago": _year_ago,
}
