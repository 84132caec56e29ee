"""Prospects day by day: reps contact them, they visit the site, they are won or lost.

Beside the events runs the belief: for every prospect the probability of each combination of what
nobody records, given what its own rows show, by Bayes' rule after every span of days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import SPANS, Calendar
from salesml.crm.sample.companies import Companies
from salesml.crm.sample.people import Habits, Reps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max

_TASTE, _NEED, _KIND = (axis.ravel() for axis in np.meshgrid(range(2), range(5), range(3), indexing="ij"))
STATES = len(_NEED)
"""Combinations of need, kind of rep and its taste for the industry."""

KIND_OF_STATE = _KIND
_WIN = np.exp(laws.WIN_HIDDEN * laws.HIDDEN[_NEED] + laws.SKILL[_KIND])
_LOSE = np.exp(laws.LOSE_HIDDEN * laws.HIDDEN[_NEED])
_CONTACT = np.exp(
    laws.CONTACT_HIDDEN * laws.HIDDEN[_NEED]
    + laws.CONTACT_PUSHY * laws.PUSHY[_KIND]
    + laws.CONTACT_TASTE * _TASTE
)
_VISIT = np.exp(laws.VISIT_HIDDEN * laws.HIDDEN[_NEED])


@dataclass(frozen=True)
class Pursuit:
    """The prospects of a block and whatever moves them.

    ``created`` is a day, ``enters`` the first span after it; ``market`` holds what the market adds
    to the log rate of winning, by month; ``answered`` is the day before ``enters`` on which a prospect was
    answered at once, ``NEVER`` for the others.
    """

    companies: Companies
    created: Ints
    enters: Ints
    rep: Ints
    reps: Reps
    market: Floats
    calendar: Calendar
    answered: Ints

    @property
    def state(self) -> Ints:
        """Which combination each prospect really has."""
        kind, taste = self.reps.kind[self.rep], self.reps.taste[self.rep, self.companies.industry]
        return taste * (STATES // 2) + self.companies.hidden * 3 + kind

    def rates(self, open_: Ints, span: int) -> tuple[Floats, Floats]:
        """Rates a working day of being won and lost, without contact and what is hidden."""
        month = span // SPANS
        bucket = np.searchsorted(
            laws.AGE_DAYS, self.calendar.span_starts[span] - self.created[open_], side="right"
        )
        moving = self.market[month] + laws.WIN_SEASON[self.calendar.month_of_year(month)]
        moving = moving + laws.WIN_ANSWERED * (self.answered[open_] < NEVER)
        win = np.exp(self.companies.win[open_] + laws.WIN_AGE[bucket] + moving)
        return win, np.exp(self.companies.lose[open_] + laws.LOSE_AGE[bucket])

    def contact_rate(self, open_: Ints, span: int) -> Floats:
        """Rate a working day of contact, without what is hidden; the rep's workload is known."""
        busy = laws.BUSY[self.reps.busy[self.rep[open_], span // SPANS]]
        return np.asarray(np.exp(self.companies.contact[open_] + laws.CONTACT_BUSY * busy), float)


@dataclass(frozen=True)
class Moment:
    """What is known and what is true of the open prospects on the first day of a month.

    ``belief`` is prospects by states and sums to 1 by row; ``contacts`` counts those so far.
    """

    month: int
    open_: Ints
    contacts: Ints
    belief: Floats


@dataclass(frozen=True)
class Outcome:
    """What became of the prospects: rows of contacts and visits, and the day of the end.

    ``pushed`` is the belief, given that they were won, that their rep is pushy.
    """

    contacts: tuple[Ints, Ints]
    visits: tuple[Ints, Ints]
    exit_day: Ints
    won: Bools
    pushed: Floats


class Pursued:
    """One run through all spans; iterate over it for its moments, then ask for the outcome."""

    def __init__(self, pursuit: Pursuit, rng: np.random.Generator) -> None:
        self.pursuit, self.rng = pursuit, rng
        rows = len(pursuit.companies)
        at_once = np.flatnonzero(pursuit.answered < NEVER)
        self.count = np.isin(np.arange(rows), at_once).astype(np.int64)
        self.exit_day, self.won = np.full(rows, NEVER), np.zeros(rows, bool)
        self.log_belief = np.tile(_log_prior(pursuit.reps.habits), (rows, 1)) + _budget(pursuit.companies)
        self.contacts: list[tuple[Ints, Ints]] = [(at_once, pursuit.answered[at_once])]
        self.visits: list[tuple[Ints, Ints]] = []

    def __iter__(self) -> Iterator[Moment]:
        months = self.pursuit.calendar.months
        for span in range(SPANS * months + 1):
            open_ = np.flatnonzero((self.pursuit.enters <= span) & (self.exit_day == NEVER))
            if span and span % SPANS == 0:
                yield self._moment(span // SPANS, open_)
            if span < SPANS * months and len(open_):
                self._live(span, open_)

    def outcome(self) -> Outcome:
        return Outcome(_joined(self.contacts), _joined(self.visits), self.exit_day, self.won, self._pushed())

    def _pushed(self) -> Floats:
        """The belief that a pushy rep had them, after they were won."""
        belief = np.exp(self.log_belief - self.log_belief.max(axis=1, initial=-np.inf, keepdims=True)) * _WIN
        return np.asarray(belief[:, laws.PUSHY[_KIND] > 0].sum(axis=1) / belief.sum(axis=1), float)

    def _moment(self, month: int, open_: Ints) -> Moment:
        log_belief = self.log_belief[open_]
        belief = np.exp(log_belief - log_belief.max(axis=1, initial=-np.inf, keepdims=True))
        return Moment(month, open_, self.count[open_], belief / belief.sum(axis=1, keepdims=True))

    def _live(self, span: int, open_: Ints) -> None:
        pursuit, state = self.pursuit, self.pursuit.state[open_]
        start, end = pursuit.calendar.span_starts[span : span + 2].tolist()
        days = pursuit.calendar.working(start, end)

        contact = pursuit.contact_rate(open_, span) * days
        called = self.rng.random(len(open_)) < -np.expm1(-contact * _CONTACT[state])
        self.count[open_] += called
        visit = np.exp(pursuit.companies.visit[open_]) * days
        visits = self.rng.poisson(visit * _VISIT[state])
        win, lose = pursuit.rates(open_, span)
        win = win * np.exp(lift(pursuit.companies.contact_effect[open_], self.count[open_]))
        both = win * _WIN[state] + lose * _LOSE[state]
        lasts = self.rng.exponential(1 / both)
        leaves = lasts < days
        wins = self.rng.random(len(open_)) < win * _WIN[state] / both

        exit_day = np.full(len(open_), NEVER)
        exit_day[leaves] = pursuit.calendar.working_day(start, lasts[leaves].astype(np.int64))
        self.exit_day[open_], self.won[open_] = exit_day, leaves & wins
        lived = np.minimum(lasts, days)
        self._believe(open_, (called, contact), (visits, visit), (win * lived, lose * lived))
        self._record(open_, called, visits, exit_day, (start, end, days))

    def _believe(
        self,
        open_: Ints,
        called: tuple[Bools, Floats],
        visits: tuple[Ints, Floats],
        exits: tuple[Floats, Floats],
    ) -> None:
        """Bayes' rule after the span, or after the part of it that they were open."""
        contact = np.outer(called[1], _CONTACT)
        change = np.where(called[0][:, None], np.log(-np.expm1(-contact)), -contact)
        change += np.outer(visits[0], np.log(_VISIT)) - np.outer(visits[1], _VISIT)
        change -= np.outer(exits[0], _WIN) + np.outer(exits[1], _LOSE)
        self.log_belief[open_] += change

    def _record(
        self, open_: Ints, called: Bools, visits: Ints, exit_day: Ints, span: tuple[int, int, int]
    ) -> None:
        start, end, days = span
        number = self.rng.integers(0, days, len(open_))
        day = np.minimum(self.pursuit.calendar.working_day(start, number), exit_day)
        self.contacts.append((open_[called], day[called]))
        rows = np.repeat(np.arange(len(open_)), visits)
        day = self.rng.integers(start, end, len(rows))
        kept = day <= exit_day[rows]
        self.visits.append((open_[rows[kept]], day[kept]))


def lift(effect: Floats, contacts: Ints) -> Floats:
    """What so many contacts add to the log rate of being won."""
    return np.asarray(effect * laws.CONTACT_CURVE[np.minimum(contacts, len(laws.CONTACT_CURVE) - 1)], float)


def win_of_state() -> tuple[Floats, Floats, Floats]:
    """What the hidden combinations multiply: the rates of winning, losing and contact."""
    return _WIN, _LOSE, _CONTACT


def _log_prior(habits: Habits) -> Floats:
    """Of the combinations of what nobody records; minus infinity for those that do not exist."""
    liked = np.where(_TASTE == 1, habits.taste_share, 1 - habits.taste_share)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(laws.HIDDEN_PRIOR[_NEED] * habits.kind_shares[_KIND] * liked), float)


def _budget(companies: Companies) -> Floats:
    """Log-likelihood of the budget being known or not, by state."""
    log_odds = laws.BUDGET_KNOWN + laws.BUDGET_KNOWN_HIDDEN * laws.HIDDEN[_NEED]
    known, unknown = -np.logaddexp(0, -log_odds), -np.logaddexp(0, log_odds)
    return np.asarray(np.where(companies.budget_known[:, None], known, unknown))


def _joined(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    rows, days = zip(*parts, strict=True) if parts else ((), ())
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *days])
