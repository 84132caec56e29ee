"""Each date's model sees only what was known then; what cannot be learned or measured is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.lifecycle.backtest import tables
from salesml.lifecycle.backtest.collect import Late, collect
from salesml.lifecycle.backtest.plan import plan_backtest
from salesml.lifecycle.backtest.replay import MONTH, PREVIOUS, Played, replay, usable
from salesml.snapshots import Feature
from tests.lifecycle.backtest.conftest import Shop, quick_project
from tests.test_leakage import as_bytes

DATES = ("2025-01-01", "2025-02-15", "2025-05-20", "2025-08-25")
TESTS = tuple(dt.date.fromisoformat(day) for day in DATES[2:])
KNOWN_ONLY_THEN = ["label", "value_lost"]


def late_shop(folder: Path) -> tuple[Path, pd.DataFrame]:
    """The shop, a tenth of whose orders arrive up to half a year late."""
    quick_project(folder, customers=120, train=f"[{', '.join(DATES[:2])}]", test=f"[{', '.join(DATES[2:])}]")
    crm = folder / "crm.yaml"
    crm.write_text(crm.read_text().replace("# known_at: loaded_at", "known_at: loaded_at"))
    table = pd.read_parquet(folder / "orders.parquet")
    rng = np.random.default_rng(0)
    days = np.where(rng.random(len(table)) < 0.1, rng.integers(1, 180, len(table)), 0)
    loaded = table["ordered_at"] + pd.to_timedelta(days, unit="D")
    table["loaded_at"] = np.minimum(loaded, pd.Timestamp("2025-12-31"))
    table["loaded_at"] = table[["ordered_at", "loaded_at"]].max(axis=1)
    return folder, table


def play_all(folder: Path, orders: pd.DataFrame, only: dt.date | None = None) -> list[Played]:
    orders.to_parquet(folder / "orders.parquet")
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "churn.yaml")
    plan = plan_backtest(spec, crm, start=only, end=only)
    with crm.connect() as con:
        snapshot, late = collect(spec, crm, plan, con), Late.of(spec, crm, plan, con)
    return list(replay(spec, snapshot, plan, late, "orders_recency"))


def predictions(played: list[Played], day: dt.date) -> bytes:
    """All that is said of a date, without what became of it."""
    table = tables.expected_losses("churn", played, (0, 90)).drop_columns(KNOWN_ONLY_THEN)
    found = table.filter(pc.equal(table["as_of"], pa.scalar(day, pa.date32())))
    assert found.num_rows > 50
    return as_bytes(pa.Table.from_pydict(found.to_pydict(), schema=found.schema))


def lose(orders: pd.DataFrame, unknown: pd.Series) -> pd.DataFrame:
    kept = orders[~unknown]
    end = kept.tail(1).assign(ordered_at=orders["ordered_at"].max(), loaded_at=orders["loaded_at"].max())
    return pd.concat([kept, end.assign(customer_id="C0000")])


def change(orders: pd.DataFrame, unknown: pd.Series) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    orders = orders.copy()
    orders.loc[unknown, ["quantity", "unit_price"]] = [900, 12345.67]
    orders.loc[unknown, "customer_id"] = rng.permutation(orders.loc[unknown, "customer_id"].to_numpy())
    return orders


def invent(orders: pd.DataFrame, unknown: pd.Series) -> pd.DataFrame:
    """Everybody orders again, also in the horizons of the dates that were learned from, but known late."""
    known_from = orders.loc[unknown, "loaded_at"].min()
    customers = sorted(orders["customer_id"].unique())
    more = pd.DataFrame({"customer_id": customers * 2, "quantity": 3, "unit_price": 9.99})
    more["ordered_at"] = [
        *[pd.Timestamp("2025-03-10")] * len(customers),
        *[known_from + pd.Timedelta(days=1)] * len(customers),
    ]
    more["loaded_at"] = more["ordered_at"].where(more["ordered_at"] > known_from, known_from)
    more["invoice"] = [f"new-{number}" for number in range(len(more))]
    return pd.concat([orders, more], ignore_index=True)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, list[Played]]:
    folder, orders = late_shop(tmp_path_factory.mktemp("late") / "shop")
    return folder, orders, play_all(folder, orders)


@pytest.mark.parametrize("day", TESTS, ids=str)
@pytest.mark.parametrize("corrupt", [lose, change, invent], ids=lambda each: each.__name__)
def test_what_comes_after_a_date_does_not_change_what_is_said_on_it(
    late: tuple[Path, pd.DataFrame, list[Played]],
    corrupt: Callable[[pd.DataFrame, pd.Series], pd.DataFrame],
    day: dt.date,
) -> None:
    folder, orders, clean = late
    unknown = orders["loaded_at"] >= pd.Timestamp(day)
    assert (unknown & (orders["ordered_at"] < pd.Timestamp(day))).sum() > 20
    changed = corrupt(orders, unknown)
    assert predictions(play_all(folder, changed, only=day), day) == predictions(clean, day)


def test_the_corruption_would_be_seen(late: tuple[Path, pd.DataFrame, list[Played]]) -> None:
    folder, orders, clean = late
    known = orders["loaded_at"] < pd.Timestamp(TESTS[0])
    changed = change(orders, known)
    assert predictions(play_all(folder, changed, only=TESTS[0]), TESTS[0]) != predictions(clean, TESTS[0])


def test_the_model_before_is_asked_about_the_same_rows(
    late: tuple[Path, pd.DataFrame, list[Played]],
) -> None:
    _, _, (first, second) = late
    assert PREVIOUS not in first.baselines
    assert len(second.baselines[PREVIOUS]) == len(second.p)
    assert second.evaluation is not None
    gain = second.evaluation.gains[PREVIOUS]["log_loss"]
    assert gain.low <= gain.value <= gain.high


def test_a_date_on_which_nothing_can_be_learned_is_said(shop: Shop) -> None:
    plan = plan_backtest(shop.spec, shop.crm, dates=2, end=dt.date(2025, 10, 3))
    with shop.crm.connect() as con:
        snapshot = collect(shop.spec, shop.crm, plan, con)
    table = snapshot.table
    everybody = dict.fromkeys(plan.turns[0].train, 1)
    label = [
        everybody.get(day, label)
        for day, label in zip(table["as_of"].to_pylist(), table["label"].to_pylist(), strict=True)
    ]
    place = table.column_names.index("label")
    changed = replace(snapshot, table=table.set_column(place, "label", pa.array(label, pa.int8())))
    only_old = replace(plan.turns[1], train=plan.turns[0].train)
    first, second = replay(shop.spec, changed, replace(plan, turns=(plan.turns[0], only_old)), Late({}), "")
    assert first.status == second.status == "no model"
    assert "one class only" in first.problem
    assert f"{first.as_of}  {len(first.turn.train)} date" in first.line()
    assert "no model: The target holds one class only" in first.line()


def test_outcomes_too_few_to_measure_are_predicted_all_the_same(shop: Shop) -> None:
    plan = plan_backtest(shop.spec, shop.crm, dates=1, end=dt.date(2025, 10, 3))
    with shop.crm.connect() as con:
        snapshot = collect(shop.spec, shop.crm, plan, con)
    table, day = snapshot.table, plan.turns[0].as_of
    label = pc.if_else(pc.equal(table["as_of"], day), pa.scalar(0, pa.int8()), table["label"])
    place = table.column_names.index("label")
    (found,) = replay(
        shop.spec, replace(snapshot, table=table.set_column(place, "label", label)), plan, Late({}), ""
    )
    assert found.status == "not tested"
    assert found.problem.startswith("0 of ")
    assert found.evaluation is None
    assert len(found.p) == len(found.rows)


def test_the_month_is_used_only_where_it_was_seen_twice() -> None:
    features = [Feature(name="orders_recency"), Feature(name=MONTH)]
    months = [dt.date(2023 + n // 12, n % 12 + 1, 1) for n in range(24)]
    assert [each.name for each in usable(features, months)] == ["orders_recency", MONTH]
    assert [each.name for each in usable(features, months[1:])] == ["orders_recency"]
