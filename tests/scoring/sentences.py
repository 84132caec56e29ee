"""How each sentence about an order log may run, and whether it is true of the row it was told of.

Apart from the code that makes sentences: by the names of the features alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

NONE = "none"
N = r"(-?[\d,]+(?:\.\d+)?)"
DAYS = rf"(day|{N} days?)"
MONEY = r"(-?£[\d,]+(?:\.\d+)?)"
WAS_N, WAS_MONEY = rf"{N[:-1]}|{NONE})", rf"{MONEY[:-1]}|{NONE})"


def number(text: str) -> float:
    said = {"day": "1", NONE: "0"}.get(text, text)
    return float(re.sub(r"[£,%]| days?", "", said))


def says(text: str, value: float) -> bool:
    """Whether a number in a text is the value, rounded to the digits that are shown."""
    bare = re.sub(r"[£,%]| days?", "", text)
    bare = "0" if text == NONE else bare
    decimals = len(bare.partition(".")[2])
    return abs(number(text) - value) <= 0.5 * 10**-decimals + 1e-9


def before_of(row: pd.Series[float], name: str, window: str) -> float:
    """What there was in the days before, from the trend alone."""
    now, trend = row[f"orders_{name}_{window}d"], row[f"orders_{name.removesuffix('_sum')}_trend_{window}d"]
    return (now + 1) / trend - 1 if name == "count" else now * (1 - trend) / (1 + trend)


def count(row: pd.Series[float], n: str, window: str, *_: str) -> bool:
    return says(n, row[f"orders_count_{window}d"])


def measure(row: pd.Series[float], name: str, window: str, value: str) -> bool:
    return says(value, row[f"orders_{name.lower()}_sum_{window}d"])


def moved(row: pd.Series[float], name: str, window: str, value: str, way: str, before: str) -> bool:
    name = f"{name.lower()}_sum"
    now, trend = row[f"orders_{name}_{window}d"], row[f"orders_{name[:-4]}_trend_{window}d"]
    return says(value, now) and (trend > 0) == (way == "up") and says(before, before_of(row, name, window))


def pace(row: pd.Series[float], usual: str, last: str) -> bool:
    return says(usual, row["orders_gap_mean"]) and says(last, row["orders_recency"])


SENTENCES: list[tuple[str, Callable[..., bool]]] = [
    (rf"No order for {N} days", lambda row, last: says(last, row["orders_recency"])),
    (rf"Last order {N} days? ago", lambda row, last: says(last, row["orders_recency"])),
    (
        rf"(?:No order for|Last order) {N} days?(?: ago)?; usually every {DAYS}",
        lambda row, last, usual, _: pace(row, usual, last),
    ),
    (
        rf"Orders usually every {DAYS}; the last {N} days? ago",
        lambda row, usual, _, last: pace(row, usual, last),
    ),
    (rf"Orders usually every {DAYS}", lambda row, usual, _: says(usual, row["orders_gap_mean"])),
    (
        rf"Orders every {DAYS} on average; the gaps vary by {N} days?",
        lambda row, usual, _, spread: (
            says(usual, row["orders_gap_mean"]) and says(spread, row["orders_gap_spread"])
        ),
    ),
    (
        rf"Orders on one day so far, {N} days? ago",
        lambda row, last: row["orders_recency"] == row["orders_since_first"] == number(last),
    ),
    (
        rf"Orders on two days so far, {N} days? apart",
        lambda row, apart: row["orders_since_first"] - row["orders_recency"] == number(apart),
    ),
    (rf"First order {N} days? ago", lambda row, first: says(first, row["orders_since_first"])),
    (rf"{N} orders? in the last (\d+) days", count),
    (r"No order in the last (\d+) days", lambda row, window: row[f"orders_count_{window}d"] == 0),
    (
        rf"No order in the last (\d+) days, {N} in the \1 days before",
        lambda row, window, before: (
            row[f"orders_count_{window}d"] == 0 and says(before, before_of(row, "count", window))
        ),
    ),
    (
        rf"{N} orders? in the last (\d+) days, (up|down) from {WAS_N} in the \2 days before",
        lambda row, n, window, way, before: (
            count(row, n, window)
            and says(before, before_of(row, "count", window))
            and (number(n) > number(before)) == (way == "up")
        ),
    ),
    (
        rf"Orders on {N} of the last (\d+) days",
        lambda row, n, window: says(n, row[f"orders_active_days_{window}d"]),
    ),
    (
        r"Orders on each of the last (\d+) days",
        lambda row, window: row[f"orders_active_days_{window}d"] == int(window),
    ),
    (
        r"No order and no (revenue|pieces) in the last (\d+) days",
        lambda row, name, window: row[f"orders_count_{window}d"] == 0 == row[f"orders_{name}_sum_{window}d"],
    ),
    (
        rf"No order and no (revenue|pieces) in the last (\d+) days, (?:{MONEY}|{N}) in the \2 days before",
        lambda row, name, window, money, n: (
            row[f"orders_count_{window}d"] == 0 == row[f"orders_{name}_sum_{window}d"]
            and row[f"orders_{name}_trend_{window}d"] == -1
            and says(money or n, row[f"orders_{name}_sum_{2 * int(window)}d"])
        ),
    ),
    (
        r"No (revenue|pieces) in the last (\d+) days",
        lambda row, name, window: row[f"orders_{name}_sum_{window}d"] == 0,
    ),
    (rf"(Revenue) in the last (\d+) days: {MONEY}", measure),
    (rf"(Pieces) in the last (\d+) days: {N}", measure),
    (rf"(Revenue) in the last (\d+) days: {MONEY}, (up|down) from {WAS_MONEY} in the \2 days before", moved),
    (rf"(Pieces) in the last (\d+) days: {N}, (up|down) from {WAS_N} in the \2 days before", moved),
    (
        rf"(Revenue|Pieces) per order in the last (\d+) days: (?:{MONEY}|{N})",
        lambda row, name, window, money, n: says(money or n, row[f"orders_{name.lower()}_mean_{window}d"]),
    ),
    (
        rf"Largest (revenue|pieces) of one order in the last (\d+) days: (?:{MONEY}|{N})",
        lambda row, name, window, money, n: says(money or n, row[f"orders_{name}_max_{window}d"]),
    ),
    (
        rf"{N} returned orders? in the last (\d+) days",
        lambda row, n, window: says(n, row[f"orders_returns_count_{window}d"]),
    ),
    (
        r"No returned order in the last (\d+) days",
        lambda row, window: row[f"orders_returns_count_{window}d"] == 0,
    ),
    (
        rf"(Revenue|Pieces) of returned orders in the last (\d+) days: (?:{MONEY}|{N})",
        lambda row, name, window, money, n: says(money or n, row[f"orders_returns_{name.lower()}_{window}d"]),
    ),
    (
        rf"Orders in the last (\d+) days: {N} (?:different channels|channel)",
        lambda row, window, n: says(n, row[f"orders_channel_distinct_{window}d"]),
    ),
    (
        r"No order in any channel in the last (\d+) days",
        lambda row, window: row[f"orders_channel_distinct_{window}d"] == 0,
    ),
    (
        rf"{N}% of order lines in the last (\d+) days in one channel",
        lambda row, share, window: says(share, 100 * row[f"orders_channel_top_share_{window}d"]),
    ),
    (
        r"All order lines in the last (\d+) days in one channel",
        lambda row, window: row[f"orders_channel_top_share_{window}d"] == 1,
    ),
]
