from __future__ import annotations

import json

import pytest

from salesml.crm.codes import fault
from salesml.crm.report import Report
from salesml.errors import DataError

ORPHAN = fault("orphan", "1 of 2 ids", table="events.orders", column="who", count=3, examples=["'9'"])
BROKEN = fault("bad-date", "2 rows hold text", table="events.visits", column="at", count=2)
KEY = fault("unknown-key", "crm.yaml has the unknown key 'x'", do="Did you mean 'y'?")


def test_fatal_faults_stand_first_and_counts_last() -> None:
    text = Report.of([ORPHAN, BROKEN, KEY], [("events.orders", 1), ("events.visits", 2000)]).text()
    assert (
        text.index("FATAL: crm.yaml")
        < text.index("FATAL: events.visits")
        < text.index("warning: events.orders")
    )
    assert "[orphan] who: 1 of 2 ids\n      for example '9'\n" in text
    assert "Did you mean 'y'?\n" in text
    assert "Read: events.orders (1 row), events.visits (2,000 rows)" in text
    assert text.splitlines()[-1].startswith(
        "2 fatal faults, 1 warning. Nothing is scored until the fatal ones"
    )


def test_nothing_wrong() -> None:
    report = Report.of([])
    assert not report.fatal
    assert report.text() == "Nothing is wrong."
    report.raise_if_fatal()


def test_a_warning_alone_stops_nothing() -> None:
    report = Report.of([ORPHAN])
    assert not report.fatal
    assert report.summary() == "0 fatal faults, 1 warning."


def test_json_has_a_stable_form() -> None:
    data = json.loads(json.dumps(Report.of([ORPHAN], [("events.orders", 1)]).as_json()))
    assert data == {
        "format": 1,
        "fatal": False,
        "rows": {"events.orders": 1},
        "faults": [
            {
                "code": "orphan", "found": "1 of 2 ids", "allowed": "", "do": "Bring the missing rows",
                "fatal": False, "table": "events.orders", "column": "who", "count": 3, "examples": ["'9'"],
            }
        ],
    }  # fmt: skip


def test_only_fatal_faults_are_raised() -> None:
    with pytest.raises(DataError) as caught:
        Report.of([ORPHAN, BROKEN]).raise_if_fatal()
    assert caught.value.faults == (BROKEN,)
