"""Errors say what was found, what is allowed, what to do, and carry all faults."""

from __future__ import annotations

import copy

from salesml.errors import DataError, Fault, OutsideError, SalesmlError, UsageError

FIRST = Fault(code="one", found="A was found", allowed="B is allowed", do="Do C.")
SECOND = Fault(code="two", found="D was found")


def test_one_fault_reads_as_sentences() -> None:
    assert str(DataError(FIRST)) == "A was found. B is allowed. Do C."


def test_many_faults_are_a_list_with_codes() -> None:
    error = DataError([FIRST, SECOND])
    assert str(error).splitlines()[0] == "2 faults:"
    assert "- [two] D was found." in str(error)
    assert error.code == "one"


def test_exit_codes() -> None:
    assert [kind.exit_code for kind in (SalesmlError, DataError, UsageError, OutsideError)] == [1, 1, 2, 4]


def test_errors_can_be_copied() -> None:
    error = copy.copy(UsageError([FIRST, SECOND]))
    assert error.faults == (FIRST, SECOND)


def test_a_fault_is_plain_data() -> None:
    assert SECOND.as_dict()["code"] == "two"


def test_a_question_needs_no_full_stop() -> None:
    assert str(DataError(Fault(code="one", found="A was found", do="Did you mean 'B'?"))).endswith("'B'?")
