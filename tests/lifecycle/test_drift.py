"""What is not as in training is told as a diff, counted over chunks as over the whole."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyarrow as pa

from salesml.lifecycle.drift import LevelCounts, schema_diff
from salesml.lifecycle.moved import moved
from salesml.model.level_shares import all_shares
from tests.scoring.made import bundle, rows


def schema(**changed: pa.DataType | None) -> pa.Schema:
    table = pa.Table.from_pandas(rows(20, 1), preserve_index=False)
    fields = {field.name: field.type for field in table.schema}
    fields |= changed
    return pa.schema([(name, kind) for name, kind in fields.items() if kind is not None])


def test_nothing_to_tell() -> None:
    assert schema_diff(bundle(), schema()) == []


def test_gone_new_and_of_another_type() -> None:
    found = schema(recency=None, plan=pa.string(), orders_30=pa.string(), joined=pa.date32())
    assert schema_diff(bundle(), found, ["plan_id"]) == [
        "- recency (number): the model needs it",
        "+ plan (category): the model does not know it",
        "+ joined (date): the model does not know it",
        "~ orders_30: number in training, category now",
    ]
    assert schema_diff(bundle(), schema(industry=pa.date32())) == [
        "~ industry: category in training, date now"
    ]


def test_what_is_read_as_before_is_no_change() -> None:
    found = schema(
        recency=pa.int32(), orders_30=pa.decimal128(9, 2), revenue_90=pa.null(),
        industry=pa.dictionary(pa.int8(), pa.string()), customer=pa.string(),
    )  # fmt: skip
    assert schema_diff(bundle(), found, ["customer"]) == []


def test_moved_levels_are_the_same_over_chunks() -> None:
    model = replace(bundle(), level_shares=all_shares(bundle().coding, rows(600, 0), ["industry"]))
    frame = rows(600, 5)
    frame["industry"] = frame["industry"].replace("farming", "Farming ")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    counts = LevelCounts(model)
    for start in range(0, 600, 70):
        counts.add(table.slice(start, 70))
    (line,) = counts.lines()
    assert "[attribute-moved] industry is not spread as in training" in line
    assert [line] == moved(model, table)
    same = LevelCounts(model)
    same.add(pa.Table.from_pandas(rows(600, 0), preserve_index=False))
    assert same.lines() == []


def test_a_column_that_is_not_there_is_not_counted() -> None:
    model = replace(bundle(), level_shares=all_shares(bundle().coding, rows(600, 0), ["industry"]))
    counts = LevelCounts(model)
    counts.add(pa.Table.from_pandas(pd.DataFrame({"recency": [1.0]})))
    assert counts.lines() == []
