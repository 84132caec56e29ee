"""The true probability of being won within the horizon, exactly, by looking back from its end.

From the horizon's end to the as-of date, span by span, for every number of contacts that makes a
difference and every combination of what nobody records: the chance that the prospect is won, and
the hours that will be spent on it until then. Averaged over the belief this is what can be known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import HORIZON, SPANS
from salesml.crm.sample.pursuit import STATES, Moment, Pursuit, lift, win_of_state

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEVELS = len(laws.CONTACT_CURVE)


@dataclass(frozen=True)
class Foresight:
    """Per open prospect and hidden state, at one moment.

    ``won`` is the chance within the horizon, ``contacts`` how many are to come within it while the
    prospect is open, ``called`` the chance if one more contact took place at once.
    """

    won: Floats
    contacts: Floats
    called: Floats


def foresee(pursuit: Pursuit, moment: Moment) -> Foresight:
    """Look ahead from a moment, exactly but for the rep's future workload, which is averaged."""
    end = int(pursuit.calendar.month_starts[moment.month]) + HORIZON
    rows = len(moment.open_)
    won = np.zeros((_LEVELS, 2, rows, STATES // 2))
    contacts = np.zeros_like(won)
    starts = pursuit.calendar.span_starts
    first = moment.month * SPANS
    last = int(np.searchsorted(starts, end)) - 1
    for span in range(last, first - 1, -1):
        _step_back(pursuit, moment, span, min(int(starts[span + 1]), end), won, contacts)
    level = np.minimum(moment.contacts, _LEVELS - 1)
    more = np.minimum(level + 1, _LEVELS - 1)
    return Foresight(*(_by_state(each, at) for each, at in ((won, level), (contacts, level), (won, more))))


def _by_state(values: Floats, level: Ints) -> Floats:
    """Prospects by states, each prospect at its own number of contacts."""
    rows = values.shape[2]
    return values[level, :, np.arange(rows)].reshape(rows, STATES)


def _step_back(pursuit: Pursuit, moment: Moment, span: int, end: int, won: Floats, contacts: Floats) -> None:
    """From the values after a span to those before it, in place."""
    start = int(pursuit.calendar.span_starts[span])
    days = pursuit.calendar.working(start, end)
    whole = pursuit.calendar.working(start, int(pursuit.calendar.span_starts[span + 1]))
    called = _chance_of_contact(pursuit, moment, whole)
    if days:
        _exits(pursuit, moment, span, days, won, contacts)
    for level in range(_LEVELS):
        after = min(level + 1, _LEVELS - 1)
        won[level] += called * (won[after] - won[level])
        contacts[level] += called * (days / whole + contacts[after] - contacts[level])


def _exits(pursuit: Pursuit, moment: Moment, span: int, days: int, won: Floats, contacts: Floats) -> None:
    """Winning and losing in a span, which taste does not touch."""
    hidden_win, hidden_lose, _ = (each[: STATES // 2] for each in win_of_state())
    win, lose = pursuit.rates(moment.open_, span)
    lose_days = np.outer(lose * days, hidden_lose)
    effect = pursuit.companies.contact_effect[moment.open_]
    for level in range(_LEVELS):
        win_days = np.outer(win * days * np.exp(lift(effect, np.array(level))), hidden_win)
        both = win_days + lose_days
        stays = np.exp(-both)
        won[level] *= stays
        won[level] += win_days * (1 - stays) / both
        contacts[level] *= stays


def _chance_of_contact(pursuit: Pursuit, moment: Moment, days: int) -> Floats:
    """Chance of a contact in a span to come, whose rep is as busy as reps are."""
    base = np.exp(pursuit.companies.contact[moment.open_]) * days
    rate = np.multiply.outer(base, win_of_state()[2].reshape(2, -1)).swapaxes(0, 1)
    stays = np.zeros(rate.shape)
    for step, share in zip(laws.BUSY, pursuit.reps.habits.busy_prior, strict=True):
        stays += share * np.exp(-rate * np.exp(laws.CONTACT_BUSY * step))
    return 1 - stays
