"""A market that changes in a month: others leave from then on, and the truth knows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from salesml.cli import main
from salesml.crm.sample import sample
from salesml.crm.sample.block import Block, make_plan, simulate
from salesml.crm.sample.calendar import calendar_of
from salesml.errors import UsageError
from tests.crm.sample import told

FAR = 4.0
MONTH = 12
"""Of two years: the first of the second."""


@pytest.fixture(scope="module")
def shifted() -> list[Block]:
    plan = make_plan(6000, 23, calendar_of(730), shift=MONTH)
    return [simulate(plan, number) for number in range(3)]


@pytest.fixture(scope="module")
def accounts(shifted: list[Block]) -> pd.DataFrame:
    return told.accounts(shifted)


@pytest.mark.parametrize("name", ["p_full", "p_observable"])
@pytest.mark.parametrize("by", ["decile", "industry", "band", "month"])
def test_the_truth_comes_true_before_and_after(accounts: pd.DataFrame, name: str, by: str) -> None:
    for after in (False, True):
        table = accounts[(accounts["month"] >= MONTH) == after]
        groups = pd.qcut(table[name], 10, labels=False) if by == "decile" else table[by]
        off = [told.far_off(part, name, "left", "account") for _, part in table.groupby(groups)]
        assert max(map(abs, off)) < FAR


def test_who_was_loyal_leaves(accounts: pd.DataFrame) -> None:
    some = accounts[(accounts["month"] != 11) & accounts["band"].isin([0, 4])]  # the smallest and the largest
    rate = some.groupby([some["month"] > MONTH, some["band"]])["left"].mean().unstack()
    assert rate.loc[False, 0] > 1.2 * rate.loc[False, 4]
    assert rate.loc[True, 4] > 1.5 * rate.loc[True, 0]
    late, early = accounts[accounts["month"] > MONTH], accounts[accounts["month"] < 11]
    # More leave, beyond what chance does to so many accounts; an account's rows are not independent.
    shares = [part.groupby("account")["left"].mean() for part in (early, late)]
    error = np.sqrt(sum(each.var() / len(each) for each in shares))
    assert late["left"].mean() - early["left"].mean() > FAR * error
    assert roc_auc_score(late["left"], late["p_observable"]) > 0.7


def test_fewer_orders_and_logins_from_the_month_on(shifted: list[Block]) -> None:
    calendar = shifted[0].plan.calendar
    for what, least in (("orders", 0.6), ("logins", 0.3)):
        years = []
        for start in (MONTH - 8, MONTH + 4):
            first, last = calendar.month_starts[[start, start + 8]]
            present = sum(((b.book.acquired < first) & (b.left > last)).sum() for b in shifted)
            count = 0
            for block in shifted:
                row, day = block.life.events(what)
                stayed = (block.book.acquired < first) & (block.left > last)
                count += (stayed[row] & (day >= first) & (day < last)).sum()
            years.append(count / present)
        assert least < years[1] / years[0] < 0.9


def test_before_the_month_nothing_differs(shifted: list[Block]) -> None:
    usual = simulate(make_plan(6000, 23, calendar_of(730)), 0)
    start = int(usual.plan.calendar.month_starts[MONTH])
    for what in ("orders", "logins", "tickets"):
        both = [block.life.events(what) for block in (usual, shifted[0])]
        before = [(row[day < start], day[day < start]) for row, day in both]
        assert np.array_equal(before[0][0], before[1][0])
        assert np.array_equal(before[0][1], before[1][1])
    left = [np.where(block.left < start, block.left, -1) for block in (usual, shifted[0])]
    assert np.array_equal(*left)


def test_what_would_no_longer_be_true_is_not_written(tmp_path: Path) -> None:
    assert main(["sample", str(tmp_path / "co"), "--size", "1000", "--shift", "2025-01-01"]) == 0
    truth = tmp_path / "co" / "truth"
    names = pq.read_table(truth / "prospects.parquet").column_names
    assert {"p_full", "p_observable"} <= set(names)
    assert not [name for name in names if name.startswith(("value_", "p_ideal_"))]
    effects = pq.read_table(truth / "effects.parquet").to_pandas()
    assert set(effects["of"][effects["of"].str.contains("shift")]) == {
        "drift after the shift", "orders after the shift", "logins after the shift",
    }  # fmt: skip


@pytest.mark.parametrize("day", [dt.date(2024, 1, 1), dt.date(2025, 3, 2), dt.date(2026, 1, 1)])
def test_a_month_that_cannot_be(tmp_path: Path, day: dt.date) -> None:
    with pytest.raises(UsageError, match=f"shift is {day}") as bad:
        sample(tmp_path / "co", size=1000, shift=day)
    assert bad.value.code == "bad-value"
    assert not (tmp_path / "co").exists()
