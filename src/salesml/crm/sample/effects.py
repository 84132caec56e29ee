"""Every effect that the laws name, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesml.crm.sample import laws

Row = tuple[str, str, str, float]
Floats = npt.NDArray[np.float64]


def effects(practices: bool = False, shift: bool = False) -> Any:
    """Rows of ``of`` (which rate), ``attribute``, ``level`` and ``effect`` on the rate's logarithm."""
    rows = [*_by_level(), *_by_unit(), *(_of_practices() if practices else ())]
    rows += _of_a_shift() if shift else ()
    columns = map(list, zip(*rows, strict=True))
    return pa.table(dict(zip(("of", "attribute", "level", "effect"), columns, strict=True)))


def _by_level() -> Iterator[Row]:
    """Attributes with levels: each has its own number."""
    industries, countries, sources = laws.INDUSTRIES, laws.COUNTRIES, laws.SOURCES
    bands = _ranges((1, *laws.BANDS))
    yield from _levels("win", "industry", industries, laws.WIN_INDUSTRY)
    yield from _levels("win", "employees", bands, laws.WIN_BAND)
    yield from _levels("win", "country", countries, laws.WIN_COUNTRY)
    yield from _levels("win", "source", sources, laws.WIN_SOURCE)
    yield from _levels("win", "rep", laws.KINDS, laws.SKILL)
    yield from _levels("win", "days since created", _ranges((0, *laws.AGE_DAYS.tolist())), laws.WIN_AGE)
    yield from _levels("first contact on win", "source", sources, laws.CONTACT_EFFECT_SOURCE)
    yield from _levels("lose", "employees", bands, laws.LOSE_BAND)
    yield from _levels("lose", "source", sources, laws.LOSE_SOURCE)
    yield from _levels("lose", "days since created", _ranges((0, *laws.AGE_DAYS.tolist())), laws.LOSE_AGE)
    yield from _levels("contact", "source", sources, laws.CONTACT_SOURCE)
    yield from _levels("visits", "source", sources, laws.VISIT_SOURCE)
    yield from _levels("fit", "industry", industries, laws.FIT_INDUSTRY)
    yield from _levels("fit", "source", sources, laws.FIT_SOURCE)
    yield from _levels("fit", "country", countries, laws.FIT_COUNTRY)
    yield from _levels("revenue of an order", "industry", industries, laws.MONEY_INDUSTRY)
    yield from _levels("drift", "industry", industries, laws.DRIFT_INDUSTRY)
    yield from _levels("drift", "employees", bands, laws.DRIFT_BAND)


def _by_unit() -> Iterator[Row]:
    """Attributes that are numbers, and things that happen or do not."""
    seniority, size = "per unit of (log(1 + years) - 2.3) / 0.8", "per unit of (log - log 40) / 1.3"
    yield "win", "company_age", seniority, laws.WIN_COMPANY_AGE
    yield "win", "industry and employees", "manufacturing, 50 to 199", laws.WIN_PAIR
    yield "win", "hidden need", "per unit", laws.WIN_HIDDEN
    yield "win", "market", "per unit, four months later", laws.WIN_MARKET
    yield "win", "first contact", "on average", laws.CONTACT_EFFECT
    yield "first contact on win", "employees", size, laws.CONTACT_EFFECT_SIZE
    yield "lose", "hidden need", "per unit", laws.LOSE_HIDDEN
    yield "contact", "employees", size, laws.CONTACT_SIZE
    yield "contact", "hidden need", "per unit", laws.CONTACT_HIDDEN
    yield "contact", "workload", "per step", laws.CONTACT_BUSY
    yield "contact", "industry", "liked by the rep", laws.CONTACT_TASTE
    yield "contact", "rep", "pushy", laws.CONTACT_PUSHY
    yield "visits", "hidden need", "per unit", laws.VISIT_HIDDEN
    yield "fit", "company_age", seniority, laws.FIT_COMPANY_AGE
    yield "fit", "hidden quality", "per unit", laws.FIT_HIDDEN
    yield "revenue of an order", "employees", size, laws.MONEY_SIZE
    yield "orders", "fit", "per unit", laws.ORDER_FIT
    yield "orders", "employees", size, laws.ORDER_SIZE
    yield "drift", "late delivery", "in the month before", laws.DRIFT_LATE
    yield "drift", "price", "per unit of the rise in the month before", laws.DRIFT_PRICE
    yield "drift", "workload", "per step in the month before", laws.DRIFT_BUSY
    yield "drift", "won by a pushy rep", "in the first twelve months", laws.DRIFT_PUSHY
    yield "drift", "fit", "per unit", laws.DRIFT_FIT
    yield "referrals", "fit", "per unit", laws.REFER_FIT
    yield "testimonials", "fit", "per unit", laws.PRAISE_FIT


def _of_practices() -> Iterator[Row]:
    """What some reps do: one thing that works, and one that only looks so since skilled reps do it."""
    yield "win", "answer", "within a working day, besides the first contact's", laws.WIN_ANSWERED
    yield "win", "e-mail", "in place of a call", 0.0


def _of_a_shift() -> Iterator[Row]:
    """What a shift of the market adds to the rates, from its month on."""
    bands = _ranges((1, *laws.BANDS))
    yield "drift after the shift", "all", "besides what was", laws.SHIFT_DRIFT
    yield from _levels("drift after the shift", "industry", laws.INDUSTRIES, laws.SHIFT_DRIFT_INDUSTRY)
    yield from _levels("drift after the shift", "employees", bands, laws.SHIFT_DRIFT_BAND)
    yield "orders after the shift", "all", "besides what was", laws.SHIFT_ORDER
    change = np.log(laws.SHIFT_LOGIN_STATE / laws.LOGIN_STATE)
    yield from _levels("logins after the shift", "state", ("content", "drifting", "dormant"), change)


def _levels(of: str, attribute: str, levels: Sequence[str], values: Floats) -> Iterator[Row]:
    for level, value in zip(levels, values, strict=True):
        yield of, attribute, level, float(value)


def _ranges(edges: Sequence[int]) -> tuple[str, ...]:
    """Whole numbers from each edge to before the next, in words."""
    return (*(f"{low} to {high - 1}" for low, high in pairwise(edges)), f"{edges[-1]} and more")
