from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from salesml.scorecard.registry import all_tables
from salesml.scorecard.schema import Column, Table, as_arrow, schema
from tests.scorecard.made import tables

DECLARED = Table(
    name="wins",
    meaning="A row for each win",
    columns=(
        Column(name="day", type="date", meaning="When"),
        Column(name="count", type="whole", meaning="How many"),
        Column(name="sure", type="truth", meaning="Whether"),
    ),
)


def test_types_are_those_that_are_declared() -> None:
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2025-01-01"]), "count": [2.0], "sure": [True], "more": ["x"]}
    )
    assert as_arrow(frame, DECLARED).schema.types[:3] == [pa.date32(), pa.int64(), pa.bool_()]


def test_only_what_is_there_is_described() -> None:
    table = as_arrow(pd.DataFrame({"day": pd.to_datetime(["2025-01-01"]), "more": ["x"]}), DECLARED)
    assert [each["name"] for each in schema({"wins": table}, [DECLARED])["wins"]["columns"]] == [
        "day",
        "more",
    ]


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError) as error:
        as_arrow(pd.DataFrame({"count": ["many"]}), DECLARED)
    assert "many" in str(error.value)


def test_the_schema_says_what_each_column_means() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2025-01-01"]), "count": [2], "sure": [True]})
    found = schema({"wins": as_arrow(frame, DECLARED)}, [DECLARED])
    assert found["wins"]["meaning"] == "A row for each win"
    assert found["wins"]["rows"] == 1
    assert found["wins"]["columns"][1] == {"name": "count", "type": "int64", "meaning": "How many"}


@pytest.mark.parametrize("declared", all_tables(), ids=lambda each: each.name)
def test_declarations_say_something_of_every_column(declared: Table) -> None:
    assert declared.meaning
    assert all(column.meaning for column in declared.columns)
    names = [column.name for column in declared.columns]
    assert len(set(names)) == len(names)


def test_tables_have_the_columns_that_are_declared_in_their_order() -> None:
    known = {each.name: each for each in all_tables()}
    for name, table in tables(3).items():
        assert list(as_arrow(table, known[name]).column_names) == [each.name for each in known[name].columns]
