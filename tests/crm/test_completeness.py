from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from salesml.crm import Report
from tests.crm.conftest import Make
from tests.crm.test_rows import found

LAST = dt.date(2024, 5, 30)
TODAY = LAST + dt.timedelta(days=1)
CONTRACT = """
events:
  orders: {source: orders.parquet, account: who, at: at}
  visits: {source: visits.parquet, account: who, at: at}
"""


def write(folder: Path, name: str, where: str = "true") -> None:
    """200 rows on each day of half a year up to the last one."""
    day = f"DATE '{LAST}' - (n // 200)::INTEGER"
    query = f'SELECT n % 50 AS who, {day} AS "at", n % 200 AS place FROM range(200 * 180) AS t(n)'
    duckdb.sql(f"""COPY (SELECT * FROM ({query}) WHERE {where}) TO '{folder}/{name}.parquet'""")


def check(make: Make, folder: Path, where: str, contract: str = CONTRACT) -> Report:
    write(folder, "orders", where)
    write(folder, "visits")
    return make(contract).check(TODAY)


def test_complete(make: Make, tmp_path: Path) -> None:
    assert check(make, tmp_path, "true").faults == ()


def test_a_last_day_missing_in_one_log_is_fatal(make: Make, tmp_path: Path) -> None:
    fault = found(check(make, tmp_path, f"\"at\" < DATE '{LAST}'"), "missing-day")
    assert (fault.table, fault.count, fault.fatal) == ("events.orders", 1, True)
    assert fault.examples == ("2024-05-30 Thu: 0 came, about 200 expected",)


def test_a_half_last_day_is_a_warning(make: Make, tmp_path: Path) -> None:
    fault = found(check(make, tmp_path, f"\"at\" < DATE '{LAST}' OR place < 90"), "thin-day")
    assert not fault.fatal
    assert "90 came, about 200 expected" in fault.examples[0]


def test_the_rows_of_today_are_still_coming(make: Make, tmp_path: Path) -> None:
    where = f"\"at\" < DATE '{LAST}' OR place < 5"
    write(tmp_path, "orders", where)
    write(tmp_path, "visits", where)
    crm = make(CONTRACT)
    assert crm.check(LAST).faults == ()
    tomorrow = [fault for fault in crm.check(TODAY).faults if fault.code == "missing-day"]
    assert [fault.table for fault in tomorrow] == ["events.orders", "events.visits"]


def test_days_missing_in_the_middle(make: Make, tmp_path: Path) -> None:
    report = check(make, tmp_path, "\"at\" NOT IN (DATE '2024-03-12', DATE '2024-03-13')")
    fault = found(report, "old-missing-day")
    assert not report.fatal
    assert fault.found == "Almost nothing came on 2 days from 2024-03-12 to 2024-03-13"


def test_closed_days_are_no_fault(make: Make, tmp_path: Path) -> None:
    contract = "closed: [2024-03-12]\n" + CONTRACT
    assert check(make, tmp_path, "\"at\" <> DATE '2024-03-12'", contract).faults == ()


def test_a_log_that_stopped_weeks_ago(make: Make, tmp_path: Path) -> None:
    report = check(make, tmp_path, f"\"at\" < DATE '{LAST}' - 20")
    fault = found(report, "missing-day")
    assert fault.count == 6  # the last Monday of May is a holiday
    assert all("about 200 expected" in example for example in fault.examples)


def test_a_log_that_stopped_months_ago_is_a_warning(make: Make, tmp_path: Path) -> None:
    report = check(make, tmp_path, f"\"at\" < DATE '{LAST}' - 80")
    assert not report.fatal
    (fault,) = report.faults
    assert fault.code == "stopped"
    assert "82 days before the end of the other tables" in fault.found


@pytest.mark.parametrize(("limit", "stale"), [("0d", True), ("1d", False)])
def test_freshness(make: Make, tmp_path: Path, limit: str, stale: bool) -> None:
    report = check(make, tmp_path, "true", f"freshness: {{orders: {limit}}}\n" + CONTRACT)
    assert report.fatal == stale
    if stale:
        assert "The newest row is of 2024-05-30, 1 day before 2024-05-31" in found(report, "stale").found


def test_observed_until_says_what_should_be_there(make: Make, tmp_path: Path) -> None:
    write(tmp_path, "orders")
    contract = "observed_until: 2024-06-01\nevents: {orders: {source: orders.parquet, account: who, at: at}}"
    fault = found(make(contract).check(dt.date(2024, 6, 2)), "missing-day")
    assert fault.examples[0].startswith("2024-05-31 Fri: 0 came")


def double(folder: Path, where: str) -> None:
    """Load rows again, at another time."""
    path = folder / "orders.parquet"
    first = f"SELECT *, \"at\" + 1 AS loaded FROM '{path}'"
    again = f"SELECT *, \"at\" + 2 AS loaded FROM '{path}' WHERE {where}"
    duckdb.sql(f"{first} UNION ALL {again}").df().to_parquet(path)


@pytest.mark.parametrize(
    ("where", "days"), [(f"\"at\" = DATE '{LAST}'", 1), ("true", 7)], ids=["one day", "the whole table"]
)
def test_a_day_that_was_loaded_twice_is_fatal(make: Make, tmp_path: Path, where: str, days: int) -> None:
    write(tmp_path, "orders")
    write(tmp_path, "visits")
    double(tmp_path, where)
    contract = CONTRACT.replace("at: at}", "at: at, known_at: loaded}", 1)
    fault = found(make(contract).check(TODAY + dt.timedelta(days=1)), "double-day")
    assert (fault.table, fault.count, fault.fatal) == ("events.orders", days, True)
    assert fault.examples[-1].endswith(": 400 rows, 200 different")


def test_rows_that_are_alike_are_none_that_were_loaded_twice(make: Make, tmp_path: Path) -> None:
    write(tmp_path, "orders")
    write(tmp_path, "visits")
    double(tmp_path, "place > 0")  # one of each day stands alone
    assert make(CONTRACT).check(TODAY).faults == ()
