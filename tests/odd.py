"""Tables of odd values, and expressions of crm.yaml over them, for one engine against another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from salesml.crm import CRM

UTC = dt.UTC

NUMBERS = [
    0.0, -0.0, 1.0000005, -1.0000005, 2.5, -2.5, 0.1 + 0.2, 1.005, 123456789.1234565, 7.5, -7.5, 1e-7, 5e-7,
    999999999999.9999, 1e12, 1e20, float("nan"), float("inf"), float("-inf"), None, 1 / 3, 8589934592.1000005,
]  # fmt: skip
TEXTS = [
    "1.5", " 1.5 ", "1d", "1e3", "nan", "inf", "", "  ", None, "1,5", "0x10", ".5", "5.", "+7", "1.2345675",
    "-1.2345675", "äÖ€😀", "A%b", "abc", "ABC", "007", "9" * 40,
]  # fmt: skip
MOMENTS = [dt.datetime(2024, 1 + n % 12, 1 + n, 23, 30, n, 5000 * n) for n in range(22)]

MEASURES = {
    "plain": "d", "tripled": "d * 3", "quotient": "d / i", "rest": "i % 7", "halved": "d // 2",
    "rounded": "round(d, 2)", "hundreds": "round(d, -2)", "nearest": "round(d)", "cut": "floor(d) + ceil(d)",
    "size": "abs(-d)", "text": "t", "text_twice": "t * 2", "length": "length(t)", "money": "m",
    "money_third": "m / 3", "most": "greatest(d, i, m)", "least": "least(d, i)",
    "filled": "coalesce(d, 0) + i",
    "none": "nullif(i, 3)", "years": "year(s) * 10000 + month(s) * 100 + day(s)", "zoned": "day(z)",
    "flag": "case when b then 1 else 0 end", "starts": "case when starts_with(t, '1') then 1 end",
    "ends": "case when ends_with(t, '5') then 1 end", "holds": "case when contains(t, '%') then 1 end",
    "like": "case when t like 'A%' then 1 end", "alike": "case when t ilike 'a_c' then 1 end",
    "parts": "case when left(t, 1) || right(t, 1) = 'ac' then length(substring(t, 2, 1)) end",
    "trimmed": "length(trim(t))", "lower": "case when lower(t) = upper(t) then 1 end",
    "same": "case when t is not distinct from null then 1 else 0 end",
    "between": "case when d between 0 and 10 then 1 end", "among": "case when t in ('abc', 'ABC') then i end",
    "later": "case when s > '2024-06-01' then 1 end", "decimal": "cast(t as decimal(18, 6))",
    "small": "case when lower(t) = 'äö€😀' then 1 else 0 end",
    "before": "case when t < 'a' then 1 else 0 end",
    "replaced": "length(replace(t, 'b', 'xyz'))",
}  # fmt: skip


def odd_crm(folder: Path) -> CRM:
    """Typed values in Parquet, texts in CSV, dates of several forms."""
    size = len(NUMBERS)
    columns: dict[str, Any] = {
        "key": pa.array([f"{number:03d}" for number in range(size)]),
        "d": pa.array(NUMBERS, pa.float64()),
        "t": pa.array(TEXTS, pa.string()),
        "i": pa.array([number - 3 for number in range(size)], pa.int64()),
        "m": pa.array([Decimal(number * 37 - 100) / 1000 for number in range(size)], pa.decimal128(12, 3)),
        "b": pa.array([None, True, False] * 8, pa.bool_())[:size],
        "s": pa.array(MOMENTS, pa.timestamp("us")),
        "z": pa.array([each.replace(tzinfo=UTC) for each in MOMENTS], pa.timestamp("us", "UTC")),
        "f": pa.array([float(number) for number in range(size - 2)] + [17.5, float("nan")], pa.float64()),
    }
    pq.write_table(pa.table(columns), folder / "things.parquet")
    _write_texts(folder)
    log = {"source": "things.parquet", "id": "key", "measures": MEASURES, "categories": ["t", "b", "i"]}
    contract = {
        "version": 1,
        "timezone": "Europe/London",
        "accounts": {
            "source": "things.parquet", "id": "f", "acquired_at": "s",
            "attributes": ["d", "t", "i", "b", "z"],
        },
        "events": {
            "typed": {**log, "account": "f", "at": "z", "known_at": "s", "where": "d is not null or b"},
            "texts": {
                "source": "texts.csv", "account": "who", "at": "iso", "id": "key",
                "measures": {"n": "n", "twice": "n * 2"}, "null_values": {"n": ["none"]},
            },
            "slashes": {
                "source": "texts.csv", "account": "who", "at": "slashed", "id": "key",
                "date_format": "%d/%m/%Y",
            },
        },
    }  # fmt: skip
    (folder / "crm.yaml").write_text(yaml.safe_dump(contract))
    return CRM.open(folder / "crm.yaml")


def _write_texts(folder: Path) -> None:
    rows = [
        ("2024-01-05", "05/01/2024", "1.5", "a"), ("2024-1-5", "5/1/2024", "none", "007"),
        ("2024-02-30", "31/02/2024", "1e3", " b"), ("2024-01-05 10:00", "29/02/2024", "x", "a"),
        ("2024-07-01T23:30:00Z", "29/02/2023", "", "a"), ("2024-07-01 23:30:00+05:30", "1/13/2024", "5", "a"),
        ("2024-07-01 23:30:00.25 -0100", "01-02-2024", "6", "a"), ("n/a", "", "7", ""),
        (" 2024-03-09 ", " 9/3/2024", "8", "1.0"), ("2024-01-05 25:00", "9/3/2024 x", "9", "ä"),
    ]  # fmt: skip
    lines = [f"{number:03d}," + ",".join(row) for number, row in enumerate(rows)]
    (folder / "texts.csv").write_text("\n".join(["key,iso,slashed,n,who", *lines]) + "\n", encoding="utf-8")


RELATIONS = {"accounts": "id", "events_typed": "event_id", "events_texts": "event_id",
             "events_slashes": "event_id"}  # fmt: skip
"""The canonical relations and what their rows are put in order by."""


def in_duckdb(crm: CRM, relation: str) -> list[dict[str, Any]]:
    """The rows of a relation as DuckDB makes them."""
    with crm.connect() as con:
        order = f'"{RELATIONS[relation]}"'
        rows: list[dict[str, Any]] = (
            con.sql(f'SELECT * FROM "{relation}" ORDER BY {order} NULLS LAST').to_arrow_table().to_pylist()
        )
    return rows
