"""Features and labels of a snapshot with plain loops over rows, written apart from the SQL."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from salesml.config import Spec

Row = dict[str, Any]


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def ratio(above: Any, below: Any) -> float | None:
    return None if above is None or below in (None, 0) else float(above) / float(below)


class Events:
    """Rows of one account in one log, as known before an as-of date."""

    def __init__(self, rows: Sequence[Row], as_of: dt.date) -> None:
        self.as_of = as_of
        self.rows = [row for row in rows if max(row["ordered"], row["loaded"]) < as_of]
        self.days = sorted({row["ordered"] for row in self.rows if not row["back"]})
        self.events = self._events()

    def _events(self) -> list[Row]:
        parts: dict[Any, list[Row]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            alone = row.get("invoice") is None
            parts[number if alone else (row["invoice"], row["back"])].append(row)
        events = []
        for rows in parts.values():
            rows.sort(key=lambda row: (max(row["ordered"], row["loaded"]), row["ordered"]))
            events.append({"day": rows[0]["ordered"], "back": rows[0]["back"], "rows": rows})
        return events

    def within(self, window: int, *, back: bool | None = None) -> list[Row]:
        return [
            event
            for event in self.events
            if event["day"] >= self.as_of - days(window) and (back is None or event["back"] == back)
        ]

    def money(self, window: int, measure: str, *, back: bool | None = None) -> Decimal:
        values = [
            row[measure]
            for event in self.within(window, back=back)
            for row in event["rows"]
            if row[measure] is not None
        ]
        return sum(values, Decimal(0))

    def largest(self, window: int, measure: str) -> float | None:
        """The largest total of one event, as it stood on any day."""
        totals = []
        for event in self.within(window, back=False):
            known = sorted({max(row["ordered"], row["loaded"]) for row in event["rows"]})
            for day in known:
                so_far = [
                    row[measure]
                    for row in event["rows"]
                    if max(row["ordered"], row["loaded"]) <= day and row[measure] is not None
                ]
                if so_far:
                    totals.append(sum(so_far))
        return float(max(totals)) if totals else None


def log_features(known: Events, spec: Spec, began: dt.date, measures: dict[str, str]) -> Row:
    row: Row = {}
    for window in spec.windows_days:
        row |= _window(known, window, measures)
    longest, shortest = max(spec.windows_days), min(spec.windows_days)
    for window in spec.windows_days:
        if 2 * window <= longest or window == shortest:
            row |= _trend(known, window, began, measures)
    return row | _pace(known)


def _window(known: Events, window: int, measures: dict[str, str]) -> Row:
    orders = known.within(window, back=False)
    row: Row = {
        f"orders_count_{window}d": len(orders),
        f"orders_returns_count_{window}d": len(known.within(window, back=True)),
        f"orders_active_days_{window}d": len(
            [day for day in known.days if day >= known.as_of - days(window)]
        ),
    }
    for name, column in measures.items():
        gross = known.money(window, column, back=False)
        row[f"orders_{name}_sum_{window}d"] = float(known.money(window, column))
        row[f"orders_{name}_mean_{window}d"] = ratio(gross, len(orders))
        row[f"orders_{name}_max_{window}d"] = known.largest(window, column)
        row[f"orders_returns_{name}_{window}d"] = abs(float(known.money(window, column, back=True)))
    levels: dict[str, int] = defaultdict(int)
    for line in known.rows:
        if not line["back"] and line["channel"] is not None and line["ordered"] >= known.as_of - days(window):
            levels[line["channel"]] += 1
    row[f"orders_channel_distinct_{window}d"] = len(levels)
    top = ratio(max(levels.values()), sum(levels.values())) if levels else None
    row[f"orders_channel_top_share_{window}d"] = top
    return row


def _trend(known: Events, window: int, began: dt.date, measures: dict[str, str]) -> Row:
    recorded = (known.as_of - began).days >= 2 * window
    recent = len(known.within(window, back=False))
    before = len(known.within(2 * window, back=False)) - recent
    row: Row = {f"orders_count_trend_{window}d": ratio(recent + 1, before + 1) if recorded else None}
    for name, column in measures.items():
        new = known.money(window, column)
        old = known.money(2 * window, column) - new
        change = ratio(new - old, abs(new) + abs(old)) or 0.0
        row[f"orders_{name}_trend_{window}d"] = change if recorded else None
    return row


def _pace(known: Events) -> Row:
    active, as_of = known.days, known.as_of
    gaps = [(later - earlier).days for earlier, later in pairwise(active)]
    usual = ratio(sum(gaps), len(gaps))
    spread = None
    if len(gaps) >= 2:
        mean = Fraction(sum(gaps), len(gaps))
        spread = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    recency = (as_of - active[-1]).days if active else None
    return {
        "orders_recency": recency,
        "orders_since_first": (as_of - active[0]).days if active else None,
        "orders_gap_mean": usual,
        "orders_gap_spread": spread,
        "orders_recency_to_gap": ratio(recency, usual),
    }


def expected_value(known: Events, spec: Spec, column: str) -> float:
    span = min(365, max(spec.windows_days))
    first = (known.as_of - known.days[0]).days if known.days else 0
    seen = min(span, first + spec.horizon_days)
    return max(float(known.money(span, column)) * spec.horizon_days / seen, 0.0)


def inactive(rows: Sequence[Row], as_of: dt.date, spec: Spec) -> int:
    end = as_of + days(spec.gap_days + spec.horizon_days)
    quiet = end - days(spec.label.inactive_days)
    return int(not any(not row["back"] and quiet <= row["ordered"] < end for row in rows))


def prospect_features(tables: dict[str, list[Row]], as_of: dt.date, windows: Sequence[int]) -> dict[str, Row]:
    """Features of every open prospect at an as-of date, by id."""
    found = {}
    for one in tables["prospects"]:
        ended = [end for end in (one["signed"], one["dropped"]) if end is not None and end < as_of]
        if one["made"] < as_of and not ended:
            found[one["lead"]] = _prospect(one, tables, as_of, windows)
    return found


def _prospect(one: Row, tables: dict[str, list[Row]], as_of: dt.date, windows: Sequence[int]) -> Row:
    def mine(table: str, at: str, key: str = "lead") -> list[Row]:
        return [row for row in tables[table] if row.get(key) == one["lead"] and row[at] < as_of]

    acts, clicks = mine("activities", "done"), mine("clicks", "seen")
    changes = [row for row in mine("history", "at", "id") if row["column"] == "industry"]
    last = max(changes, key=lambda row: row["at"], default=None)
    row: Row = {
        "prospect_age_days": (as_of - one["made"]).days,
        "prospect_industry": last["value"] if last else None,
        "prospect_employees": one["employees"],
        "prospect_amount": one["worth"],
        "prospect_founded": (as_of - one["founded"]).days if one["founded"] < as_of else None,
        **_stages(sorted(mine("stages", "entered"), key=lambda row: (row["entered"], row["stage"])), as_of),
    }
    for window in windows:
        start = as_of - days(window)
        recent = [act for act in acts if act["done"] >= start]
        seen = [click for click in clicks if click["seen"] >= start]
        row |= {
            f"activities_count_{window}d": len(recent),
            f"activities_call_count_{window}d": len([act for act in recent if act["kind"] == "call"]),
            f"activities_hours_sum_{window}d": sum(act["hours"] for act in recent),
            f"activities_cost_sum_{window}d": sum(act["cost"] for act in recent),
            f"clicks_count_{window}d": len(seen),
            f"clicks_pages_sum_{window}d": sum(click["pages"] for click in seen),
        }
    latest = max((act["done"] for act in acts), default=None)
    return row | {"activities_recency": (as_of - latest).days if latest else None}


def _stages(rows: list[Row], as_of: dt.date) -> Row:
    entered = [row for place, row in enumerate(rows) if not place or rows[place - 1]["stage"] != row["stage"]]
    if not entered:
        return {"stage": None, "stage_days": None, "stages_passed": 0}
    since = (as_of - entered[-1]["entered"]).days
    return {"stage": entered[-1]["stage"], "stage_days": since, "stages_passed": len(entered) - 1}
