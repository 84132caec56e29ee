"""Every gate: where it passes, where it fails, and what it says."""

from __future__ import annotations

import pytest

from salesml.config import Gates
from salesml.lifecycle.promotion import lines
from salesml.lifecycle.promotion.paired import TOP_VALUE, Compared
from salesml.lifecycle.promotion.ranking import Movement
from salesml.lifecycle.promotion.suspects import Suspect

GATES = Gates(log_loss_gain=0.002, ranking_overlap=0.5)


def gain(value: float, low: float, high: float) -> Compared:
    return Compared(0.5, 0.5 - value, value, low, high)


@pytest.mark.parametrize(
    ("value", "low", "asked", "passed"),
    [
        (0.01, 0.001, 0.002, True),
        (0.01, -0.001, 0.002, False),  # may be chance
        (0.001, 0.0005, 0.002, False),  # real, and of no use
        (0.001, 0.0005, 0.0, True),
        (-0.0005, -0.0015, -0.002, True),  # shown not to be worse by more
        (0.001, -0.003, -0.002, False),
    ],
)
def test_better(value: float, low: float, asked: float, passed: bool) -> None:
    line = lines.better(gain(value, low, 0.02), Gates(log_loss_gain=asked), 0.975)
    assert line.passed is passed
    assert str(line).startswith("passed" if passed else "FAILED")
    assert "with 97.5% confidence" in line.allowed


def test_what_was_measured_is_said_with_its_bounds() -> None:
    line = lines.better(gain(0.0123, 0.0011, 0.0234), GATES, 0.99, judged_before=2)
    assert "Log loss 0.5000, challenger 0.4877: a gain of +0.0123 [+0.0011, +0.0234]" in str(line)
    assert "At least 0.002, and shown to be above 0, with 99.0% confidence; 2 other challengers" in str(line)


@pytest.mark.parametrize(
    ("name", "key", "allowed"),
    [
        ("calibration_error", "calibration_worse", 0.01),
        ("auc", "auc_worse", 0.01),
        (TOP_VALUE, "value_worse", 0.05),
    ],
)
def test_a_guard_stops_what_is_shown_to_be_worse_by_more(name: str, key: str, allowed: float) -> None:
    fine = {each: gain(0, -0.3, 0.3) for each in ("calibration_error", "auc", TOP_VALUE)}
    assert all(line.passed for line in lines.guards(fine, GATES))
    just = fine | {name: gain(-allowed, -2 * allowed, -0.99 * allowed)}
    assert all(line.passed for line in lines.guards(just, GATES))
    worse = fine | {name: gain(-2 * allowed, -3 * allowed, -1.01 * allowed)}
    assert [line.gate for line in lines.guards(worse, GATES) if not line.passed] == [key]


def test_without_values_there_is_no_gate_of_them() -> None:
    found = {each: gain(0, -1, 1) for each in ("calibration_error", "auc")}
    assert [line.gate for line in lines.guards(found, GATES)] == ["calibration_worse", "auc_worse"]


def test_enough_rows_of_either_outcome() -> None:
    assert lines.enough(50, 50, GATES).passed
    assert not lines.enough(49, 1000, GATES).passed
    line = lines.enough(1000, 49, GATES)
    assert "1,000 accounts with the outcome and 49 without it" in str(line)


def test_suspects_are_named() -> None:
    assert lines.suspects([], GATES).passed
    line = lines.suspects([Suspect(("closed_at",), "closed_at tells the outcome.")], GATES)
    assert not line.passed
    assert "closed_at tells the outcome. At most 0 new features" in str(line)


def test_a_list_that_turns_over() -> None:
    assert lines.ranking(Movement(0.6, 0.5, 0.2), GATES).passed
    line = lines.ranking(Movement(0.31, 0.49, 0.2), GATES)
    assert not line.passed
    assert "49% of the champion's top 20% stay in the top (rank correlation of all rows 0.31)" in str(line)


def test_other_reasons() -> None:
    assert lines.reasons(0.5, 0.0, GATES).passed
    line = lines.reasons(0.49, 0.25, GATES)
    assert not line.passed
    assert "agree to 49% (0% is what lots would give, 100% its own order); features that the " in str(line)
    assert "champion does not have make 25% of all contributions" in str(line)


def test_where_the_champion_is_of_no_use_its_order_is_told_and_stops_nobody() -> None:
    moved = Movement(0.1, 0.2, 0.2)
    for line in (lines.ranking(moved, GATES, asked=False), lines.reasons(-0.2, 0.0, GATES, asked=False)):
        assert line.passed
        assert line.value in (0.2, -0.2)
        assert "the champion is not shown to be better than the average rate" in str(line)
