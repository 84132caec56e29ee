"""What executors count adds up to what one look at all rows finds."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from salesml.errors import DataError
from salesml.lifecycle.moved import moved, moved_shares
from salesml.model.level_shares import all_shares
from salesml.scoring.audit import Audit, Finding
from salesml.scoring.spark_counts import Adding, Counted
from tests.scoring.made import bundle, rows


def test_levels_of_batches_are_those_of_all_rows() -> None:
    model = replace(bundle(), level_shares=all_shares(bundle().coding, rows(600, 0), ["industry"]))
    frame = rows(600, 5)
    frame["industry"] = frame["industry"].replace("farming", "Farming ")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    found = Counted(rows=9, noted=9)
    for start in range(0, 600, 70):
        found += Counted.of(table.slice(start, 70), Audit(70, 3, 1, ()), model)
    lines = moved_shares(model, found.shares(model), found.rows - found.noted)
    assert lines == moved(model, table)
    assert "[attribute-moved] industry" in lines[0]
    assert found.audit() == Audit(600, 27, 9, ())


def test_findings_of_all_batches_refuse_together() -> None:
    one = Counted(2, 0, 5, 1, {"number": Finding("number", 2, ("b: x", "c: y"))})
    other = Counted(
        3, 1, 6, 1,
        {"number": Finding("number", 9, ("a: z", "d", "e", "f", "g")), "sum": Finding("sum", 1, ("h: w",))},
    )  # fmt: skip
    both = Adding().addInPlace(Adding().addInPlace(Adding().zero(Counted()), one), other)
    assert both == one + other
    with pytest.raises(DataError) as raised:
        both.audit().refuse()
    assert [(each.code, each.count, each.examples) for each in raised.value.faults] == [
        ("audit-sum", 1, ("h: w",)),
        ("audit-number", 11, ("a: z", "b: x", "c: y", "d", "e")),
    ]
    assert raised.value.faults[1].found == "11 of 11 sentences state what the data do not hold"
