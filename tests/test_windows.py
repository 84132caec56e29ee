"""Windows are half-open; as-of dates are chosen so that no label is known too late."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.errors import DataError
from salesml.windows import Split, Window, choose, horizon, lookback, step_back

DAY = dt.date(2017, 12, 1)


def test_windows_are_half_open() -> None:
    window = lookback(DAY, 30)
    assert window == Window(dt.date(2017, 11, 1), DAY)
    assert dt.date(2017, 11, 1) in window
    assert DAY not in window
    assert horizon(DAY, 30, gap_days=7) == Window(dt.date(2017, 12, 8), dt.date(2018, 1, 7))


@pytest.mark.parametrize(
    ("day", "steps", "every", "expected"),
    [
        (dt.date(2024, 3, 31), 1, "month", dt.date(2024, 2, 29)),
        (dt.date(2024, 1, 15), 13, "month", dt.date(2022, 12, 15)),
        (dt.date(2024, 1, 15), 2, "week", dt.date(2024, 1, 1)),
    ],
)
def test_step_back(day: dt.date, steps: int, every: str, expected: dt.date) -> None:
    assert step_back(day, steps, every) == expected  # type: ignore[arg-type]


def test_choose_leaves_the_horizon_between_the_parts() -> None:
    split = choose(
        dt.date(2017, 1, 1), dt.date(2018, 1, 1), every="month", train=6, validate=1, test=1,
        horizon_days=30, history_days=60,
    )  # fmt: skip
    assert split.test == (dt.date(2017, 12, 2),)
    assert split.validate == (dt.date(2017, 11, 2),)
    assert split.train[-1] == dt.date(2017, 10, 3)
    assert len(split.train) == 6
    assert "test      2017-12-02  [2017-12-02, 2018-01-01)" in split.summary()


def test_choose_drops_the_validate_date_when_the_data_are_short() -> None:
    split = choose(
        dt.date(2017, 1, 1), dt.date(2017, 8, 29), every="month", train=6, validate=1, test=1,
        horizon_days=90, history_days=60,
    )  # fmt: skip
    assert split.validate == ()
    assert split.train == (dt.date(2017, 3, 2),)


def test_choose_says_how_much_is_needed() -> None:
    with pytest.raises(DataError) as caught:
        choose(
            dt.date(2017, 1, 1), dt.date(2017, 6, 1), every="month", train=6, validate=1, test=1,
            horizon_days=90, history_days=60,
        )  # fmt: skip
    assert "cover 151 days" in str(caught.value)
    assert "need 240" in str(caught.value)


def test_a_second_guard_refuses_a_late_label() -> None:
    split = Split((dt.date(2017, 6, 1),), (dt.date(2017, 9, 1),), (dt.date(2017, 11, 1),), 90)
    with pytest.raises(DataError) as caught:
        split.check()
    assert "2017-09-01 are not known before the first test date 2017-11-01" in str(caught.value)


@given(
    span=st.integers(10, 2000),
    every=st.sampled_from(["month", "week"]),
    numbers=st.tuples(st.integers(1, 12), st.integers(0, 3), st.integers(1, 4)),
    days=st.tuples(st.integers(1, 400), st.integers(0, 60), st.integers(0, 400)),
)
def test_chosen_dates_never_overlap(
    span: int, every: str, numbers: tuple[int, int, int], days: tuple[int, int, int]
) -> None:
    first = dt.date(2015, 1, 1)
    end = first + dt.timedelta(days=span)
    train, validate, test = numbers
    horizon_days, gap_days, history_days = days
    try:
        split = choose(
            first, end, every=every, train=train, validate=validate, test=test,  # type: ignore[arg-type]
            horizon_days=horizon_days, gap_days=gap_days, history_days=history_days,
        )  # fmt: skip
    except DataError as error:
        assert error.code == "too-short"  # noqa: PT017
        return
    split.check()
    reach = dt.timedelta(days=horizon_days + gap_days)
    assert list(split.dates) == sorted(set(split.dates))
    assert max(split.test) + reach <= end
    assert min(split.train) >= first + dt.timedelta(days=history_days)
    if split.validate:
        assert max(split.train) + reach <= min(split.validate)
