from __future__ import annotations

from salesml.model.names import mismatch


def test_many_names_are_cut_short() -> None:
    fault = mismatch([f"a{n:03}" for n in range(50)], [])
    assert fault is not None
    assert "- and 30 more" in fault.found
    assert fault.count == 50
    assert len(fault.examples) == 5


def test_equal_names_are_no_fault() -> None:
    assert mismatch(["a", "b"], ["a", "b"]) is None
