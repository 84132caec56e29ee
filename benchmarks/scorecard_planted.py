"""What the simulated companies know of themselves: scores that are true, and what the judgement needs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

LANDMARK, WITHIN = 2, 180
"""Days after a prospect came on which one asks whether it was answered, and days from there to be won in."""

BANDS = {"A": 0.05, "B": 0.2, "C": 0.5, "D": 1.0}
"""Cumulative shares of a date's prospects, the best first."""


def scores(company: Path) -> list[Path]:
    """The truth as score tables, as a model would write them that knows all that can be known.

    What is asked of the scorecard then is what it makes of scores; how good scores are is measured elsewhere.
    """
    truth = pd.read_parquet(company / "truth/prospects.parquet")
    said = {
        "conversion": (truth["p_observable"], truth["p_observable"] * truth["value_observable"]),
        "fit": (truth["p_ideal_observable"], truth["value_observable"]),
    }
    return [_scores(company, task, truth, *each) for task, each in said.items()]


def _scores(
    company: Path, task: str, truth: pd.DataFrame, probability: pd.Series, expected: pd.Series
) -> Path:
    place = probability.groupby(truth["as_of"]).rank(pct=True, ascending=False)
    band = pd.cut(place, [0.0, *BANDS.values()], labels=list(BANDS)).astype(str)
    owner = pd.read_parquet(company / "prospects.parquet", columns=["prospect_id", "owner"])
    table = pd.DataFrame(
        {
            "task": task, "entity_id": truth["prospect_id"], "as_of": truth["as_of"], "status": "scored",
            "rep_id": truth["prospect_id"].map(owner.set_index("prospect_id")["owner"]), "band": band,
            "probability": probability, "value": truth["value_observable"], "expected_value": expected,
            "expected_low": expected, "expected_high": expected, "expected_hours": truth["hours_observable"],
        }
    )  # fmt: skip
    path = company / f"scores_{task}.parquet"
    table.to_parquet(path, index=False)
    return path


def keep(company: Path, folder: Path) -> None:
    """Keep of a company's truth what the judgement needs: who was won, answered or not, and the market."""
    prospects = pd.read_parquet(company / "prospects.parquet")
    hidden = pd.read_parquet(company / "truth/hidden_prospects.parquet")
    rows = prospects.merge(hidden, on="prospect_id", validate="one_to_one")
    day = {name: pd.to_datetime(rows[name]) for name in ("created_at", "won_at", "lost_at")}
    landmark = day["created_at"] + pd.Timedelta(days=LANDMARK)
    end = landmark + pd.Timedelta(days=WITHIN)
    ended = day["won_at"].fillna(day["lost_at"])
    asked = (end <= pd.Timestamp("2026-01-01")) & ~(ended < landmark)
    won = (day["won_at"] < end)[asked].groupby([rows["rep_id"][asked], rows["answered"][asked]])
    won.agg(["sum", "count"]).reset_index().to_parquet(folder / "answered.parquet")
    market = pd.read_parquet(company / "market.parquet")
    market.assign(month=pd.to_datetime(market["month"])).to_parquet(folder / "market.parquet")
