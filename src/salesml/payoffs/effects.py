"""What being listed did, what a contact did, and what the order of the model brought."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.payoffs.confidence import LEVEL, Estimate, Test, estimate
from salesml.payoffs.contrast import Contrast, Floats, contrast, sums
from salesml.payoffs.figure import (
    CONTACT,
    CONTACTED,
    HOURS,
    IF_LISTED,
    IF_NOT,
    LISTING,
    LOTS,
    MARGIN,
    MONEY,
    OBSERVED,
    ORDER,
    OUTCOME,
    PER_HOUR,
    TOUCHED,
    Figure,
)
from salesml.payoffs.listed import BY_LOT, BY_RANK, Clusters, Listed, Lottery
from salesml.payoffs.lottery import States, redrawn, states
from salesml.payoffs.residual import predicted

FEWEST = 5
"""Clusters with a drawn row below which Student's t says nothing."""

SHARES = (LISTING, CONTACT, ORDER, OBSERVED)
"""Differences of shares where the outcome is one: no further apart than 1."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Design:
    """How rows came to be listed, and how to tell chance from effect.

    Parameters
    ----------
    lotteries : sequence of Lottery or None
        The bundles of all lists that left something to lots; None where they are not known.
    seed : int
        Of the draws.
    """

    rows: Listed
    clusters: Clusters
    lotteries: Sequence[Lottery] | None = None
    seed: int = 0
    level: float = LEVEL

    def ask(self, y: Floats, x: Floats, counted: Mask) -> tuple[Test, Contrast]:
        """A test of the effect on ``y`` by way of ``x``, among some of the rows that lots could choose."""
        rows, codes = self.rows, self.clusters.codes
        p = np.where(counted, rows.chance, 0.5)
        listed, left = counted & rows.listed, counted & ~rows.listed
        seen = contrast(
            sums(listed / p, y, x, codes, self.clusters.number),
            sums(left / (1 - p), y, x, codes, self.clusters.number),
        )
        draws = self._draws(y, x, counted)
        return Test(seen, draws, self.freedom(counted)), seen

    def freedom(self, counted: Mask) -> int:
        """Degrees of freedom: clusters in which somebody was listed, less one; none below ``FEWEST``."""
        with_drawn = len(np.unique(self.clusters.codes[counted & self.rows.listed]))
        return with_drawn - 1 if with_drawn >= FEWEST else 0

    def _draws(self, y: Floats, x: Floats, counted: Mask) -> Contrast | None:
        if self.lotteries is None:
            return None
        made: list[States] = []
        cluster: list[int] = []
        for each in self.lotteries:
            here = each.rows[each.rows >= 0]
            here = here[counted[here]]
            if len(here):
                made.append(states(each, self.rows.chance, y, x, counted))
                cluster.append(int(self.clusters.codes[here[0]]))
        if not made:
            return None
        return redrawn(made, np.array(cluster), np.random.default_rng(self.seed))


def effects(design: Design) -> Iterator[Figure]:
    """All that lots tell, of all rows and of each band."""
    rows = design.rows
    for band in ("", *sorted({str(each) for each in rows.band if each})):
        here = rows.by_lot & (np.ones(len(rows), dtype=bool) if not band else rows.band == band)
        if (here & rows.listed).any() and (here & ~rows.listed).any():
            yield from _listing(design, here, band)
    lots = rows.by_lot
    if (lots & rows.listed).any() and (lots & ~rows.listed).any():
        yield from _ways(design, lots)
    yield from order(design)
    if rows.contacted is not None:
        yield from observed(design)


def _listing(design: Design, here: Mask, band: str) -> Iterator[Figure]:
    rows = design.rows
    outcomes = {OUTCOME: rows.label, MONEY: rows.money}
    if rows.contacted is not None:
        outcomes[CONTACTED] = rows.contacted.astype(float)
    outcomes[HOURS] = rows.hours
    for name, values in outcomes.items():
        known = here if values is None else here & np.isfinite(values)
        if values is None or not (known & rows.listed).any() or not (known & ~rows.listed).any():
            continue
        said = predicted(rows, values, known)
        left = np.where(known, values - said, 0.0)
        test, _ = design.ask(left, rows.listed.astype(float), known)
        found = estimate(test, design.level)
        yield _figure(design, LISTING, name, known, found, band=band)
        yield from _levels(design, name, known, left, said, found, band)


def _levels(
    design: Design, name: str, known: Mask, left: Floats, said: Floats, found: Estimate, band: str
) -> Iterator[Figure]:
    """What would have come about with all of them listed, and with none; their difference is the effect."""
    rows, p = design.rows, np.where(known, design.rows.chance, 0.5)
    off = known & ~rows.listed
    weight = off / (1 - p)
    level = float(said[known].mean() + (weight * left).sum() / weight.sum())
    for estimand, value in ((IF_NOT, level), (IF_LISTED, level + found.value)):
        yield Figure(
            estimand=estimand, outcome=name, who=LOTS, band=band, rows=int(known.sum()),
            clusters=len(np.unique(design.clusters.codes[known])), value=value, causal=True,
        )  # fmt: skip


def _ways(design: Design, lots: Mask) -> Iterator[Figure]:
    """What a contact did, and an hour, to those who had it because of a list."""
    rows = design.rows
    ways = {CONTACT: rows.contacted, PER_HOUR: rows.hours}
    for estimand, way in ways.items():
        for name, values in {OUTCOME: rows.label, MONEY: rows.money}.items():
            if way is None or values is None:
                continue
            known = lots & np.isfinite(values)
            if not (known & rows.listed).any() or not (known & ~rows.listed).any():
                continue
            left = np.where(known, values - predicted(rows, values, known), 0.0)
            test, _ = design.ask(left, way.astype(float), known)
            yield _figure(design, estimand, name, known, estimate(test, design.level))


def order(design: Design) -> Iterator[Figure]:
    """Rows on lists for their rank against rows drawn by lot, and what listing did at either end."""
    rows = design.rows
    by_rank = rows.listed & (rows.picked == BY_RANK) & (rows.chance > 0)
    by_lot = rows.listed & (rows.picked == BY_LOT) & (rows.chance > 0)
    for name, values in {OUTCOME: rows.label, MONEY: rows.money}.items():
        if values is None:
            continue
        known = np.isfinite(values)
        one, other = by_rank & known, by_lot & known
        if one.any() and other.any():
            yield _between(design, ORDER, name, one, other, np.nan_to_num(values))
    taken = _taken(design)
    end, pool = rows.by_lot & taken, rows.by_lot & ~taken
    if all((part & side).any() for part in (end, pool) for side in (rows.listed, ~rows.listed)):
        yield _margin(design, end, pool)


def _taken(design: Design) -> Mask:
    """Rows that would stand on their list, were nothing left to lots."""
    taken = design.rows.picked == BY_RANK
    if design.lotteries is None:
        return np.asarray(taken | (design.rows.chance > 0.5))
    for each in design.lotteries:
        there = each.rows >= 0
        taken[each.rows[there]] = each.deal.room[there] >= 0
    return np.asarray(taken)


def _between(design: Design, estimand: str, name: str, one: Mask, other: Mask, values: Floats) -> Figure:
    """The difference of two groups of listed rows, each counted by one over its chance."""
    rows, codes, number = design.rows, design.clusters.codes, design.clusters.number
    p = np.where(one | other, rows.chance, 1.0)
    nothing = np.zeros(len(rows))
    seen = contrast(
        sums(one / p, values, nothing, codes, number), sums(other / p, values, nothing, codes, number)
    )
    seen = Contrast(seen.y, np.float64(1.0), seen.yy, np.float64(0.0), np.float64(0.0))  # type: ignore[arg-type]
    least = min(len(np.unique(codes[part])) for part in (one, other))
    found = estimate(Test(seen, None, least - 1 if least >= FEWEST else 0), design.level)
    return _figure(design, estimand, name, one | other, found, causal=False)


def _margin(design: Design, end: Mask, pool: Mask) -> Figure:
    rows = design.rows
    left = np.where(end | pool, rows.label - predicted(rows, rows.label, end | pool), 0.0)
    codes, number = design.clusters.codes, design.clusters.number
    both, shares = 0.0, np.zeros(number)
    for part, way in ((end, 1.0), (pool, -1.0)):
        p = np.where(part, rows.chance, 0.5)
        for side, sign, weight in (
            (part & rows.listed, way, 1 / p), (part & ~rows.listed, -way, 1 / (1 - p)),
        ):  # fmt: skip
            w = side * weight
            mean = float((w * left).sum() / w.sum())
            both += sign * mean
            shares += sign * np.bincount(codes, w * (left - mean), minlength=number) / w.sum()
    there = len(np.unique(codes[end | pool]))
    variance = np.float64(there / max(1, there - 1) * float((shares**2).sum()))
    seen = Contrast(np.float64(both), np.float64(1.0), variance, np.float64(0.0), np.float64(0.0))  # type: ignore[arg-type]
    freedom = min(design.freedom(end), design.freedom(pool))
    return _figure(design, MARGIN, OUTCOME, end | pool, estimate(Test(seen, None, freedom), design.level))


def observed(design: Design) -> Iterator[Figure]:
    """The contacted beside others of the same date, band and place on or off the list. Reps chose them."""
    rows = design.rows
    contacted = rows.contacted
    if contacted is None:
        return
    on = np.where(rows.listed, "on", "off")
    _, stratum = np.unique(
        np.stack([rows.as_of.astype(str), rows.band.astype(str), on]), axis=1, return_inverse=True
    )
    stratum = stratum.reshape(-1)
    touched = contacted.astype(float)
    ones, all_ = np.bincount(stratum, touched), np.bincount(stratum)
    both = (ones > 0) & (ones < all_)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(both, ones / np.maximum(all_ - ones, 1), 0.0)[stratum]
    for name, values in {OUTCOME: rows.label, MONEY: rows.money}.items():
        if values is None:
            continue
        known = both[stratum] & np.isfinite(values)
        if not (known & contacted).any() or not (known & ~contacted).any():
            continue
        left = np.where(known, values - predicted(rows, values, known), 0.0)
        codes, number, nothing = design.clusters.codes, design.clusters.number, np.zeros(len(rows))
        seen = contrast(
            sums((known & contacted).astype(np.float64), left, nothing, codes, number),
            sums(np.where(known & ~contacted, share, 0.0), left, nothing, codes, number),
        )
        seen = Contrast(seen.y, np.float64(1.0), seen.yy, np.float64(0.0), np.float64(0.0))  # type: ignore[arg-type]
        clusters = len(np.unique(codes[known]))
        found = estimate(Test(seen, None, clusters - 1 if clusters >= FEWEST else 0), design.level)
        yield _figure(design, OBSERVED, name, known, found, causal=False, who=TOUCHED)


def _figure(
    design: Design, estimand: str, outcome: str, counted: Mask, found: Estimate, *,
    band: str = "", causal: bool = True, who: str = LOTS,
) -> Figure:  # fmt: skip
    again = design.lotteries is not None and estimand in (LISTING, CONTACT, PER_HOUR)
    low, high = found.low, found.high
    if outcome in (OUTCOME, CONTACTED) and estimand in SHARES and found.bounded:
        low, high = max(low, -1.0), min(high, 1.0)
    return Figure(
        estimand=estimand, outcome=outcome, who=who, band=band, rows=int(counted.sum()),
        clusters=len(np.unique(design.clusters.codes[counted])), value=found.value, low=low,
        high=high, p_value=found.p_value if math.isfinite(found.value) else math.nan, causal=causal,
        method="lots-again" if again else "student-t",
    )  # fmt: skip
