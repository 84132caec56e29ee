"""One table of all dates, the same whichever dates are asked together, and labels as known then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.errors import DataError
from salesml.lifecycle.backtest.collect import NOT_KNOWN, Late, collect
from salesml.lifecycle.backtest.plan import Plan, Turn
from salesml.lifecycle.rows import rows_of
from salesml.model import evaluate
from salesml.snapshots import take
from tests.snapshots.company import crm_of, day, order, spec_of
from tests.test_leakage import LABELS, OWN, as_bytes, company


def at(table: pa.Table, number: int) -> pa.Table:
    return table.filter(pc.equal(table["as_of"], pa.scalar(day(number), pa.date32())))


def exactly(table: pa.Table) -> bytes:
    """The table as bytes, without what a filter leaves where nothing stands."""
    return as_bytes(pa.Table.from_pydict(table.to_pydict(), schema=table.schema))


@pytest.mark.parametrize("label", LABELS)
def test_a_date_is_the_same_whichever_others_are_asked(tmp_path: Path, label: str) -> None:
    spec = spec_of(
        tmp_path, label=LABELS[label], features=OWN, windows_days=[7, 30, 60], value="orders.revenue"
    )
    crm = crm_of(tmp_path, company(), observed_until=str(day(130)))
    together = take(spec, crm, [day(number) for number in (50, 60, 77, 100)])
    for number in (60, 77):
        alone = take(spec, crm, [day(number)])
        assert alone.table.num_rows > 5
        assert alone.features == together.features
        assert exactly(at(together.table, number)) == exactly(alone.table)


def test_dates_without_an_outcome_stand_in_the_same_table(tmp_path: Path) -> None:
    spec, crm = spec_of(tmp_path), crm_of(tmp_path, company())
    plan = Plan((Turn(day(80), (day(60),), True), Turn(day(120), (day(60), day(80)), False)), 20)
    with crm.connect() as con:
        snapshot = collect(spec, crm, plan, con)
    labels = {number: set(at(snapshot.table, number)["label"].to_pylist()) for number in (60, 80, 120)}
    assert labels[60] | labels[80] <= {0, 1}
    assert labels[120] == {NOT_KNOWN}
    alone = take(spec, crm, [day(120)], labels=False).table
    assert exactly(at(snapshot.table, 120).drop_columns("label")) == exactly(alone)


def test_an_outcome_that_is_not_known_cannot_be_measured(tmp_path: Path) -> None:
    spec, crm = spec_of(tmp_path), crm_of(tmp_path, company())
    plan = Plan((Turn(day(120), (day(60),), False),), 20)
    with crm.connect() as con:
        rows = rows_of(collect(spec, crm, plan, con), [day(120)])
    with pytest.raises(DataError) as caught:
        evaluate(rows.y, np.full(len(rows), 0.5))
    assert "other values than 0 and 1" in str(caught.value)


def test_labels_are_learned_as_they_were_known(tmp_path: Path) -> None:
    """`stays` ordered within the horizon of day 40, but that was known only from day 70 on."""
    orders = [order("goes", 30), order("stays", 30), order("stays", 50, late=20), order("other", 30)]
    orders += [order("other", 50), *(order("shop", n) for n in range(100))]
    spec, crm = spec_of(tmp_path), crm_of(tmp_path, {"orders": orders})
    turns = tuple(Turn(day(n), (day(40),), True) for n in (60, 70, 71))
    with crm.connect() as con:
        snapshot = collect(spec, crm, Plan(turns, 20), con)
        late = Late.of(spec, crm, Plan(turns, 20), con)
    rows = rows_of(snapshot, [day(40)])
    today = dict(zip(rows.entity, rows.y.tolist(), strict=True))
    assert today == {"goes": 1, "other": 0, "shop": 0, "stays": 0}
    for number, label in ((60, 1), (70, 1), (71, 0)):
        then = late.as_known(rows, day(number))
        assert dict(zip(then.entity, then.y.tolist(), strict=True)) == {**today, "stays": label}


def test_a_log_without_arrivals_is_not_asked(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", n) for n in range(100)]}, orders={"known_at": ""})
    spec = spec_of(tmp_path)
    with crm.connect() as con:
        assert Late.of(spec, crm, Plan((Turn(day(60), (day(40),), True),), 20), con).first_known == {}
