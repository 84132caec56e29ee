"""What was planted in the simulated companies, and whether the scorecard's further tables found it.

Each truth names a table, picks the row that speaks of it and says what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WITHIN = (90, 180)
"""Days after it came in which a prospect may be won."""


def keep(company: Path, folder: Path) -> None:
    """Keep of a company's truth what the judgement needs: how many were won, answered at once or not."""
    prospects = pd.read_parquet(
        company / "prospects.parquet", columns=["prospect_id", "created_at", "won_at"]
    )
    hidden = pd.read_parquet(company / "truth/hidden_prospects.parquet")
    rows = prospects.merge(hidden, on="prospect_id", validate="one_to_one")
    created = pd.to_datetime(rows["created_at"])
    taken = (pd.to_datetime(rows["won_at"]) - created).dt.days
    lines = []
    for days in WITHIN:
        ripe = created < pd.Timestamp("2026-01-01") - pd.Timedelta(days=days)
        won = (taken < days)[ripe].groupby(rows["answered"][ripe]).agg(["sum", "count"])
        lines += [
            {
                "days": days,
                "answered": bool(answered),
                "won": int(line["sum"]),
                "prospects": int(line["count"]),
            }
            for answered, line in won.iterrows()
        ]
    pd.DataFrame(lines).to_parquet(folder / "answered.parquet")


def found(them: list[Any], gathered: Callable[[list[Any], str], pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """By what was planted: the truth, how often it was covered, how often seen."""
    lines: dict[str, dict[str, Any]] = {}
    answered = gathered(them, "answered")
    for days, group in answered.groupby("days") if len(answered) else ():
        sums = group.groupby("answered")[["won", "prospects"]].sum()
        share = sums["won"] / sums["prospects"]
        lines[f"answering at once, won within {days} days"] = {
            "answered": float(share[True]), "others": float(share[False]),
            "truth": float(share[True] - share[False]),
        }  # fmt: skip
    return lines


def covered(table: pd.DataFrame, truth: float, names: tuple[str, str] = ("low", "high")) -> dict[str, Any]:
    """How often intervals, one of each company, cover a truth, and how often they leave out zero."""
    low, high = (table[name].to_numpy(float) for name in names)
    known = np.isfinite(low) & np.isfinite(high)
    return {
        "truth": truth,
        "covered": float(((low <= truth) & (truth <= high))[known].mean()),
        "not zero": float(((low > 0) | (high < 0))[known].mean()),
        "companies": int(known.sum()),
    }
