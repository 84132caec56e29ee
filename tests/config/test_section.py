"""Reading YAML: every fault is named, with the nearest right key, and none hides another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from salesml.config import Section, read_yaml
from salesml.errors import Fault, UsageError


def section(data: Any) -> tuple[Section, list[Fault]]:
    faults: list[Fault] = []
    return Section(data, "file.yaml:", faults), faults


def test_unknown_key_names_the_nearest() -> None:
    top, faults = section({"horizn_days": 3})
    top.integer("horizon_days", 1)
    top.done()
    assert [fault.code for fault in faults] == ["unknown-key"]
    assert "unknown key 'horizn_days'" in str(faults[0])
    assert "Did you mean 'horizon_days'?" in str(faults[0])


def test_unknown_key_without_a_near_one_lists_the_allowed() -> None:
    top, faults = section({"zzz": 3})
    top.text("task", "")
    top.done()
    assert "Allowed: task" in str(faults[0])


def test_all_faults_come_together() -> None:
    top, faults = section({"a": "x", "b": 1, "c": True, "d": [1, "x"], "e": "soon"})
    top.integer("a")
    top.text("b")
    top.integer("c")
    top.integers("d")
    top.date("e")
    top.text("f")
    assert [fault.code for fault in faults] == ["bad-value"] * 5 + ["missing-key"]
    assert "file.yaml: a is 'x'. It must be a whole number." in str(faults[0])
    assert "lacks the key 'f'" in str(faults[-1])


def test_bounds_and_choices() -> None:
    top, faults = section({"days": 0, "every": "mnth"})
    assert top.integer("days", least=1) == 1
    top.choice("every", ("month", "week"))
    assert "at least 1" in str(faults[0])
    assert "Did you mean 'month'?" in str(faults[1])


def test_numbers_refuses_text() -> None:
    top, faults = section({"gates": {"auc": "high"}})
    top.numbers("gates")
    assert "file.yaml: gates.auc is 'high'. It must be a number." in str(faults[0])


def test_dates_take_one_or_many() -> None:
    top, faults = section({"one": dt.date(2026, 1, 31), "many": ["2026-01-31", dt.date(2026, 2, 1)]})
    assert top.dates("one") == (dt.date(2026, 1, 31),)
    assert top.dates("many") == (dt.date(2026, 1, 31), dt.date(2026, 2, 1))
    assert faults == []


def test_a_place_that_is_no_mapping() -> None:
    _, faults = section([1, 2])
    assert faults[0].code == "not-a-mapping"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("a: 1\na: 2\n", "bad-yaml", "stands twice, again in line 2"),
        ("a: {b: 1, b: 2}\n", "bad-yaml", "'b' stands twice"),
        ("a: [1\n", "bad-yaml", "is not YAML"),
        ("- 1\n- 2\n", "not-a-mapping", "holds a list"),
        ("a: !!python/object/apply:os.getcwd []\n", "bad-yaml", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_refused(tmp_path: Path, text: str, code: str, says: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_yaml(path)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_yaml(tmp_path / "crm.yaml")
    assert "does not exist" in str(caught.value)
    assert "salesml init DIR" in str(caught.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError) as caught:
        read_yaml(path)
    assert caught.value.code == "unreadable-file"
