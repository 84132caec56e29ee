"""A published scorecard of the company of the pages: a year and its quarters, two teams, seven reps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from salesml.store.engine import Store
from salesml.store.publish_card import publish_scorecard

YEAR = pd.Timestamp("2025-01-01")
QUARTER = pd.Timestamp("2025-10-01")
UNTIL = pd.Timestamp("2026-01-01")

SUBJECTS = (
    ("company", "company"),
    ("team", "North"),
    ("team", "South"),
    *(("rep", f"R{n}") for n in range(7)),
)


def figure(level: str, subject: str, metric: str = "defection", **more: Any) -> dict[str, Any]:
    return {
        "metric": metric, "kind": "year", "start": YEAR, "level": level, "id": subject, "value": 0.02,
        "low": 0.01, "high": 0.04, "verdict": "luck", "complete": True, "lacks": "",
        "words": f"{subject} of the year.",
    } | more  # fmt: skip


def figures() -> list[dict[str, Any]]:
    """Of each subject the year, and a quarter and a month that are not shown for it; two reps stand out."""
    rows = [figure(*each) for each in SUBJECTS]
    rows += [
        figure(*each, kind="quarter", start=QUARTER, words=f"{each[1]} of the quarter.") for each in SUBJECTS
    ]
    rows += [figure(*each, kind="month", start=YEAR, words=f"{each[1]} of a month.") for each in SUBJECTS]
    rows += [figure(*each, "winning", words=f"{each[1]} wins.") for each in SUBJECTS]
    for row in rows:
        if (row["id"], row["metric"]) in (("R2", "winning"), ("R5", "winning")):
            row |= {"verdict": "better", "words": f"{row['id']} wins, better than all by more than luck."}
    return rows


def tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "figures": figures(),
        "periods": [
            {"kind": "year", "start": YEAR, "end": UNTIL, "title": "2025", "complete": True},
            {"kind": "quarter", "start": QUARTER, "end": UNTIL, "title": "2025 Q4", "complete": True},
        ],
        "definitions": [
            {"metric": "defection", "check": 1, "title": "Customers lost", "how": "lost", "unit": "share"},
            {"metric": "winning", "check": 6, "title": "Prospects won", "how": "won", "unit": "share"},
        ],
        "summary": [
            {"check": 1, "title": "Customers are kept", "verdict": "worse",
             "words": "Customers lost: worse.", "act": "Ask why. Ask Rep 5 how they do it."},
            {"check": 5, "title": "An hour's worth is known", "verdict": "told",
             "words": "Rep 6 spends hours below their worth.", "act": ""},
            {"check": 6, "title": "Outcomes, not activity", "verdict": "same",
             "words": "Prospects won: as before.", "act": "Ask Rep 5 and Rep 2 how they do it."},
        ],
        "brief": [
            {"order": 1, "part": "What works", "words": "Calling early works", "rests_on": "practices: x"},
            {"order": 2, "part": "Hours", "words": "Rep 5: 9 of 10 hours", "rests_on": "reallocation: R5"},
            {"order": 3, "part": "Hours", "words": "Rep 1: 8 of 10 hours", "rests_on": "reallocation: R1"},
            {"order": 4, "part": "Something new", "words": "Rep 6 did it", "rests_on": "a_new_table: R6"},
        ],
    }  # fmt: skip


REPORT = "<html><head><style>p { margin: 0 }</style></head><body><p>Rep 5 is better</p></body></html>"


def publish_card(store: Store, folder: Path, **changed: list[dict[str, Any]] | None) -> None:
    """Publish it, with some tables changed or, when None, left out."""
    folder = folder / "card"
    folder.mkdir()
    for name, rows in (tables() | changed).items():
        if rows is not None:
            pd.DataFrame(rows).to_parquet(folder / f"{name}.parquet")
    (folder / "report.html").write_text(REPORT, encoding="utf-8")
    publish_scorecard(store, folder)
