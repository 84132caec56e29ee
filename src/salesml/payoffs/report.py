"""A payoff as text: what a terminal shows, and the report that is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from salesml.payoffs.about import About
from salesml.payoffs.concluded import Conclusion
from salesml.payoffs.figure import (
    ALL,
    AN_HOUR,
    CONTACT,
    CONTACTED,
    DRAWN,
    ESTIMANDS,
    HOURS,
    LISTING,
    MARGIN,
    MONEY,
    OBSERVED,
    OFF,
    ORDER,
    OUTCOME,
    PER_HOUR,
    RANKED,
    RATE,
    SAID,
    TOUCHED,
    UNTOUCHED,
    WHO,
    Figure,
)
from salesml.snapshots.labels import NO_LABEL
from salesml.words.numbers import money, number, percent

WIDTH = 100
GROUPS = (ALL, RANKED, DRAWN, OFF, TOUCHED, UNTOUCHED)
EFFECTS = (LISTING, CONTACT, PER_HOUR, OBSERVED, ORDER, MARGIN)
TERMS = {
    LISTING: "intention to treat", CONTACT: "local average treatment effect", PER_HOUR: "Wald, by the hour",
    OBSERVED: "observational, **no effect**", ORDER: "descriptive, **no effect**",
    MARGIN: "difference of effects",
}  # fmt: skip


def short(about: About, conclusion: Conclusion) -> str:
    """What a person reads in a terminal."""
    lines = [f"{about.name}: {_head(about, conclusion)}"]
    lines += [_bullet(text) for text in conclusion.can]
    lines += ["", *(["What cannot be concluded:"] if conclusion.cannot else [])]
    lines += [_bullet(text) for text in conclusion.cannot]
    lines += ["", *(_bullet(text) for text in left_out(about))]
    return "\n".join(lines).rstrip()


def report(about: About, figures: Sequence[Figure], conclusion: Conclusion) -> str:
    """The report in Markdown. No row of the data stands in it."""
    parts = [
        f"# Did scoring pay? {about.name}",
        f"**{_head(about, conclusion)}.**",
        "## What can be concluded\n\n" + ("\n".join(f"- {text}" for text in conclusion.can) or "Nothing."),
        "## What cannot\n\n"
        + ("\n".join(f"- {text}" for text in conclusion.cannot) or "Nothing else is asked here."),
        "![Rates by band, and what listing did](chart.png)" if about.rows else "",
        _rates(about, figures),
        _effects(about, figures),
        "## What was left out, and what was taken together\n\n"
        + "\n".join(f"- {text}" for text in left_out(about)),
        f"## How to read it\n\n{READING}",
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


READING = """\
Intervals hold 95 %. *Intention to treat* is what being listed did, whether or not anybody called: rows that
lots could choose are each counted by one over the logged chance of being where they are, so that only lots
differ. The *local average treatment effect* is what a contact did to those who were contacted because they
were listed; it assumes that a list does nothing else. What reps or the model chose is described, and is no
effect. Every figure is in `table.csv`."""


def left_out(about: About) -> list[str]:
    """Rows that are not in it, rows that belong together, and where contacts were read."""
    lines = []
    for reason, count in sorted(about.unripe.items()):
        lines.append(f"Left out: {count:,} rows without an outcome ({NO_LABEL.get(reason, reason)}).")
    if about.ranked and about.chances and about.rows:
        lines.append(
            f"Lots could choose among {about.lots:,} rows, of which {about.drawn:,} stood on lists; "
            f"{about.sure:,} were "
            f"certain to be listed and {about.never:,} certain not to be: of these lots tell nothing."
        )
    if about.recurring:
        told = (
            "all lists of one name are taken together"
            if about.joined
            else (
                "lots are drawn again date by date, and what a list does to later ones counts on these, too"
            )
        )
        lines.append(
            f"{about.recurring:,} rows are of somebody who stood there less than a horizon before. They "
            f"count on each "
            f"date; {told}."
        )
    if about.rows:
        how = "from drawing all lots again" if about.again else "by Student's t"
        lines.append(
            f"Rows of {about.clusters:,} lists are taken together; intervals of what lots tell are {how}."
        )
    if about.sources and about.rows:
        lines.append(
            f"Contacts of the {about.within_days} days from the date of the list on count, from "
            f"{' and '.join(about.sources)}."
        )
    return [*lines, *about.notes]


def _head(about: About, conclusion: Conclusion) -> str:
    return {
        "paid": "listing paid",
        "did harm": "listing did harm",
        "no effect seen": "no effect of listing can be seen",
        "not known": "whether listing did anything is not known",
    }[conclusion.kind].capitalize()


def _rates(about: About, figures: Sequence[Figure]) -> str:
    bands = sorted({each.band for each in figures if each.estimand == RATE})
    heads = ("band", "who", "rows", "said", about.did, "95 %", "contacted", "money a row", "money", "hours")
    lines = [
        f"| {' | '.join(heads)} | {about.did} an hour |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for band in bands:
        for who in GROUPS:
            here = {
                each.outcome: each
                for each in figures
                if each.estimand == RATE and each.who == who and each.band == band
            }
            if OUTCOME in here:
                lines.append(_line(about, band, who, here))
    return "## By band\n\n" + "\n".join(lines) if len(lines) > 2 else ""


def _line(about: About, band: str, who: str, here: dict[str, Figure]) -> str:
    did, said = here[OUTCOME], here.get(SAID)
    cash, spent, hour, contacted = (here.get(name) for name in (MONEY, HOURS, AN_HOUR, CONTACTED))
    interval = f"{percent(did.low)} to {percent(did.high)}" if did.bounded else ""
    cells = [
        band or "all", WHO[who], f"{did.rows:,}", percent(said.value) if said else "",
        percent(did.value), interval,
        percent(contacted.value) if contacted else "", money(cash.value, about.currency) if cash else "",
        money(cash.total, about.currency) if cash else "", f"{spent.total:,.0f}" if spent else "",
        number(hour.value) if hour else "",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _effects(about: About, figures: Sequence[Figure]) -> str:
    lines = ["| what | of | band | rows | value | 95 % | due to lots |", "|---|---|---|---|---|---|---|"]
    for estimand in EFFECTS:
        for each in figures:
            if each.estimand == estimand and (each.outcome == OUTCOME or not each.band):
                lines.append(_effect(about, each))
    if len(lines) == 2:
        return ""
    told = "\n".join(f"- *{TERMS[name]}*: {ESTIMANDS[name]}." for name in EFFECTS if _there(figures, name))
    return "## Effects, and what looks like one\n\n" + "\n".join(lines) + "\n\n" + told


def _there(figures: Sequence[Figure], estimand: str) -> bool:
    """Whether there is a figure of that kind."""
    return any(each.estimand == estimand for each in figures)


def _effect(about: About, each: Figure) -> str:
    cells = [
        TERMS[each.estimand], each.outcome if each.outcome != OUTCOME else about.did, each.band or "all",
        f"{each.rows:,}", _value(about, each, each.value), _ends(about, each), "yes" if each.causal else "no",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _ends(about: About, each: Figure) -> str:
    if each.bounded:
        return f"{_value(about, each, each.low)} to {_value(about, each, each.high)}"
    return "without end"


def _value(about: About, each: Figure, value: float) -> str:
    if value != value or (each.estimand in (CONTACT, PER_HOUR) and not each.bounded):
        return "not known"
    if each.outcome == MONEY:
        return money(value, about.currency)
    if each.outcome == HOURS or each.estimand == PER_HOUR:
        return f"{value:+.3f}"
    return f"{100 * value:+.1f} points"


def _bullet(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
