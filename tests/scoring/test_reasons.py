"""Every sentence of a generated company is true of its row, and its sign makes sense."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from salesml.explain import strongest
from salesml.scoring.reasons import told
from salesml.snapshots import take
from salesml.snapshots.feature import Feature
from tests.scoring.sentences import SENTENCES
from tests.snapshots.company import Row, crm_of, day, order, spec_of

Reason = dict[str, object]


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
    found = strongest(contributions, [feature.group for feature in features], top)
    column, _ = told(features, values, coded, found, good_raises=good_raises)
    return values, contributions, column.to_pylist()


SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_is_true(seed: int) -> None:
    rows, _, reasons = reasons_of(seed)
    for place, told_of_row in enumerate(reasons):
        for reason in told_of_row:
            text = str(reason["words"])
            found = [(re.fullmatch(pattern, text), holds) for pattern, holds in SENTENCES]
            fitting = [(match, holds) for match, holds in found if match]
            assert len(fitting) == 1, text
            match, holds = fitting[0]
            assert holds(rows.iloc[place], *match.groups()), (text, reason)
            assert "because" not in text


def test_all_kinds_of_sentences_occur() -> None:
    every = [str(r["words"]) for seed in SEEDS for row in reasons_of(seed)[2] for r in row]
    for pattern, _ in SENTENCES:
        if "each of" in pattern:  # nobody orders so often
            continue
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


def test_a_measure_of_two_logs_is_told_with_its_log(tmp_path: Path) -> None:
    visit = {"customer": "a", "seen": day(5), "minutes": 3}
    more = {"measures": {"revenue": "amount", "minutes": "pieces"}}
    crm = crm_of(tmp_path, {"orders": [order("a", 0)], "visits": [visit]}, orders=more)
    words = {feature.name: feature.words for feature in take(spec_of(tmp_path), crm, [day(10)]).features}
    assert words["visits_minutes_sum_7d"] == "minutes of visits in the last 7 days"
    assert words["orders_minutes_sum_7d"] == "minutes of orders in the last 7 days"
    assert words["orders_revenue_sum_7d"] == "revenue in the last 7 days"


def test_only_money_has_a_currency() -> None:
    shown = {f.column: (f.unit, f.form) for f in snapshot(0)[1] if re.search("_(sum|mean|max)_", f.name)}
    assert shown == {"revenue": ("GBP", "money"), "pieces": ("", "number")}


@pytest.mark.parametrize("seed", range(3))
def test_a_row_alone_is_told_as_in_a_batch(seed: int) -> None:
    rows, features = snapshot(seed)
    values, contributions, reasons = reasons_of(seed)
    coded = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    groups = [feature.group for feature in features]
    for place in range(0, len(rows), 7):
        here = slice(place, place + 1)
        alone, _ = told(features, values.iloc[here], coded[here], strongest(contributions[here], groups, 20))
        for one, other in zip(alone.to_pylist()[0], reasons[place], strict=True):
            assert one.pop("contribution") == pytest.approx(other["contribution"], abs=1e-12)
            assert one.pop("share") == pytest.approx(other["share"], abs=1e-12)
            assert one.items() <= other.items()
