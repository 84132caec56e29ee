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
    at, end = pursuit.calendar.month_starts[moment.month], 0
    end = int(at) + HORIZON
    rows = len(moment.open_)
    won = np.zeros((_LEVELS, rows, STATES))
    contacts = np.zeros((_LEVELS, rows, STATES))
    starts = pursuit.calendar.span_starts
    first = moment.month * SPANS
    last = int(np.searchsorted(starts, end)) - 1
    for span in range(last, first - 1, -1):
        _step_back(pursuit, moment, span, min(int(starts[span + 1]), end), won, contacts)
    level = np.minimum(moment.contacts, _LEVELS - 1)
    each = np.arange(rows)
    more = np.minimum(level + 1, _LEVELS - 1)
    return Foresight(won[level, each], contacts[level, each], won[more, each])


def _step_back(pursuit: Pursuit, moment: Moment, span: int, end: int, won: Floats, contacts: Floats) -> None:
    """From the values after a span to those before it, in place."""
    hidden_win, hidden_lose, hidden_contact = win_of_state()
    start = int(pursuit.calendar.span_starts[span])
    days = pursuit.calendar.working(start, end)
    whole = pursuit.calendar.working(start, int(pursuit.calendar.span_starts[span + 1]))
    win, lose = pursuit.rates(moment.open_, span)
    lose_days = np.outer(lose * days, hidden_lose)
    called = _chance_of_contact(pursuit, moment, whole, hidden_contact)
    for level in range(_LEVELS):
        effect = lift(pursuit.companies.contact_effect[moment.open_], np.full(len(win), level))
        win_days = np.outer(win * days * np.exp(effect), hidden_win)
        both = win_days + lose_days
        stays = np.exp(-both)
        won[level] = win_days * _ratio(1 - stays, both) + stays * won[level]
        contacts[level] *= stays
    for level in range(_LEVELS):
        after = min(level + 1, _LEVELS - 1)
        won[level] += called * (won[after] - won[level])
        contacts[level] += called * (days / whole + contacts[after] - contacts[level])


def _chance_of_contact(pursuit: Pursuit, moment: Moment, days: int, hidden: Floats) -> Floats:
    """Chance of a contact in a span to come, whose rep is as busy as reps are."""
    rate = np.outer(np.exp(pursuit.companies.contact[moment.open_]) * days, hidden)
    busy = zip(laws.BUSY, laws.BUSY_PRIOR, strict=True)
    return np.asarray(
        sum(-share * np.expm1(-rate * np.exp(laws.CONTACT_BUSY * step)) for step, share in busy)
    )


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Their ratio, 1 where both vanish: a span whose days all lie beyond the horizon."""
    return np.divide(numerator, denominator, out=np.ones_like(numerator), where=denominator > 0)
