"""The patterns say of a text what DuckDB's own casts say."""

from __future__ import annotations

import datetime as dt
import random
import re

import duckdb
import pytest

from salesml.crm import values
from salesml.snapshots.dialects import patterns
from salesml.snapshots.dialects.refusal import UntranslatableError


def test_every_day_that_exists_and_no_other() -> None:
    for year in (1, 4, 100, 400, 1900, 1999, 2000, 2023, 2024, 9999):
        for month in range(14):
            for day in range(33):
                text = f"{year:04d}-{month:02d}-{day:02d}"
                assert bool(re.search(patterns.DATE, text)) == exists(year, month, day), text


def exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


DAYS = ["2024-02-29", "2023-02-29", "2024-1-5", "2024-13-01", "24-01-05", "2024-01-5"]
TIMES = ["", " 10:00", "T23:59:59", " 25:00", " 1:05", "T10:00:60", " 10:00:00.123", " 10", " ", "T"]
OFFSETS = ["", "Z", "+01", "+01:00", "-0530", " +01:00", "z", "+1", "+01:", "x"]


def test_moments() -> None:
    """Of texts that have the form which the contract asks for before it casts them."""
    texts = [day + time + zone for day in DAYS for time in TIMES for zone in OFFSETS]
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for text in dict.fromkeys(texts):
            if re.search(values.OFFSET, text) and re.search(values.ISO, text):
                assert bool(re.search(patterns.ZONED, text)) == fits(con, text, "TIMESTAMPTZ"), text
            elif re.search(values.ISO, text):
                assert bool(re.search(patterns.MOMENT, text)) == fits(con, text, "TIMESTAMP"), text


def fits(con: duckdb.DuckDBPyConnection, text: str, type_: str) -> bool:
    row = con.execute(f"SELECT try_cast(? AS {type_}) IS NOT NULL", [text]).fetchone()
    assert row is not None
    return bool(row[0])


def test_numbers() -> None:
    """What DuckDB reads as a finite number, but for underscores and two signs, which it passes over."""
    draw = random.Random(0)
    texts = ["".join(draw.choices("0123456789.eE+- d", k=draw.randint(1, 6))) for _ in range(3000)]
    with duckdb.connect() as con:
        for text in [*texts, "nan", "inf", "Infinity", "1e5", " 7 ", "", "1,5", "0x1f", "1f"]:
            row = con.execute("SELECT coalesce(isfinite(try_cast(? AS DOUBLE)), false)", [text]).fetchone()
            assert row is not None
            if not re.search(r"[eE][+-]?\d{3}|[+-][+-]", text):
                assert bool(re.search(patterns.NUMBER, text)) == row[0], text


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("%d/%m/%Y", "5/1/2024", "2024-1-5"),
        ("%Y%m%d", "20240105", "2024-01-05"),
        ("%d.%m.%Y %H:%M", "05.01.2024 7:30", "2024-01-05 7:30"),
        ("%m/%d/%Y %H:%M:%S", "1/5/2024 07:30:59", "2024-1-5 07:30:59"),
    ],
)
def test_forms_of_dates(form: str, text: str, iso: str) -> None:
    pattern, template = patterns.rearranged(form)
    match = re.search(pattern, text)
    assert match
    assert "".join(before + match[group] for group, before in template) == iso
    assert not re.search(pattern, text + "x")


@pytest.mark.parametrize("form", ["%d-%b-%Y", "%d/%m/%y", "%m/%Y", "%d/%m/%Y %H"])
def test_forms_that_others_read_otherwise(form: str) -> None:
    with pytest.raises(UntranslatableError, match="date_format"):
        patterns.rearranged(form)
