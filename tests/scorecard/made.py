"""Tables of a scorecard as they could be, without a company behind them: for the report and its words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesml.scorecard.metric import CHECKS
from salesml.scorecard.missing import missing_table
from salesml.scorecard.summary import alarms, summary

PERIODS = [
    *(
        ("quarter", f"{year}-{month:02}-01", f"{year} Q{(month + 2) // 3}", True)
        for year in (2024, 2025)
        for month in (1, 4, 7, 10)
    ),
    ("quarter", "2026-01-01", "2026 Q1", False),
    ("year", "2024-01-01", "2024", True),
    ("year", "2025-01-01", "2025", True),
    ("all", "2024-01-01", "1 January 2024 to 31 December 2025", True),
]

METRICS = [
    ("defection", 1, "Customers lost, per month", "share", "down", "customer months", 0.015),
    ("defection_of_best", 1, "Best customers lost, per month", "share", "down", "customer months", 0.008),
    ("net_revenue_retention", 1, "Net revenue retention", "share", "up", "accounts", 1.05),
    ("cost_per_new", 4, "Cost of a new account", "money", "down", "accounts", 1820.0),
    ("margin_per_hour", 5, "Margin per selling hour", "money per hour", "up", "hours", 84.0),
]  # fmt: skip

LONG = "Maximiliana Theodora von Hohenstaufen-Württemberg zu Altenburg"
NAMES = (
    LONG,
    "مريم عبد الرحمن الأنصاري بنت خالد",
    "עדי בן־דוד",
    "王小明 営業第一部",
    "김서연 박지훈",
    "<script>alert('x')</script>",
    'Ann & "Bob" O\'Neil <b>bold</b>',
    "Ελένη Παπαδοπούλου",
)
"""Names that a page must bear: sixty characters, other scripts, markup."""


def tables(
    reps: int = 3, *, differ: bool = True, names: Sequence[str] = (), seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Every common table, for so many reps in teams of ten."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "id": [f"R{number:03}" for number in range(reps)],
            "name": [names[number % len(names)] if names else f"Rep {number:03}" for number in range(reps)],
            "team": [f"Team {number // 10}" for number in range(reps)],
        }
    )
    who = [("company", "company"), *(("team", each) for each in sorted(set(people["team"])))]
    who += [("rep", each) for each in people["id"]]
    figures = pd.concat([_figures(metric, who, rng, differ) for metric in METRICS], ignore_index=True)
    periods = pd.DataFrame(PERIODS, columns=["kind", "start", "title", "complete"])
    periods["start"] = pd.to_datetime(periods["start"])
    periods["end"] = periods["start"] + pd.DateOffset(months=3)
    definitions = _definitions()
    return {
        "summary": summary(figures, definitions, periods, people),
        "alarms": alarms(figures, definitions, periods),
        "figures": figures,
        "definitions": definitions,
        "periods": periods[["kind", "start", "end", "title", "complete"]],
        "people": people,
        "missing": missing_table(figures, definitions, {}, (), frozenset()),
        "data_notes": pd.DataFrame(
            {
                "code": ["negative-hours"], "table": ["activities"], "count": [17],
                "words": ["17 rows have hours below none, -12 in all. They are left out."],
                "examples": ["R001"], "first": [pd.NaT], "until": [pd.NaT],
            }
        ),
    }  # fmt: skip


def _figures(
    metric: tuple[str, int, str, str, str, str, float],
    who: list[tuple[str, str]],
    rng: np.random.Generator,
    differ: bool,
) -> pd.DataFrame:
    name, _, _, _, good, _, middle = metric
    size = len(who)
    level = np.array([each for each, _ in who])
    skill = rng.normal(0, 0.15, size) * (level != "company")
    parts = []
    for kind, start, _, complete in PERIODS:
        value = middle * np.exp(skill + rng.normal(0, 0.05, size))
        reach = middle * np.where(level == "company", 0.06, 0.18)
        above = np.where(skill > 0.2, 0.99, np.where(skill < -0.2, 0.01, 0.5))
        part = pd.DataFrame({"metric": name, "kind": kind, "start": pd.Timestamp(start), "level": level})
        part["id"] = [each for _, each in who]
        part["value"], part["low"], part["high"] = value, value - reach, value + reach
        part["numerator"], part["denominator"], part["count"] = value * 100, 100.0, 100.0
        drawn = np.where(level == "company", np.nan, middle + (value - middle) * 0.6)
        part["shrunk"], part["shrunk_low"], part["shrunk_high"] = drawn, drawn - reach / 2, drawn + reach / 2
        part["above"] = np.where(level == "company", np.nan, above)
        part["before"] = value * (1.2 if good == "up" else 0.8)
        part["trend"] = value - part["before"]
        part["trend_low"], part["trend_high"] = part["trend"] - reach, part["trend"] + reach
        part["trend_verdict"] = "worse" if name == "defection_of_best" and complete else "same"
        up, down = ("better", "worse") if good == "up" else ("worse", "better")
        peers = np.where(above > 0.9, up, np.where(above < 0.1, down, "same")) if differ else "luck"
        part["verdict"] = np.where(level == "company", part["trend_verdict"], peers)
        part["complete"], part["lacks"] = complete, ""
        part["words"] = [f"Words of {each}." for _, each in who]
        parts.append(part)
    return pd.concat(parts)


def _definitions() -> pd.DataFrame:
    rows = [
        (
            name,
            check,
            CHECKS[check],
            title,
            f"How {title.lower()} is computed",
            unit,
            good,
            cases,
            10,
            "accounts",
            "",
        )
        for name, check, title, unit, good, cases, _ in METRICS
    ]
    rows.append(
        ("fit_of_wins", 2, CHECKS[2], "Fit of accounts won", "The mean fit of accounts won", "share", "up",
         "accounts", 10, "prospects, referrals", "prospects")
    )  # fmt: skip
    columns = [
        "metric",
        "check",
        "check_title",
        "title",
        "how",
        "unit",
        "good",
        "cases",
        "least",
        "needs",
        "missing",
    ]
    return pd.DataFrame(rows, columns=columns)
