"""What changed, for the meeting: figures of the company that changed by more than luck, and visibly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from salesml.scorecard.estimate import Z
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.scorecard.told import seen

KINDS = ("quarter", "year")
"""Periods whose changes are told: short enough to be of now, long enough to hold cases."""


@dataclass(frozen=True)
class Said:
    """A sentence of a table, and where it stands."""

    words: str
    rests_on: str


Tables = Mapping[str, pd.DataFrame]


def changes(tables: Tables) -> Iterator[Said]:
    """The newest full quarter, or year, of the company: what got worse, what got better, in turn.

    One figure of each check at most, the surest first, of those that are no luck among all that were asked
    (Benjamini and Hochberg's correction over the newest figures of the company) and that
    :func:`salesml.scorecard.told.seen` finds large enough to be seen.
    """
    told = _changed(tables)
    if told.empty:
        return
    told = told.drop_duplicates("check")
    worse, better = (list(records(told[told["verdict"] == name])) for name in ("worse", "better"))
    for place in range(max(len(worse), len(better))):
        for row in (*worse[place : place + 1], *better[place : place + 1]):
            when = _period(row["kind"], pd.Timestamp(row["start"]))
            rests = f"figures: {row['metric']}, {row['kind']} from {row['start']:%Y-%m-%d}, company"
            yield Said(f"{row['title']}, {when}: {row['words']}", rests)


def _changed(tables: Tables) -> pd.DataFrame:
    figures, definitions = tables.get("figures"), tables.get("definitions")
    if figures is None or definitions is None or figures.empty:
        return pd.DataFrame()
    mine = _newest(figures)
    # Of dozens of figures some lie outside their interval by chance: only what stands up to all counts.
    towards_none = np.where(
        mine["trend"] > 0, mine["trend"] - mine["trend_low"], mine["trend_high"] - mine["trend"]
    )
    mine = mine.assign(
        sure=mine["trend"].abs() / np.maximum(towards_none, 1e-12), place=mine["kind"].map(KINDS.index)
    )
    chance = 2 * stats.norm.sf(mine["sure"].to_numpy(float) * Z)
    mine = mine[real(chance) & mine["verdict"].isin(("better", "worse"))]
    mine = mine.merge(definitions[["metric", "check", "title", "unit"]], on="metric")
    large = [seen(row["value"], row["value"] - row["trend"], row["unit"]) for row in records(mine)]
    mine = mine[np.array(large, dtype=bool)]
    mine = mine.sort_values(["place", "sure"], ascending=[True, False]).drop_duplicates("metric")
    return mine.sort_values("sure", ascending=False, kind="stable")


def _newest(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures of the company's newest whole periods that have a change with an interval."""
    mine = figures[(figures["level"] == "company") & figures["kind"].isin(KINDS) & figures["value"].notna()]
    if "complete" in mine:
        mine = mine[mine["complete"].astype(bool)]
    mine = mine[~mine["verdict"].isin(("too few", "no year before", "not compared"))]
    newest = mine["start"] == mine.groupby(["metric", "kind"])["start"].transform("max")
    return mine[newest & mine["trend_low"].notna()]


def _period(kind: str, start: pd.Timestamp) -> str:
    return f"{start.year} Q{start.quarter}" if kind == "quarter" else str(start.year)
