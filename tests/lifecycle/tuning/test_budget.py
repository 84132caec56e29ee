"""What the minutes hold: the comparison at the end is set aside before a fold or a trial begins."""

from __future__ import annotations

import pytest

from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.trial import Trial


def trial(number: int, *seconds: float) -> Trial:
    return Trial(number=number, state="complete", chosen={}, learner={}, losses=(0.5,) * len(seconds),
                 seconds=seconds)  # fmt: skip


DEFAULTS, BEST = trial(0, 2.0, 4.0), trial(1, 3.0, 6.0)


def budget(seconds: float) -> Budget:
    return Budget(seconds / 60, seeds=2, growth=1.5, clock=lambda: 0.0)


def test_the_comparison_is_so_many_fits_of_both_on_more_rows() -> None:
    assert budget(60).reserve([DEFAULTS, BEST], BEST) == pytest.approx(1.2 * 2 * 1.5 * (4 + 6))
    assert budget(60).reserve([], None) == 0


@pytest.mark.parametrize(("seconds", "allowed"), [(36 + 3.5, False), (36 + 3.7, True)])
def test_a_fold_must_end_before_what_is_set_aside(seconds: float, allowed: bool) -> None:
    assert budget(seconds).allows_fold(0, [DEFAULTS, BEST], BEST) is allowed


@pytest.mark.parametrize(("seconds", "allowed"), [(36 + 7.4, False), (36 + 7.6, True)])
def test_a_trial_must_end_before_what_is_set_aside(seconds: float, allowed: bool) -> None:
    assert budget(seconds).allows_trial([DEFAULTS, BEST], BEST) is allowed


def test_without_minutes_everything_fits() -> None:
    assert Budget(None).allows_trial([DEFAULTS, BEST], BEST)
