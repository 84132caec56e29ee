"""Win rates, answers and stages by hand."""

from __future__ import annotations

import pytest

from salesml.scorecard.checks.outcomes import METRICS
from salesml.scorecard.metric import Metric
from tests.scorecard.prospecting import company, figure


def named(name: str) -> Metric:
    return next(each for each in METRICS if each.name == name)


def test_only_what_had_time_to_be_won_counts():
    assert figure(company(), named("won_in_time")) == (0.25, 80)


def test_whoever_is_not_decided_is_no_loss():
    """20 of 60 decided in time were won; who leaves prospects open has no lower win rate for it."""
    assert figure(company(), named("win_rate")) == (pytest.approx(20 / 60), 60)
    assert figure(company(), named("left_open")) == (0.25, 80)


def test_days_are_those_of_the_won():
    assert figure(company(), named("days_to_win")) == (50, 20)


def test_days_until_the_first_contact():
    assert figure(company(), named("response_days")) == (5, 80)
