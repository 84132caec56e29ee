"""Folds in time order, purged by a second reading of the rule, and what stands in for them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.lifecycle.ordered import Order
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.tuning.folds import account_folds, date_folds, make_folds, order_folds

MONTHS = [dt.date(2025, month, 1) for month in range(1, 10)]


def made(days: list[dt.date] | None, accounts: int = 40, *, rate: float = 0.3) -> Rows:
    """Rows of each account on each day."""
    rng = np.random.default_rng(0)
    dates = days or [None]
    number = accounts * len(dates)
    entity = np.tile([f"c{n}" for n in range(accounts)], len(dates)).astype(object)
    as_of = np.repeat(np.array([day or "NaT" for day in dates], "M8[D]"), accounts)
    y = (rng.random(number) < rate).astype(np.int8)
    return Rows(pd.DataFrame({"x": rng.normal(size=number)}), y, entity, as_of, np.zeros(number))


@pytest.mark.parametrize(("horizon", "gap"), [(30, 0), (60, 15), (90, 0)])
def test_no_outcome_that_is_learned_from_was_unknown_on_the_day_compared_on(horizon: int, gap: int) -> None:
    rows = made(MONTHS)
    folds = date_folds(rows, horizon, gap)
    assert 1 <= len(folds) <= 3
    for fold in folds:
        (day,) = np.unique(rows.as_of[fold.valid])
        assert (rows.as_of[fold.train] + np.timedelta64(horizon + gap, "D") <= day).all()
        # Every date whose outcome was known is used, and a day later would not do.
        known = [each for each in MONTHS if each + dt.timedelta(days=horizon + gap) <= day.astype(object)]
        assert set(rows.as_of[fold.train].astype(object)) == set(known)


def test_the_newest_dates_are_compared_on_oldest_first() -> None:
    rows = made(MONTHS)
    days = [np.unique(rows.as_of[fold.valid])[0].astype(object) for fold in date_folds(rows, 30, 0)]
    assert days == MONTHS[-3:]


def test_a_date_without_either_outcome_is_no_fold() -> None:
    rows = made(MONTHS)
    rows.y[rows.as_of == np.datetime64(MONTHS[-1])] = 0
    days = [np.unique(rows.as_of[fold.valid])[0].astype(object) for fold in date_folds(rows, 30, 0)]
    assert days == MONTHS[-4:-1]


def test_too_few_dates_are_compared_by_account_and_that_is_said() -> None:
    rows = made(MONTHS[:2])
    folds = make_folds(rows, [("dates", date_folds(rows, 90, 0))])
    assert folds.way == "accounts"
    assert "what changes over time is not seen" in folds.summary()
    for fold in folds.folds:
        assert not set(rows.entity[fold.train]) & set(rows.entity[fold.valid])
    assert sum(fold.valid.sum() for fold in folds.folds) == len(rows)


def test_rows_without_dates_have_no_date_folds() -> None:
    assert date_folds(made(None), 30, 0) == ()


def test_an_order_is_compared_on_what_came_later_by_other_accounts() -> None:
    rows = made(None, 400)
    rows.entity[::7] = "again"
    frame = pd.DataFrame({"number": np.random.default_rng(1).permutation(400)})
    folds = order_folds(frame, rows, Order("number"))
    assert len(folds) == 3
    place = frame["number"].to_numpy()
    starts = []
    for fold in folds:
        assert place[fold.train].max() < place[fold.valid].min()
        assert not set(rows.entity[fold.train]) & set(rows.entity[fold.valid])
        starts.append(place[fold.valid].min())
    assert starts == sorted(starts)
    assert place[folds[-1].valid].max() == 399


def test_too_few_outcomes_are_refused_in_words() -> None:
    rows = made(MONTHS[:1], 30)
    rows.y[:] = 0
    rows.y[:3] = 1
    with pytest.raises(DataError) as caught:
        account_folds(rows)
    assert caught.value.code == "too-few"
    assert "3 accounts have the rarer outcome" in str(caught.value)
    assert "keep the defaults" in str(caught.value)
