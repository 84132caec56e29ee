"""Lists of a company whose listing and calls do what is known: what `salesml payoff` is held against.

Lists are made by ``salesml.rank`` itself, with lots. Reps call whom they want: rather those who would be won
anyway, on lists and off them. Whoever is called because of the list is somebody whose call hung on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml import rank
from salesml.payoffs.effects import Design
from salesml.payoffs.listed import Listed, Lottery, clusters_of
from salesml.scoring.rank.again import dealt_again
from salesml.scoring.table import SCORED, schema

HORIZON = 90


@dataclass(frozen=True)
class Company:
    """A way to list and what it does.

    Parameters
    ----------
    name : str
    lists, dates, rows, places : int
        Rows and places are those of each list on each date.
    explore : float
        Share of the places for lots.
    apart : int
        Days between dates; below 90 the same prospects stand on several lists whose horizons overlap.
    effect : float
        What a call adds to the chance of being won, on average.
    obeys : float
        How much more often the listed are called.
    """

    name: str
    lists: int
    dates: int
    rows: int
    places: int
    explore: float
    apart: int = 100
    effect: float = 0.0
    obeys: float = 0.6

    @property
    def recurs(self) -> bool:
        return self.apart < HORIZON


@dataclass(frozen=True)
class Simulated:
    """Rows with what came of them, and the truth."""

    design: Design
    listing: float
    contact: float
    money: float


def simulate(company: Company, seed: int) -> Simulated:
    """One history of a company's lists."""
    rng = np.random.default_rng(seed)
    frame, need = _scores(company, rng)
    ranked = rank(frame, places_per_rep=company.places, explore=company.explore, seed=seed)
    # Pandas copies them at every step.
    rules, ranked.attrs = ranked.attrs["rules"], {}
    # rank() orders rows anew: what nobody records goes with its row.
    need = need[ranked["place"].to_numpy()]
    who = ranked["who"].to_numpy()
    listed = ranked["rank"].notna().to_numpy()
    p = ranked["pick_probability"].to_numpy(dtype=float)
    said = ranked["probability"].to_numpy(dtype=float)

    # What decides of somebody is drawn once, whatever date they are looked at.
    def drawn(shape: int = company.lists * company.rows) -> NDArray[np.float64]:
        return rng.random(shape)[who] if company.recurs else rng.random(len(ranked))

    willing = drawn()
    off, on = _called(need, 0.15), _called(need, 0.15 + company.obeys)
    one, other = willing < on, willing < off
    called = np.where(listed, one, other)
    gain = company.effect * np.clip(1 + 0.5 * need, 0, 2)
    base = np.clip(said + 0.08 * need, 0.01, 0.9 - 2 * company.effect)
    luck = drawn()
    if company.recurs:
        # Who was called for an earlier list is called for this one, too.
        earlier = pd.Series(called).groupby(pd.Series(who)).transform("max").to_numpy()
        won = luck < base + gain * earlier
    else:
        won = luck < base + gain * called
    size = rng.lognormal(7, 1.2, len(ranked))
    rows = Listed(
        entity=ranked["entity_id"].to_numpy(dtype=object), list=ranked["list"].to_numpy(dtype=object),
        band=ranked["band"].to_numpy(dtype=object), as_of=ranked["as_of"].to_numpy(dtype="datetime64[D]"),
        probability=said, value=ranked["value"].to_numpy(dtype=float), label=won.astype(float), listed=listed,
        picked=np.array([each or "" for each in ranked["picked"]], dtype=object), chance=p, contacted=called,
        hours=called * rng.gamma(2, 0.5, len(ranked)), money=won * size,
    )  # fmt: skip
    dealt = dealt_again(ranked, "conversion", rules)
    lotteries = [Lottery(each.places.astype(np.int64), each.deal) for each in dealt] if dealt else None
    clusters = clusters_of(rows, HORIZON, drawn_again=bool(lotteries))
    lots = rows.by_lot
    hung = (one & ~other)[lots]
    did = float((gain[lots] * hung).mean())
    design = Design(rows, clusters, lotteries, seed=seed + 1_000_000)
    share = max(float(hung.mean()), 1e-9)
    return Simulated(design, listing=did, contact=did / share, money=did * float(np.exp(7 + 1.2**2 / 2)))


def _called(need: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    return np.clip(share * (1 + 0.3 * need), 0, 1)


def _scores(company: Company, rng: np.random.Generator) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    each, dates = company.lists * company.rows, company.dates
    number = each * dates
    who = np.tile(np.arange(each), dates) if company.recurs else np.arange(number)
    day = np.repeat(np.arange(dates), each)
    need = rng.normal(size=who.max() + 1)[who]
    # A list's customers have something in common that the score does not know.
    shared = rng.normal(0, 0.5, company.lists)[(np.arange(number) % each) // company.rows]
    chance = 1 / (1 + np.exp(2.4 - 0.8 * rng.normal(size=who.max() + 1)[who]))
    frame = pd.DataFrame(dict.fromkeys(schema("conversion").names), index=range(number))
    frame["task"], frame["model"], frame["status"] = "conversion", "conversion", SCORED
    frame["entity_id"] = [f"P{place}" for place in who]
    frame["as_of"] = np.datetime64("2025-01-01") + (day * company.apart).astype("timedelta64[D]")
    frame["as_of"] = frame["as_of"].dt.date
    frame["rep_id"] = [f"R{place}" for place in (np.arange(number) % each) // company.rows]
    frame["probability"] = chance
    frame["raw_score"] = np.log(chance / (1 - chance))
    frame["value"] = 2000.0
    frame["expected_value"] = 2000.0 * chance
    frame["expected_hours"] = 1.0
    frame["band"] = np.select([chance > 0.3, chance > 0.15, chance > 0.08], ["A", "B", "C"], "D")
    frame["place"], frame["who"] = np.arange(number), who
    return frame, np.clip(0.9 * need + shared, -1.9, 1.9)
