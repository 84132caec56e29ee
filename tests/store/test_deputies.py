"""Who stands in for whom."""

from __future__ import annotations

import datetime as dt

import pytest

from salesml.errors import DataError
from salesml.store.audit import entries
from salesml.store.deputies import appoint, end, listed
from salesml.store.engine import Store
from tests.store.company import company, rep

DAY = dt.date(2026, 3, 10)


def test_a_deputy_is_appointed_and_ended_and_both_are_kept(store: Store) -> None:
    company(store, rep("R1"), rep("R2"))
    number = appoint(store, "R1", "R2", DAY, DAY, by="root")
    [line] = listed(store)
    assert (line.id, line.rep_id, line.deputy_id, line.starts_on, line.by) == (
        number,
        "R1",
        "R2",
        DAY,
        "root",
    )
    assert line.ended_at is None
    end(store, number, by="ana")
    assert listed(store)[0].ended_at is not None
    told = [(each.by, each.what, each.about) for each in entries(store)]
    assert told == [
        ("root", "appointed-deputy", f"deputy:{number}"),
        ("ana", "ended-deputy", f"deputy:{number}"),
    ]
    with pytest.raises(DataError) as error:
        end(store, number, by="ana")
    assert error.value.code == "no-deputy"
    assert f"under the number {number}, or it was ended already" in str(error.value)


def test_all_that_is_wrong_is_said_together(store: Store) -> None:
    company(store, rep("R1"))
    with pytest.raises(DataError) as error:
        appoint(store, "R9", "R9", DAY, DAY - dt.timedelta(days=1), by="root")
    assert [fault.code for fault in error.value.faults] == ["no-rep", "bad-deputy", "bad-dates"]
    assert "It would end on 2026-03-09, before 2026-03-10, when it begins" in str(error.value)
    assert listed(store) == []
