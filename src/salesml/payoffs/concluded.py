"""What can be concluded and what cannot, in sentences for whoever pays for the hours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesml.payoffs.about import About
from salesml.payoffs.figure import (
    ALL,
    AN_HOUR,
    CONTACT,
    CONTACTED,
    DRAWN,
    IF_LISTED,
    IF_NOT,
    LISTING,
    MARGIN,
    MONEY,
    OBSERVED,
    OFF,
    ORDER,
    PER_HOUR,
    RANKED,
    RATE,
    Figure,
    find,
)
from salesml.words.numbers import money, percent

PAID, HARM, NOT_SEEN, NOT_KNOWN = "paid", "did harm", "no effect seen", "not known"
KINDS = (PAID, HARM, NOT_SEEN, NOT_KNOWN)
FEW_DRAWN = 10
"""Listed rows that lots could choose, below which nothing is concluded of them."""


@dataclass(frozen=True)
class Conclusion:
    """Whether listing paid, and the sentences that say so.

    Parameters
    ----------
    kind : str
        ``paid``, ``did harm``, ``no effect seen`` or ``not known``.
    can, cannot : tuple of str
        What can be concluded, and what cannot.
    """

    kind: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join((*self.can, *self.cannot))


def conclude(about: About, figures: Sequence[Figure]) -> Conclusion:
    """What follows from the figures."""
    kind = kind_of(about, find(figures, LISTING))
    can = [
        *_came(about, figures),
        *_listing(about, figures, kind),
        *_contact(about, figures),
        *_order(about, figures),
    ]
    return Conclusion(kind, tuple(can), tuple(_cannot(about, figures, kind)))


def kind_of(about: About, listing: Figure | None) -> str:
    """Whether being listed did good, did harm, neither clearly, or cannot be asked."""
    if listing is None or not listing.bounded or about.drawn < FEW_DRAWN:
        return NOT_KNOWN
    if not listing.clear:
        return NOT_SEEN
    return PAID if (listing.value < 0) == about.churn else HARM


def points(value: float) -> str:
    """A difference of shares: ``3.1 points``."""
    return f"{100 * abs(value):.1f} points"


def between(each: Figure, *, cash: str | None = None) -> str:
    """An interval in brackets, in points or in money."""
    if cash is not None:
        return f"[{money(each.low, cash)}, {money(each.high, cash)}]"
    return f"[{_signed(each.low)}, {_signed(each.high)}]"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}"


def _came(about: About, figures: Sequence[Figure]) -> Iterator[str]:
    whole = find(figures, RATE, who=ALL)
    if whole is None:
        return
    span = about.dates[0] if len(about.dates) == 1 else f"{about.dates[0]} to {about.dates[-1]}"
    dates = "one date" if len(about.dates) == 1 else f"{len(about.dates)} dates"
    if not about.ranked:
        yield f"Of {about.rows:,} rows of {dates} ({span}), {percent(whole.value)} were {about.did}."
        return
    off = find(figures, RATE, who=OFF)
    on = _joined(figures)
    text = f"Of {about.listed:,} rows on lists of {dates} ({span}), {percent(on)} were {about.did}"
    yield text + (f", and of {off.rows:,} on no list {percent(off.value)}." if off else ".")
    if off:
        yield "The model chose whom to list, so that this difference is not what the lists did."


def _joined(figures: Sequence[Figure]) -> float:
    """The share among all listed rows."""
    parts = [each for who in (RANKED, DRAWN) if (each := find(figures, RATE, who=who))]
    return sum(each.total for each in parts) / max(1, sum(each.rows for each in parts))


def _listing(about: About, figures: Sequence[Figure], kind: str) -> Iterator[str]:
    listing = find(figures, LISTING)
    if listing is None or kind == NOT_KNOWN:
        return
    before, after = find(figures, IF_NOT), find(figures, IF_LISTED)
    way = "raised" if listing.value > 0 else "lowered"
    if kind == NOT_SEEN:
        yield (
            f"No effect of being listed on the share that was {about.did} can be told from chance: "
            f"{_signed(listing.value)} points {between(listing)}."
        )
    else:
        levels = (
            f", from {percent(max(0.0, before.value))} to {percent(max(0.0, after.value))}"
            if before and after
            else ""
        )
        yield (
            f"Being listed {way} the share that was {about.did} by {points(listing.value)} "
            f"{between(listing)}{levels}. "
            f"This is due to the lists, since lots chose among these {listing.rows:,} rows."
        )
        yield _so_many(about, listing)
    yield from _money(about, figures)


def _so_many(about: About, listing: Figure) -> str:
    ends = sorted(abs(about.drawn * end) for end in (listing.low, listing.high))
    few = "fewer" if listing.value < 0 else "more"
    return (
        f"Among the {about.drawn:,} of them that stood on lists that is about "
        f"{abs(about.drawn * listing.value):,.0f} "
        f"{few} {about.did} [{ends[0]:,.0f} to {ends[1]:,.0f}]."
    )


def _money(about: About, figures: Sequence[Figure]) -> Iterator[str]:
    each = find(figures, LISTING, MONEY)
    if each is None or not each.bounded:
        return
    days = about.gap_days + about.horizon_days
    if each.clear:
        way = "more" if each.value > 0 else "less"
        yield (
            f"In money a listed row brought {money(abs(each.value), about.currency)} {way} within {days} "
            f"days than it "
            f"would have off the list {between(each, cash=about.currency)}."
        )
    else:
        yield (
            f"In money no effect can be told from chance: {money(each.value, about.currency)} a row within "
            f"{days} days "
            f"{between(each, cash=about.currency)}."
        )


def _contact(about: About, figures: Sequence[Figure]) -> Iterator[str]:
    before, after = find(figures, IF_NOT, CONTACTED), find(figures, IF_LISTED, CONTACTED)
    first, late = find(figures, LISTING, CONTACTED), find(figures, CONTACT)
    if first and before and after and first.bounded:
        yield (
            f"Of those listed {percent(_share(after.value))} were contacted, of those not "
            f"{percent(_share(before.value))}."
        )
    if late and late.bounded:
        yield (
            f"To those who were contacted because they were listed, the contact did {_signed(late.value)} "
            f"points "
            f"{between(late)}, if a list does nothing but have people contacted."
        )
    hour = find(figures, PER_HOUR)
    if hour and hour.clear:
        yield (
            f"An hour that was spent because of a list changed the number {about.did} by {hour.value:+.3f} "
            f"[{hour.low:+.3f}, {hour.high:+.3f}]."
        )
    observed = find(figures, OBSERVED)
    if observed and observed.bounded:
        way = "more" if observed.value > 0 else "less"
        yield (
            f"Who was contacted was {about.did} {points(observed.value)} {way} often than others of the "
            f"same date, band "
            f"and place {between(observed)}, but reps chose whom to contact: that is not what a contact did."
        )


def _order(about: About, figures: Sequence[Figure]) -> Iterator[str]:
    gross = find(figures, ORDER)
    ranked, drawn = find(figures, RATE, who=RANKED), find(figures, RATE, who=DRAWN)
    if gross is None or ranked is None or drawn is None:
        return
    apart = f"{_signed(gross.value)} points"
    if gross.bounded:
        apart += f" {between(gross)}"
    yield (
        f"Of those on lists for their rank {percent(ranked.value)} were {about.did}, of those drawn by lot "
        f"{percent(drawn.value)}; weighted, {apart}. This says that the ranking finds "
        f"{'who leaves' if about.churn else 'who is won'}, not that it finds whom a list helps."
    )
    one, other = (find(figures, RATE, AN_HOUR, who) for who in (RANKED, DRAWN))
    if one and other:
        yield f"For each hour spent on them that is {one.value:.3f} against {other.value:.3f}."
    margin = find(figures, MARGIN)
    if margin and margin.clear:
        better = (margin.value < 0) == about.churn
        yield (
            f"Being listed did {'more' if better else 'less'} good at the end of lists than to rows without "
            f"a sure place, "
            f"by {points(margin.value)} {between(margin)}: hours given to the next in rank brought "
            f"{'more' if better else 'less'} than hours given by lot."
        )


def _cannot(about: About, figures: Sequence[Figure], kind: str) -> Iterator[str]:
    if not about.rows:
        rows = sum(about.unripe.values())
        yield f"Nothing can be concluded yet: of {rows:,} rows no outcome is known."
        return
    if not about.ranked:
        yield "These are scores and no lists: who was listed is not known, and so neither what listing did."
        return
    if not about.chances:
        yield "The lists do not say with which chance a row was listed: what listing did cannot be concluded."
    elif not about.lots:
        yield (
            "Nothing was left to lots (`salesml rank --explore`): whoever was listed was listed for "
            "certain, and what "
            "would have come of them off the list nobody knows. What listing did cannot be concluded."
        )
    elif kind == NOT_KNOWN:
        yield (
            f"Too little was left to lots to tell what listing did: {about.drawn:,} rows that stood on "
            f"lists and could have "
            f"been left out, on {_lists(about)}."
        )
    elif about.sure:
        yield (
            f"Of the {about.sure:,} rows that were certain to be listed the lots tell nothing: listing may "
            f"have done more "
            "to them, or less."
        )
    if not about.sources:
        yield (
            "No table says who was contacted (activities, or the answers of reps): what a contact did cannot "
            "be concluded."
        )
    elif about.lots:
        late = find(figures, CONTACT)
        if late is None or not late.bounded:
            yield (
                "What a contact did cannot be concluded: listing changed too little, as far as can be told, "
                "in who was "
                "contacted."
            )
    margin = find(figures, MARGIN)
    if kind != NOT_KNOWN and (margin is None or not margin.clear):
        yield (
            "Whether the order of the model brings more for an hour than lots would cannot be concluded from "
            "these lists."
        )


def _lists(about: About) -> str:
    return "1 independent list" if about.clusters == 1 else f"{about.clusters:,} independent lists"


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else value
