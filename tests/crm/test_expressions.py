from __future__ import annotations

import duckdb
import pytest

from salesml.crm.expressions import compile_expression
from salesml.crm.place import ExpressionError, Kind, Place

COLUMNS = {
    "quantity": "BIGINT", "price": "DOUBLE", "text price": "VARCHAR", "shop": "VARCHAR", "at": "TIMESTAMP",
    "paid": "BOOLEAN", "tags": "VARCHAR[]", "Größe": "VARCHAR", "day": "VARCHAR", "exact": "DECIMAL(10,2)",
}  # fmt: skip
PLACE = Place(COLUMNS, {name: name for name in COLUMNS}, nulls={"shop": ("none",)})
ROW = (
    "SELECT 3::BIGINT AS quantity, 2.5::DOUBLE AS price, '1.25' AS \"text price\", 'North' AS shop, "
    "TIMESTAMP '2024-02-29 10:00:00' AS \"at\", true AS paid, ['a'] AS tags, 'XL' AS \"Größe\", "
    "'2024-03-01' AS \"day\", 9.99::DECIMAL(10,2) AS exact"
)


def run(text: str, want: Kind = "none") -> object:
    compiled = compile_expression(text, PLACE, want)
    with duckdb.connect() as con:
        row = con.execute(f"SELECT {compiled.value.sql('duckdb')} FROM ({ROW})").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quantity * price", 7.5),
        ("QUANTITY*price - 1", 6.5),
        ("(quantity + 1) * (price - 0.5)", 8.0),
        ("quantity - (1 - price)", 4.5),
        ("-quantity", -3.0),
        ("price / 0", None),
        ("quantity % 2", 1.0),
        ('quantity * "text price"', 3.75),
        ('coalesce("text price", 0)', 1.25),
        ("case when shop = 'North' then price else 0 end", 2.5),
        ("case shop when 'South' then 1 else 2 end", 2),
        ("if(paid, price, 0)", 2.5),
        ("abs(-price)", 2.5),
        ("round(price, 0)", 3.0),
        ("greatest(price, quantity)", 3.0),
        ("nullif(quantity, 3)", None),
        ('cast("text price" as decimal(10, 1))', 1.3),
        ("year(at) + month(at) + day(at)", 2055.0),
        ("extract(year from day)", 2024),
        ("exact", 9.99),
    ],
)
def test_numbers(text: str, expected: float | None) -> None:
    value = run(text, "number")
    assert value is None if expected is None else float(str(value)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quantity < 0", False),
        ("shop = 'North' and not paid", False),
        ("shop like 'N%' or paid", True),
        ("shop not like 'N%'", False),
        ("quantity like '3'", True),
        ("shop in ('North', 'South')", True),
        ("shop not in ('North')", False),
        ("quantity between 1 and 3", True),
        ("quantity not between 1 and 3", False),
        ("shop is not null", True),
        ("paid is true", True),
        ("at >= '2024-02-01'", True),
        ("day > at", True),
        ("day < date '2024-01-01'", False),
        ("left(shop, 2) || right(shop, 1) || substr(shop, -2, 1) = 'Noht'", True),
        ("starts_with(lower(shop), 'nor')", True),
        ("trim(shop) || '!' = 'North!'", True),
        ("\"Größe\" = 'XL'", True),
        ("quantity is distinct from 3", False),
        ("'2' < \"text price\"", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert run(text, "boolean") is expected


@pytest.mark.parametrize(
    ("text", "want", "code", "words"),
    [
        ("quantity *", "number", "bad-expression", "is not an SQL expression"),
        ("", "number", "bad-expression", "0 expressions"),
        ("1; drop table x", "number", "bad-expression", "2 expressions"),
        ("(" * 3000 + "1" + ")" * 900, "number", "bad-expression", ""),
        ("(" * 1500 + "1" + ")" * 1500, "number", "bad-expression", ""),
        ("1e400", "number", "bad-expression", "finite"),
        ("(select 1)", "number", "not-a-row-expression", "subquery"),
        ("select 1", "number", "not-a-row-expression", "subquery"),
        ("quantity in (select 1)", "boolean", "not-a-row-expression", "looks elsewhere"),
        ("exists (select 1)", "boolean", "not-a-row-expression", "subquery"),
        ("sum(quantity)", "number", "not-a-row-expression", "sums up several rows"),
        ("sum(quantity) over ()", "number", "not-a-row-expression", "window"),
        ("row_number() over (order by at)", "number", "not-a-row-expression", "window"),
        ("*", "number", "not-a-row-expression", "all columns"),
        ("columns('.*')", "number", "not-a-row-expression", "columns"),
        ("read_text('/etc/passwd')", "number", "not-a-row-expression", "read_text"),
        ("getenv('HOME')", "number", "not-a-row-expression", "getenv"),
        ("current_setting('threads')", "number", "not-a-row-expression", "current_setting"),
        ("current_date > at", "boolean", "not-a-row-expression", "current_date"),
        ("random() > 0.5", "boolean", "not-a-row-expression", "rand"),
        ("now() > at", "boolean", "not-a-row-expression", "function now"),
        ("list_transform(tags, x -> x)", "number", "not-a-row-expression", "function"),
        ("orders.quantity", "number", "not-a-row-expression", "names a table"),
        ("$1", "number", "not-a-row-expression", "plain row expression"),
        ("?", "number", "not-a-row-expression", "plain row expression"),
        ("cast(shop as blob)", "text", "not-a-row-expression", "casts to"),
        ("quantiti * 2", "number", "missing-column", "'quantiti'"),
        ('"quantity""; drop table x; --" * 2', "number", "missing-column", "drop table"),
        ("shop * at", "number", "wrong-type", "is a date where a number is needed"),
        ("quantity", "boolean", "wrong-type", "a number where true or false is needed"),
        ("paid", "number", "wrong-type", "true or false where a number is needed"),
        ("quantity > 'many'", "boolean", "wrong-type", "text where a number is needed"),
        ("left(shop, -quantity) = 'x'", "boolean", "wrong-type", "must be a small whole number"),
        ("substring(shop, 1, 99999999999999)", "text", "wrong-type", "small whole number"),
        ("lower(shop)", "number", "wrong-type", "'LOWER(shop)' is text where a number is needed"),
        ("at > 'yesterday'", "boolean", "wrong-type", "is not a date"),
        ("tags = 'a'", "boolean", "wrong-type", "VARCHAR[]"),
        ("pragma version", "number", "", ""),
        ("attach 'x.db'", "number", "", ""),
        ("copy x to 'y'", "number", "", ""),
    ],
)
def test_refusals(text: str, want: Kind, code: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, PLACE, want)
    assert caught.value.code == (code or caught.value.code)
    assert words.lower() in caught.value.found.lower()


def test_the_nearest_column_is_named() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("quantiti * 2", PLACE, "number")
    assert caught.value.allowed == "Did you mean 'quantity'?"


def test_words_for_none_are_null() -> None:
    compiled = compile_expression("shop is null", PLACE, "boolean")
    with duckdb.connect() as con:
        assert con.execute(
            f"SELECT {compiled.value.sql('duckdb')} FROM (SELECT 'none' AS shop)"
        ).fetchone() == (True,)


def test_text_columns_read_as_numbers_are_remembered() -> None:
    compiled = compile_expression('"text price" * quantity', PLACE, "number")
    assert compiled.texts == (("text price", "number"),)
    assert compile_expression("quantity * price", PLACE, "number").texts == ()
    assert compile_expression("day > '2024-01-01'", PLACE, "boolean").texts == (("day", "date"),)


def test_an_overflow_is_infinite_instead_of_an_error() -> None:
    compiled = compile_expression("quantity * quantity * price", PLACE, "number")
    with duckdb.connect() as con:
        query = (
            f"SELECT {compiled.value.sql('duckdb')} FROM (SELECT 9e18::BIGINT AS quantity, 1e300 AS price)"
        )
        assert con.execute(query).fetchone() == (float("inf"),)
