"""Facts of the bundle that complete a sentence: how often those alike had the outcome, what half have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from salesml.scoring.audit.shown import Bools, Floats, Holds, beyond
from salesml.scoring.audit.template import Claim, Part, Reads, Template, Value, mark
from salesml.scoring.audit.told import Lookup
from salesml.words import english as words
from salesml.words import numbers
from salesml.words.facts import unsure
from salesml.words.peers import MORE_IS_GOOD, Peers, Usual
from salesml.words.peers import Part as Alike


@dataclass(frozen=True)
class Tail:
    """The end of a sentence, the pattern of its beginning left open as ``{sentence}``."""

    text: str
    parts: dict[str, Part]
    always: list[Claim]
    reads: Reads = ""


@dataclass(frozen=True)
class Of:
    """A feature and its form, about which peers say something."""

    own: Value
    form: str
    unit: str
    sure: bool


def with_peers(lookup: Lookup, position: int, peers: Peers, plain: Sequence[Template]) -> list[Template]:
    """The sentences of a feature, and those that compare nothing yet with each tail that the bundle holds."""
    usual = peers.usual.get(lookup.features[position].name)
    if usual is None:
        return list(plain)
    feature, fact = lookup.features[position], lookup.facts[position]
    form = "count" if fact.kind == "active_days" else feature.form
    of = Of(
        Value((position,)), form, feature.unit if form == "money" else "",
        fact.kind in MORE_IS_GOOD and not unsure(fact),
    )  # fmt: skip
    tails = [*_rates(peers, usual, of), *_halves(peers, usual, of)]
    return [
        *plain,
        *(_joined(template, tail) for template in plain if not template.reads for tail in tails),
    ]


def of_such(
    peers: Peers, name: str, levels: Sequence[str | None], heads: Sequence[str]
) -> tuple[list[str], list[bool]]:
    """For each level its sentence with the rate of those alike, and whether that is the higher one.

    The sentence is empty where the bundle has no rate.
    """
    usual = peers.usual.get(name, Usual())
    alike = {part.level: part for part in usual.parts}
    done, _ = _done(peers)
    texts, higher = [], []
    for level, head in zip(levels, heads, strict=True):
        part = alike.get(level)
        if part is None or peers.rate is None:
            texts.append("")
            higher.append(False)
            continue
        text = words.OF_SUCH.format(
            sentence="{sentence}", rate=numbers.percent(part.rate), all=numbers.percent(peers.rate),
            peers=words.PEERS.get(peers.task, words.PEER), done=done,
        )  # fmt: skip
        texts.append(text.replace(mark("span"), numbers.days(peers.days)).replace("{sentence}", head))
        higher.append(part.rate > peers.rate)
    return texts, higher


def _joined(template: Template, tail: Tail) -> Template:
    return replace(
        template,
        text=tail.text.replace("{sentence}", template.text),
        parts={**template.parts, **tail.parts},
        always=[*template.always, *tail.always],
        reads=tail.reads,
    )


def _done(peers: Peers) -> tuple[str, dict[str, Part]]:
    """What came about, and within which time."""
    done = words.CAME_ABOUT.get(peers.task, words.HAD_IT)
    if not peers.days:
        return done, {}
    if peers.days in (365, 366):
        return words.WITHIN.format(done=done, span=words.A_YEAR), {}
    span = {"span": Part(Value((), constant=float(peers.days)), "days")}
    return words.WITHIN.format(done=done, span=mark("span")), span


def _rates(peers: Peers, usual: Usual, of: Of) -> list[Tail]:
    if peers.rate is None:
        return []
    done, span = _done(peers)
    tails = []
    for part in usual.parts:
        rates = {"rate": _fact(part.rate, "share"), "all": _fact(peers.rate, "share")}
        reads: Reads = "raises" if part.rate > peers.rate else "lowers"
        for range_, ends in _ranges(part, usual.whole, of):
            text = (words.OF_THOSE if range_ else words.OF_SUCH).format(
                sentence="{sentence}", rate=mark("rate"), all=mark("all"), range=range_, done=done,
                peers=words.PEERS.get(peers.task, words.PEER),
            )  # fmt: skip
            claims = [Claim(of.own, _among(part))]
            tails.append(Tail(text, {**rates, **ends, **span}, claims, reads))
    return tails


def _fact(value: float, form: str, unit: str = "") -> Part:
    return Part(Value((), constant=value), form, unit)


def _among(part: Alike) -> Holds:
    """Whether a number is in the range of a part; a part without ends is of those without a value."""

    def holds(value: Floats, shown: Floats) -> Bools:
        if part.low is None and part.high is None:
            return np.isnan(value)
        low = -np.inf if part.low is None else part.low
        high = np.inf if part.high is None else part.high
        inside: Bools = (value >= low) & ((value < high) | ((value == low) & (low == high)))
        return inside

    return holds


def _ranges(part: Alike, whole: bool, of: Of) -> list[tuple[str, dict[str, Part]]]:
    """The texts of a range, with its ends; an empty one for a single value."""
    low, high = part.low, part.high
    if low == high:
        return [("", {})]
    if high is None:
        return [(words.OR_MORE.format(value=mark("low")), {"low": _fact(low or 0.0, of.form, of.unit)})]
    if low is None:
        return [(words.LESS_THAN.format(value=mark("high")), {"high": _fact(high, of.form, of.unit)})]
    span = words.FROM_TO.format(low=mark("low"), high=mark("high"))
    if of.form == "days":
        counts = {"low": _fact(low, "count"), "high": _fact(high, "count")}
        ends = {"low": _fact(low, "days"), "high": _fact(high, "days")}
        return [(words.DAYS.format(count=span), counts), (span, ends)]
    last = high - 1 if whole else high
    if low == last:
        return [("", {})]
    return [(span, {"low": _fact(low, of.form, of.unit), "high": _fact(last, of.form, of.unit)})]


def _halves(peers: Peers, usual: Usual, of: Of) -> list[Tail]:
    """What half of all have: more than the row, or less."""
    who = words.PEERS.get(peers.task, words.PEER)
    tails: list[tuple[str, dict[str, Part], Holds, Reads]] = []
    if usual.or_more is not None:
        half, below = {"half": _fact(usual.or_more, of.form, of.unit)}, beyond(usual.or_more, -1)
        tails.append((words.HALF_MORE, half, below, "bad"))
    if usual.or_less is not None:
        half, above = {"half": _fact(usual.or_less, of.form, of.unit)}, beyond(usual.or_less, 1)
        tails += [(words.HALF_LESS, half, above, "good"), (words.HALF_FEWER, half, above, "good")]
        if usual.or_less == 0:
            tails.append((words.HALF_NONE, {}, above, "good"))
    return [
        Tail(
            template.format(sentence="{sentence}", peers=who, value=mark("half")), parts,
            [Claim(of.own, holds)], reads if of.sure else "",
        )
        for template, parts, holds, reads in tails
    ]  # fmt: skip
