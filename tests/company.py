"""A small shop with customers who slow down before they leave: for tests of the whole way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from salesml.lifecycle.project import init

FIRST = dt.date(2024, 1, 1)
LAST = dt.date(2025, 12, 31)
"""The first and the last day of its orders."""


def orders(customers: int = 400, seed: int = 7) -> pd.DataFrame:
    """Orders of two years: every customer has a rhythm of its own, and slows down before leaving."""
    rng = np.random.default_rng(seed)
    span = (LAST - FIRST).days
    rows = []
    for customer in range(customers):
        gap, price = rng.gamma(4, 4) + 3, rng.gamma(3, 20)
        day = rng.uniform(0, 200)
        leaves = day + rng.exponential(900)
        while day < span:
            quantity = int(rng.integers(1, 9))
            rows.append((f"C{customer:04d}", day, quantity, round(price, 2)))
            slowing = 1 + 2 * max(0.0, 1 - max(0.0, leaves - day) / 90)
            day += rng.gamma(3, gap / 3) * slowing
            if day > leaves:
                break
    table = pd.DataFrame(rows, columns=["customer_id", "day", "quantity", "unit_price"])
    table["ordered_at"] = pd.Timestamp(FIRST) + pd.to_timedelta(
        (table.pop("day") * 86_400).astype(int), unit="s"
    )
    table = table.sort_values("ordered_at", ignore_index=True)
    table["invoice"] = [f"I{number}" for number in range(len(table))]
    last_day = table[table["ordered_at"] >= pd.Timestamp(LAST)]
    if last_day.empty:
        table.loc[len(table)] = ["C0000", 1, 10.0, pd.Timestamp(LAST), "I-last"]
    return table


def make_project(folder: Path, *, customers: int = 400, seed: int = 7) -> Path:
    """A project as `salesml init` makes it, with orders; returns its folder."""
    init(folder)
    orders(customers, seed).to_parquet(folder / "orders.parquet", index=False)
    return folder
