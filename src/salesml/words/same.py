"""What decides a sentence, in arrays: rows that agree in all of it are told in the same words.

Numbers decide by the digits that are shown, and a companion only where the sentence states it. So a batch has
few sentences, however many rows, and each is worded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from salesml.words.facts import Fact, unsure
from salesml.words.peers import Usual

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLOSE = 1e-6
"""So close to the middle between two roundings a number decides by itself."""


def deciding(
    fact: Fact, form: str, value: Floats, near: Mapping[str, Floats], lean: Ints, usual: Usual | None
) -> list[Floats]:
    """Arrays of shape (rows,): rows that are equal in all of them have the same sentence.

    Parameters
    ----------
    fact : Fact
        What the feature tells.
    form : str
        How its numbers are written.
    value : ndarray of shape (rows,)
        NaN where missing.
    near : mapping of str to ndarray of shape (rows,)
        Companions by role; texts as codes.
    lean : ndarray of shape (rows,)
        As in :func:`salesml.words.in_words`.
    usual : Usual or None
        What is usual of the feature among peers.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        cases = _cases(value, _turns(fact, usual))
        beside = _beside(fact, form, value, near, lean)
        return [*shown(value, form), cases, *beside, *([] if usual is None else [lean.astype(np.float64)])]


def shown(value: Floats, form: str) -> list[Floats]:
    """Two arrays that decide how numbers are written."""
    number = np.where(np.isnan(value), 0.0, value)
    size = np.abs(number)
    scaled = size * 100 if form == "share" else size
    whole = scaled == np.floor(scaled)
    if form == "days":
        decimals = np.where(size > 365, 12.0, np.where(size >= 3, 0.0, 1.0))
    elif form == "money":
        decimals = np.where(size >= 99.995, 0.0, 2.0)
    elif form == "count":
        decimals = np.where(size >= 100, 0.0, 1.0)
    elif form == "share":
        decimals = np.where(scaled >= 9.95, 2.0, 3.0)
    else:
        figures = 1.0 if form == "ratio" else 2.0
        decimals = np.clip(figures - np.floor(np.log10(np.where(size > 0, size, 1.0))), 0, 12)
        decimals = np.where(size >= 100, 0.0, decimals)
    return [_rounded(number, np.where(whole, 12.0, decimals)), whole + 2.0 * np.isnan(value)]


def _rounded(number: Floats, decimals: Floats) -> Floats:
    """The numbers rounded, those near the middle and those kept whole as they are."""
    scale = 10.0**decimals
    moved = number * scale
    apart = np.abs(moved - np.floor(moved) - 0.5)
    exact = (apart < CLOSE * np.maximum(1.0, np.abs(moved))) | (decimals >= 12)
    return np.where(exact | ~np.isfinite(moved), number, np.rint(moved) / scale)


def _turns(fact: Fact, usual: Usual | None) -> Floats:
    """The values at which the sentence turns into another one."""
    turns = {0.0, 1.0, 2.0, 0.001, 0.995, 0.99, float(fact.days)}
    if usual is not None:
        ends = [usual.or_more, usual.or_less]
        ends += [end for part in usual.parts for end in (part.low, part.high)]
        turns.update(end for end in ends if end is not None)
    return np.array(sorted(turns))


def _cases(value: Floats, turns: Floats) -> Floats:
    """Between which turns, or on which, each value lies."""
    return (np.searchsorted(turns, value) + np.searchsorted(turns, value, side="right")).astype(np.float64)


def _beside(fact: Fact, form: str, value: Floats, near: Mapping[str, Floats], lean: Ints) -> Sequence[Floats]:
    """What of the companions is stated, zero where it is not."""
    missing = np.isnan(value)
    if fact.kind == "last":
        return _pace(value, near.get("usual"), lean)
    if fact.kind == "usual":
        last = near.get("last")
        told = (
            []
            if last is None
            else _stated(last, "days", missing | (((last > value) == (lean < 0)) & (lean != 0)))
        )
        return [*told, missing]
    if fact.kind == "vary":
        # Written otherwise when the value is missing, so both ways of writing decide.
        return [part for role in ("usual", "last") if role in near for part in _written(near[role])]
    if fact.kind in ("count", "sum"):
        return _compared(fact, form, value, near, lean)
    if fact.kind in ("mean", "largest"):
        return [_none(near.get(role), value) for role in ("events", "sum")]
    if fact.kind in ("distinct", "share", "returned_sum"):
        return [_none(near.get("events"), value)]
    return [*near.values()]


def _pace(value: Floats, usual: Floats | None, lean: Ints) -> Sequence[Floats]:
    """Whether it is told as late, and the usual gap where it is told."""
    if usual is None:
        return [(lean <= 0).astype(np.float64)]
    late, unknown = value > usual, np.isnan(usual)
    said = (late == (lean < 0)) & (lean != 0) & ~np.isnan(value)
    way = np.where(unknown, 2.0 + (lean <= 0), late & (lean < 0))
    return [way, *_stated(usual, "days", said)]


def _stated(number: Floats, form: str, where: NDArray[np.bool_]) -> list[Floats]:
    told = (where & ~np.isnan(number)).astype(np.float64)
    return [*shown(np.where(where, number, 0.0), form), told]


def _written(number: Floats) -> list[Floats]:
    return shown(number, "days")


def _none(number: Floats | None, value: Floats) -> Floats:
    """Whether there was none, where that is told."""
    if number is None:
        return np.zeros(len(value))
    none: Floats = ((number == 0) & (np.isnan(value) | (value == 0))).astype(np.float64)
    return none


def _compared(
    fact: Fact, form: str, value: Floats, near: Mapping[str, Floats], lean: Ints
) -> Sequence[Floats]:
    """What there was in the days before, where it is told."""
    none = _none(near.get("events"), value)
    trend, both = near.get("trend"), near.get("both")
    if trend is None:
        return [none]
    value = np.where(np.isnan(value), 0.0, value)
    if fact.kind == "count":
        alone = np.rint((value + 1) / trend - 1)
    else:
        alone = np.where((value > 0) & (np.abs(trend) < 1 - 1e-6), value * (1 - trend) / (1 + trend), np.nan)
    before = alone if both is None else np.where(np.isnan(both), alone, both - value)
    before = np.where(np.isnan(trend), np.nan, before)
    said = (before >= 0) & (lean != 0)
    if not unsure(fact):
        said &= (value > before) == (lean > 0)
    return [none, *_stated(before, form, said), _cases(np.where(said, before - value, 0.0), np.zeros(1))]
