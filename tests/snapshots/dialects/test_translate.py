"""What the rules write, and what they refuse."""

from __future__ import annotations

import pytest
import sqlglot

from salesml.snapshots.dialects import DIALECTS, to_sql, translate
from salesml.snapshots.dialects.refusal import UntranslatableError

TABLES = {"t": {"x": "double", "n": "whole", "s": "text", "d": "date", "e": "date", "z": "timestamptz"}}


def written(expression: str, dialect: str) -> str:
    tree = sqlglot.parse_one(f"SELECT {expression} AS made FROM t", read="duckdb")
    sql = to_sql(translate(tree, dialect, TABLES), dialect)  # type: ignore[arg-type]
    return sql.removeprefix("SELECT ").rpartition(" AS ")[0]


@pytest.mark.parametrize(
    ("expression", "dialect", "sql"),
    [
        ("datediff('day', d, e)", "spark", "CAST(DATEDIFF(CAST(`e` AS DATE), CAST(`d` AS DATE)) AS BIGINT)"),
        ("datediff('day', d, e)", "postgres", 'CAST((CAST("e" AS DATE) - CAST("d" AS DATE)) AS BIGINT)'),
        ("datediff('day', d, e)", "snowflake", 'DATEDIFF(DAY, "d", "e")'),
        ("datediff('day', d, e)", "bigquery", "DATE_DIFF(`e`, `d`, DAY)"),
        ("greatest(x, n)", "spark", "GREATEST(`x`, `n`)"),
        (
            "greatest(x, n)", "snowflake",
            'CASE WHEN "x" IS NULL THEN "n" WHEN "n" IS NULL THEN "x" ELSE GREATEST("x", "n") END',
        ),
        ("regexp_matches(s, 'a')", "snowflake", "REGEXP_INSTR(\"s\", 'a') > 0"),
        ("contains(s, '%')", "bigquery", "STRPOS(`s`, '%') > 0"),
        ("lower(s)", "postgres", 'LOWER(("s") COLLATE "und-x-icu")'),
        ("s < 'a'", "postgres", "(\"s\") COLLATE \"C\" < ('a') COLLATE \"C\""),
        ("trim(s)", "bigquery", "TRIM(`s`, ' ')"),
        ("ends_with(s, 'a')", "postgres", "RIGHT(\"s\", LENGTH('a')) = 'a'"),
        (
            "count_if(n > 1)", "postgres",
            'SUM(CASE WHEN "n" > 1 THEN 1 ELSE CASE WHEN NOT ("n" > 1) IS NULL THEN 0 END END)',
        ),
        (
            "avg(n)", "spark",
            "(CAST(SUM(`n`) AS DOUBLE) / NULLIF(CAST(COUNT(`n`) AS DOUBLE), 0))",
        ),
        ("z AT TIME ZONE 'Asia/Tokyo'", "bigquery", "DATETIME(`z`, 'Asia/Tokyo')"),
        ("z AT TIME ZONE 'Asia/Tokyo'", "postgres", "\"z\" AT TIME ZONE 'Asia/Tokyo'"),
    ],
)  # fmt: skip
def test_written(expression: str, dialect: str, sql: str) -> None:
    assert written(expression, dialect) == sql


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("median(x)", "the function median"),
        ("random()", "the function rand"),
        ("soundex(s)", "the function soundex"),
        ("s LIKE '100\\%'", "LIKE with a backslash"),
        ("left(s, -1)", "positions are not all from 0 on"),
        ("substring(s, 0, 2)", "positions are not all from 1 on"),
        ("datediff('month', d, e)", "datediff in month"),
        ("n // 2", "// of whole numbers"),
        ("cast(x AS INTEGER)", "a cast of fractions to whole numbers"),
        ("cast(x AS VARCHAR)", "a cast of fractions to text"),
        ("extract(dow FROM d)", "extract(dow"),
    ],
)
def test_refused(expression: str, words: str, dialect: str) -> None:
    with pytest.raises(UntranslatableError) as caught:
        written(expression, dialect)
    assert words in caught.value.found


def test_names_are_in_quotes_and_small_letters() -> None:
    """Reserved words differ; DuckDB does not tell capitals from small letters in bare names."""
    assert written("X + N", "postgres") == '"x" + "n"'


def test_steps_of_one_name_in_two_subqueries_do_not_meet() -> None:
    step = "(WITH s AS (SELECT {} AS n) SELECT n FROM s)"
    both = f"SELECT * FROM {step.format(1)} AS a UNION ALL SELECT * FROM {step.format(2)} AS b"
    found = to_sql(translate(sqlglot.parse_one(both, read="duckdb"), "spark", {}), "spark")
    assert found.startswith("SELECT * FROM (WITH")
    assert found.count("WITH `s` AS") + found.count("WITH s AS") == 2
