"""Every sentence of a generated company is true of its row, and its sign makes sense."""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from salesml.scoring.reasons import told
from salesml.snapshots import take
from salesml.snapshots.feature import Feature
from tests.snapshots.company import Row, crm_of, day, order, spec_of

Reason = dict[str, object]
N = r"(-?[\d,]+(?:\.\d+)?)"
DAYS = rf"(day|{N} days?)"
MONEY = r"(-?£[\d,]+(?:\.\d+)?)"


def random_orders(seed: int, customers: int = 80) -> list[Row]:
    random, rows = np.random.default_rng(seed), []
    for customer in range(customers):
        for invoice in range(random.geometric(0.15)):
            at, back = int(random.integers(0, 200)), bool(random.random() < 0.1)
            for _ in range(random.integers(1, 4)):
                amount = f"{random.integers(0, 30_000) / 100 * (-1 if back else 1):.2f}"
                if random.random() < 0.1:
                    amount = "0.00"
                pieces, channel = int(random.integers(0, 9)), str(random.choice(["web", "shop", "phone"]))
                rows.append(
                    order(
                        f"c{customer:02d}", at, amount, back=back, pieces=pieces, channel=channel,
                        invoice=f"{customer}-{invoice}",
                    )
                )  # fmt: skip
    return rows


@functools.cache
def snapshot(seed: int) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        crm = crm_of(Path(folder), {"orders": random_orders(seed)})
        label = {"kind": "inactivity", "events": "orders", "inactive_days": 20, "active_within_days": 190}
        spec = spec_of(Path(folder), label=label, windows_days=[7, 14, 30, 90])
        taken = take(spec, crm, [day(200)], labels=False)
    return taken.table.to_pandas(), tuple(taken.features)


def reasons_of(
    seed: int, top: int = 20, *, good_raises: bool = False
) -> tuple[pd.DataFrame, NDArray[np.float64], list[list[Reason]]]:
    """Rows, made-up contributions and the reasons that follow, so that any feature may be told."""
    rows, features = snapshot(seed)
    random = np.random.default_rng(seed)
    contributions = random.normal(0, 0.3, (len(rows), len(features) + 1))
    contributions[random.random(contributions.shape) < 0.5] = 0
    values = rows[[feature.name for feature in features]]
    coded = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    column, _ = told(features, values, coded, contributions, top, good_raises=good_raises)
    return values, contributions, column.to_pylist()


def number(text: str) -> float:
    return float(re.sub(r"[£,%]| days?", "", "1" if text == "day" else text))


def says(text: str, value: float) -> bool:
    """Whether a number in a text is the value, rounded to the digits that are shown."""
    bare = re.sub(r"[£,%]| days?", "", text)
    decimals = len(bare.partition(".")[2])
    return abs(number(text) - value) <= 0.5 * 10**-decimals + 1e-9


def both(row: pd.Series[float], name: str, window: str) -> float:
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
    return says(value, now) and (trend > 0) == (way == "up") and says(before, both(row, name, window))


def pace(row: pd.Series[float], usual: str, last: str) -> bool:
    return says(usual, row["orders_gap_mean"]) and says(last, row["orders_recency"])


CHECKS: list[tuple[str, Callable[..., bool]]] = [
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
            row[f"orders_count_{window}d"] == 0 and says(before, both(row, "count", window))
        ),
    ),
    (
        rf"{N} orders? in the last (\d+) days, (up|down) from {N} in the \2 days before",
        lambda row, n, window, way, before: (
            count(row, n, window)
            and says(before, both(row, "count", window))
            and (number(n) > number(before)) == (way == "up")
        ),
    ),
    (
        rf"Orders on {N} of the last (\d+) days",
        lambda row, n, window: says(n, row[f"orders_active_days_{window}d"]),
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
    (rf"(Revenue) in the last (\d+) days: {MONEY}, (up|down) from {MONEY} in the \2 days before", moved),
    (rf"(Pieces) in the last (\d+) days: {N}, (up|down) from {N} in the \2 days before", moved),
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
"""How a sentence may run, and whether it is true of the row, by the names of the features alone."""

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_is_true(seed: int) -> None:
    rows, _, reasons = reasons_of(seed)
    for place, told_of_row in enumerate(reasons):
        for reason in told_of_row:
            text = str(reason["words"])
            found = [(re.fullmatch(pattern, text), holds) for pattern, holds in CHECKS]
            fitting = [(match, holds) for match, holds in found if match]
            assert len(fitting) == 1, text
            match, holds = fitting[0]
            assert holds(rows.iloc[place], *match.groups()), (text, reason)
            assert "because" not in text


def test_all_kinds_of_sentences_occur() -> None:
    every = [str(r["words"]) for seed in SEEDS for row in reasons_of(seed)[2] for r in row]
    for pattern, _ in CHECKS:
        assert any(re.fullmatch(pattern, text) for text in every), pattern


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("good_raises", [False, True])
def test_no_reason_reads_the_other_way(seed: int, good_raises: bool) -> None:
    rows, contributions, reasons = reasons_of(seed, good_raises=good_raises)
    bad = "lowers" if good_raises else "raises"
    for place, told_of_row in enumerate(reasons):
        row = rows.iloc[place]
        late = row["orders_recency"] > row["orders_gap_mean"]
        for reason in told_of_row:
            text, counts_against = str(reason["words"]), reason["direction"] == bad
            assert ("up from" if counts_against else "down from") not in text
            if re.search(r"; (usually every|the last)", text):
                assert late == counts_against, text
            if not counts_against and re.fullmatch(r"No order in the last .*", text):
                assert not _could_agree(rows, contributions, place, reason), text


def _could_agree(rows: pd.DataFrame, contributions: NDArray[np.float64], place: int, reason: Reason) -> bool:
    """Whether another feature of the reason pulls the same way and is no bad news."""
    names = [str(name) for name in reason["features"]]  # type: ignore[attr-defined]
    sign = 1 if reason["direction"] == "raises" else -1
    for name in names:
        value = rows[name].iloc[place]
        along = round(sign * contributions[place, list(rows.columns).index(name)], 4) > 0
        events = re.fullmatch(r"orders_(count|active_days)_\d+d", name)
        if along and events and value > 0:
            return True
    return False


@pytest.mark.parametrize("seed", SEEDS)
def test_one_reason_of_each_matter(seed: int) -> None:
    rows, contributions, reasons = reasons_of(seed)
    where = {name: position for position, name in enumerate(rows.columns)}
    for place, told_of_row in enumerate(reasons):
        named = [name for reason in told_of_row for name in reason["features"]]  # type: ignore[attr-defined]
        assert len(named) == len(set(named))
        texts = [reason["words"] for reason in told_of_row]
        assert len(texts) == len(set(texts)), texts
        for reason in told_of_row:
            members = list(reason["features"])  # type: ignore[call-overload]
            total = sum(contributions[place, where[name]] for name in members)
            assert reason["contribution"] == pytest.approx(total, abs=1e-12)
            values = [rows[name].iloc[place] for name in members]
            if reason["value_number"] is None:
                assert any(pd.isna(value) for value in values)
            else:
                assert reason["value_number"] in values


def test_what_makes_a_matter() -> None:
    groups: dict[str, set[str]] = {}
    for feature in snapshot(0)[1]:
        groups.setdefault(feature.group, set()).add(re.sub(r"_\d+d$", "", feature.name))
    assert groups == {
        "orders.recency": {
            "orders_recency", "orders_gap_mean", "orders_gap_spread", "orders_recency_to_gap",
        },
        "orders.tenure": {"orders_since_first"},
        "orders.activity": {"orders_count", "orders_active_days", "orders_count_trend"},
        "orders.revenue": {f"orders_revenue_{kind}" for kind in ("sum", "mean", "max", "trend")},
        "orders.pieces": {f"orders_pieces_{kind}" for kind in ("sum", "mean", "max", "trend")},
        "orders.returns": {
            "orders_returns_count", "orders_returns_revenue", "orders_returns_pieces",
        },
        "orders.channel": {"orders_channel_distinct", "orders_channel_top_share"},
    }  # fmt: skip


def test_only_money_has_a_currency() -> None:
    shown = {f.column: (f.unit, f.form) for f in snapshot(0)[1] if re.search("_(sum|mean|max)_", f.name)}
    assert shown == {"revenue": ("GBP", "money"), "pieces": ("", "number")}


@pytest.mark.parametrize("seed", range(3))
def test_a_row_alone_is_told_as_in_a_batch(seed: int) -> None:
    rows, features = snapshot(seed)
    values, contributions, reasons = reasons_of(seed)
    coded = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    for place in range(0, len(rows), 7):
        here = slice(place, place + 1)
        alone, _ = told(features, values.iloc[here], coded[here], contributions[here], 20)
        for one, other in zip(alone.to_pylist()[0], reasons[place], strict=True):
            assert one.pop("contribution") == pytest.approx(other["contribution"], abs=1e-12)
            assert one.pop("share") == pytest.approx(other["share"], abs=1e-12)
            assert one.items() <= other.items()
