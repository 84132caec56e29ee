"""Accounts month by month: they order, complain, praise, drift away and leave.

Beside the events runs the belief, as for prospects: what each account's own rows tell of its
quality, of the rep that won it and of the state it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import Calendar
from salesml.crm.sample.companies import Companies
from salesml.crm.sample.people import Reps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max

QUALITY, PUSHED = (axis.ravel() for axis in np.meshgrid(laws.HIDDEN, [0.0, 1.0], indexing="ij"))
"""The hidden kinds of an account: its quality and whether a pushy rep won it."""

KINDS = len(QUALITY)
CONTENT, DRIFTING, DORMANT = range(3)


@dataclass(frozen=True)
class Book:
    """The accounts of a block.

    ``acquired`` is a day, negative before the first; ``enters`` the first whole month;
    ``pushy`` whether a pushy rep won it and ``pushed`` the belief in that from before;
    ``rep`` and ``rep_after`` who works it before and from the month ``handed``; ``shift`` the month from
    which the market is another.
    """

    companies: Companies
    acquired: Ints
    enters: Ints
    founding: Bools
    pushy: Bools
    pushed: Floats
    rep: Ints
    rep_after: Ints
    handed: Ints
    reps: Reps
    calendar: Calendar
    shift: int = NEVER

    @property
    def kind(self) -> Ints:
        """Which hidden kind each account is, as ``QUALITY`` and ``PUSHED`` number them."""
        return self.companies.quality * 2 + self.pushy

    @property
    def acquired_month(self) -> Ints:
        dates = self.calendar.dates(self.acquired).astype("datetime64[M]")
        return (dates - np.datetime64(self.calendar.first, "M")).astype(np.int64)

    def rep_in(self, month: int) -> Ints:
        return np.where(month >= self.handed, self.rep_after, self.rep)

    def busy(self, month: int) -> Floats:
        return np.asarray(laws.BUSY[self.reps.busy[self.rep_in(month), month]])


@dataclass(frozen=True)
class Status:
    """What is known and true of the accounts on the first day of a month.

    ``belief`` is accounts by kinds by states and sums to 1 by account; ``state`` is the true one;
    ``cause`` what the month before added to the log rate of drifting.
    """

    month: int
    there: Ints
    belief: Floats
    state: Ints
    cause: Floats


@dataclass
class Life:
    """What happened to the accounts: rows and days by kind of event."""

    rows: dict[str, list[Ints]] = field(default_factory=dict)
    days: dict[str, list[Ints]] = field(default_factory=dict)
    rises: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def add(self, what: str, rows: Ints, days: Ints) -> None:
        self.rows.setdefault(what, []).append(rows)
        self.days.setdefault(what, []).append(days)

    def events(self, what: str) -> tuple[Ints, Ints]:
        """Accounts and days of one kind of event."""
        if what not in self.rows:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate(self.rows[what]), np.concatenate(self.days[what])


class Lived:
    """One run through all months; iterate over it for its statuses, then read ``life``."""

    def __init__(self, book: Book, rng: np.random.Generator) -> None:
        self.book, self.rng, self.life = book, rng, Life()
        rows = len(book.companies)
        self.left = np.full(rows, NEVER)
        starts = first_states(book.companies.fit, book.founding)
        own = starts[np.arange(rows), book.kind]
        self.state = (rng.random((rows, 1)) > np.cumsum(own, axis=1)[:, :2]).sum(axis=1)
        self.belief = _prior(book)[:, :, None] * starts
        self.cause = np.zeros(rows)

    def __iter__(self) -> Iterator[Status]:
        book = self.book
        for month in range(book.calendar.months + 1):
            there = np.flatnonzero((book.enters <= month) & (self.left == NEVER))
            if month:
                yield Status(month, there, self.belief[there], self.state[there], self.cause[there])
            if month < book.calendar.months:
                self._live(month, there)

    def _live(self, month: int, there: Ints) -> None:
        if month:
            self._drift(month, there)
        self._leave(month, there)
        new = np.flatnonzero(self.book.enters == month + 1)
        present = np.concatenate([there, new])
        self._act(month, present)
        self._suffer(month, present)

    def _drift(self, month: int, there: Ints) -> None:
        """The state of this month from that of the last."""
        begins = -np.expm1(-drift_rate(self.book, there, month) * np.exp(self.cause[there])[:, None])
        own = begins[np.arange(len(there)), self.book.kind[there]]
        before, luck = self.state[there], self.rng.random(len(there))
        after = np.where((before == CONTENT) & (luck < own), DRIFTING, before)
        after[(before == DRIFTING) & (luck < laws.RECOVER)] = CONTENT
        after[(before == DORMANT) & (luck < laws.WAKE)] = CONTENT
        self.state[there] = after
        self.belief[there] = moved(self.belief[there], begins)

    def _leave(self, month: int, there: Ints) -> None:
        start, end = self.book.calendar.month_starts[month : month + 2].tolist()
        days = self.book.calendar.working(start, end)
        lasts = self.rng.exponential(1 / laws.LEAVE[self.state[there]]) * days
        leaves = lasts < days
        self.left[there[leaves]] = self.book.calendar.working_day(start, lasts[leaves].astype(np.int64))
        self.belief[there] *= np.exp(-laws.LEAVE)

    def _act(self, month: int, present: Ints) -> None:
        """Orders, tickets, referrals and testimonials of a month, and what they tell."""
        start, end = self.book.calendar.month_starts[month : month + 2].tolist()
        since = np.maximum(self.book.acquired[present], start)
        share = np.array([self.book.calendar.working(day, end) for day in since.tolist()])
        share = share / self.book.calendar.working(start, end)
        kind, state = self.book.kind[present], self.state[present]
        companies, season = self.book.companies[present], self.book.calendar.month_of_year(month)
        own = event_rates(companies, season, shifted=month >= self.book.shift)
        for what, (rate, hidden) in own.items():
            counts = self.rng.poisson(rate * share * hidden[kind, state])
            self.belief[present] *= _likelihood(counts, rate * share, hidden)
            self._scatter(what, present, counts, since, end)
        self.belief[present] /= self.belief[present].sum(axis=(1, 2), keepdims=True)
        busy = laws.CONTACT_BUSY * self.book.busy(month)[present]
        self._scatter("activities", present, self.rng.poisson(np.exp(laws.SERVE + busy) * share), since, end)

    def _suffer(self, month: int, present: Ints) -> None:
        """Late deliveries and rises of the price, which make accounts drift from the next month on."""
        start, end = self.book.calendar.month_starts[month : month + 2].tolist()
        late = self.rng.random(len(present)) < self.book.companies.late[present]
        since = np.maximum(self.book.acquired[present], start)
        self._scatter("late", present, late.astype(np.int64), since, end)
        yearly = is_anniversary(self.book, present, month)
        rises = self.rng.choice(laws.RISES, len(present), p=laws.RISE_PRIOR) * yearly
        some = rises > 0
        days = np.full(int(some.sum()), start)
        kept = days <= self.left[present[some]]
        self.life.rises.append((present[some][kept], days[kept], rises[some][kept]))
        self.cause[present] = (
            laws.DRIFT_LATE * late
            + laws.DRIFT_PRICE * rises
            + laws.DRIFT_BUSY * self.book.busy(month)[present]
        )

    def _scatter(self, what: str, present: Ints, counts: Ints, since: Ints, end: int) -> None:
        """So many events on working days at random; what lies after an account's end is dropped."""
        calendar = self.book.calendar
        rows, first = np.repeat(present, counts), calendar.worked_before[np.repeat(since, counts)]
        number = first + self.rng.random(len(rows)) * (calendar.worked_before[end] - first)
        days = calendar.working_days[
            np.minimum(number.astype(np.int64), int(calendar.worked_before[end]) - 1)
        ]
        kept = days <= self.left[rows]
        self.life.add(what, rows[kept], days[kept])


def first_states(fit: Floats, founding: Bools) -> Floats:
    """Chances of the first state, companies by kinds by states."""
    log_odds = laws.DORMANT + laws.DORMANT_FIT * (fit[:, None] + laws.FIT_HIDDEN * QUALITY)
    dormant = 1 / (1 + np.exp(-log_odds))
    won = np.stack([1 - dormant, np.zeros_like(dormant), dormant], axis=2)
    return np.where(founding[:, None, None], laws.FOUND_STATES, won)


def drift_rate(book: Book, there: Ints, month: int) -> Floats:
    """Rate of beginning to drift in a month, accounts by kinds, but for what happened before it."""
    young = ~book.founding[there] & (month - book.enters[there] < 12)
    hidden = laws.DRIFT_FIT * laws.FIT_HIDDEN * QUALITY
    own = book.companies.drift_shifted if month >= book.shift else book.companies.drift
    return np.asarray(
        np.exp(own[there][:, None] + hidden + laws.DRIFT_PUSHY * PUSHED * young[:, None]), float
    )


def moved(belief: Floats, begins: Floats) -> Floats:
    """The belief of the next month; ``begins`` is the chance that a content account begins to drift."""
    content, drifting, dormant = belief[..., CONTENT], belief[..., DRIFTING], belief[..., DORMANT]
    return np.stack(
        [
            content * (1 - begins) + drifting * laws.RECOVER + dormant * laws.WAKE,
            content * begins + drifting * (1 - laws.RECOVER),
            dormant * (1 - laws.WAKE),
        ],
        axis=-1,
    )


def event_rates(
    companies: Companies, month_of_year: int, *, shifted: bool = False
) -> Mapping[str, tuple[Floats, Floats]]:
    """By kind of event: the rate a month by company, and its factor by kind by state."""
    order = laws.ORDER + laws.ORDER_FIT * companies.fit + laws.ORDER_SIZE * companies.size
    order = order + shifted * laws.SHIFT_ORDER
    good = laws.FIT_HIDDEN * QUALITY[:, None]
    content = np.array([1.0, 0.0, 0.0])
    return {
        "orders": (
            np.exp(order + laws.ORDER_SEASON[month_of_year]),
            np.exp(laws.ORDER_FIT * good) * laws.ORDER_STATE,
        ),
        "tickets": (
            np.full(len(companies), np.exp(laws.TICKET)),
            np.exp(laws.TICKET_DRIFTING * np.array([0.0, 1.0, 0.0])) * np.ones((KINDS, 1)),
        ),
        "logins": (
            np.full(len(companies), np.exp(laws.LOGIN)),
            (laws.SHIFT_LOGIN_STATE if shifted else laws.LOGIN_STATE) * np.ones((KINDS, 1)),
        ),
        "referral": (
            np.exp(laws.REFER + laws.REFER_FIT * companies.fit),
            np.exp(laws.REFER_FIT * good) * content,
        ),
        "testimonial": (
            np.exp(laws.PRAISE + laws.PRAISE_FIT * companies.fit),
            np.exp(laws.PRAISE_FIT * good) * content,
        ),
    }


def is_anniversary(book: Book, there: Ints, month: int) -> Bools:
    """Whether a year or more has just passed since they were won."""
    past = month - book.acquired_month[there]
    return np.asarray((past > 0) & (past % 12 == 0))


def _prior(book: Book) -> Floats:
    """Chances of the hidden kinds before anything happened."""
    quality = np.repeat(laws.HIDDEN_PRIOR, 2)
    pushed = book.pushed[:, None]
    return np.asarray(quality * np.where(PUSHED == 1, pushed, 1 - pushed))


def _likelihood(counts: Ints, rate: Floats, hidden: Floats) -> Floats:
    """Of Poisson counts by kind by state, up to a factor that is the same for all."""
    expected = np.multiply.outer(rate, hidden)
    relative = np.power(hidden / hidden.max(), np.minimum(counts, 60)[:, None, None])
    return np.asarray(relative * np.exp(-expected))
