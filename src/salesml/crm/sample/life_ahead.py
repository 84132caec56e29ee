"""The true probability that an account leaves within the horizon, and what a new one will bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import HORIZON
from salesml.crm.sample.companies import Companies
from salesml.crm.sample.life import (
    PUSHED,
    QUALITY,
    Book,
    Status,
    drift_rate,
    event_rates,
    first_states,
    is_anniversary,
    moved,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def leaving(book: Book, status: Status) -> tuple[Floats, Floats]:
    """P(leaves within the horizon) given everything, and given the account's own rows.

    What is still to happen (late deliveries, prices, the rep's workload) is averaged exactly.
    """
    each = np.arange(len(status.there))
    truth = np.zeros_like(status.belief)
    truth[each, book.kind[status.there], status.state] = 1
    both = np.stack([truth, status.belief])
    at = int(book.calendar.month_starts[status.month])
    month, end = status.month, at + HORIZON
    while (start := int(book.calendar.month_starts[month])) < end:
        rate = drift_rate(book, status.there, month)
        if month == status.month:
            begins = -np.expm1(-rate * np.exp(status.cause)[:, None])
        else:
            begins = _averaged(book, status.there, month, rate)
        following = int(book.calendar.month_starts[month + 1])
        share = book.calendar.working(start, min(following, end)) / book.calendar.working(start, following)
        both = np.stack([moved(part, begins) for part in both]) * np.exp(-laws.LEAVE * share)
        month += 1
    full, observable = 1 - both.sum(axis=(2, 3))
    return full, observable


def _averaged(book: Book, there: Ints, month: int, rate: Floats) -> Floats:
    """Chances of beginning to drift whose causes lie in a month that has not come yet."""
    yearly = is_anniversary(book, there, month - 1)
    begins = np.empty_like(rate)
    for rows, rises in ((~yearly, [(0.0, 1.0)]), (yearly, [*zip(laws.RISES, laws.RISE_PRIOR, strict=True)])):
        busy_prior = book.reps.habits.busy_prior
        begins[rows] = _mean_beginning(rate[rows], book.companies.late[there[rows]], rises, busy_prior)
    return begins


def _mean_beginning(
    rate: Floats, late: Floats, rises: list[tuple[float, float]], busy_prior: Floats
) -> Floats:
    total = np.zeros_like(rate)
    for rise, rise_chance in rises:
        for busy, busy_chance in zip(laws.BUSY, busy_prior, strict=True):
            for is_late, late_chance in ((1.0, late), (0.0, 1 - late)):
                cause = laws.DRIFT_PRICE * rise + laws.DRIFT_BUSY * busy + laws.DRIFT_LATE * is_late
                chance = (rise_chance * busy_chance * late_chance)[:, None]
                total += chance * np.exp(-rate * np.exp(cause))
    return 1 - total


def first_year(companies: Companies, busy_prior: Floats = laws.BUSY_PRIOR) -> tuple[Floats, Floats]:
    """Expected margin in the year after winning and chance to stay that year.

    Returns
    -------
    margin, kept : arrays, companies by kinds
        Won in the middle of a month, at no particular time of the year.
    """
    order, factor = event_rates(companies, 0)["orders"]
    order = order / np.exp(laws.ORDER_SEASON[0]) * np.exp(laws.ORDER_SEASON).mean()
    belief = first_states(companies.fit, np.zeros(len(companies), bool))
    hidden = laws.DRIFT_FIT * laws.FIT_HIDDEN * QUALITY + laws.DRIFT_PUSHY * PUSHED
    rate = np.exp(companies.drift[:, None] + hidden)
    begins = _mean_beginning(rate, companies.late, [(0.0, 1.0)], busy_prior)
    orders = 0.5 * (belief * factor).sum(axis=2)
    for month in range(12):
        share = 1.0 if month < 11 else 0.5
        belief = moved(belief, begins)
        stays = np.exp(-laws.LEAVE * share)
        during = (1 - stays) / laws.LEAVE
        orders += (belief * during * factor).sum(axis=2)
        belief = belief * stays
    worth = np.exp(companies.money) * laws.MARGIN_RATE * (1 - laws.RETURNED)
    margin = orders * (order * worth)[:, None]
    return margin, belief.sum(axis=2)
