from __future__ import annotations

import re

import pytest

from salesml.scorecard import told
from salesml.scorecard.figures import VERDICTS
from salesml.scorecard.metric import Base, Metric

METRIC = Metric(
    name="defection", check=1, title="Customers lost", how="", unit="share", good="down", kind="rate",
    base=Base(name="x", sql=""), numerator="n", denominator="d", cases="customer months",
)  # fmt: skip


def said(level: str, verdict: str, *, value: float = 0.02, before: float = 0.015, **row: object) -> str:
    filled = {
        "level": level, "verdict": verdict, "value": value, "before": before, "count": 1200.0,
        "trend_verdict": "same", "lacks": "", "complete": True, **row,
    }  # fmt: skip
    return told.sentence(filled, METRIC, 0.018, "GBP")


def test_the_company_against_the_year_before() -> None:
    assert said("company", "worse") == "2%, 1.5% a year before: worse, by more than chance explains."
    assert said("company", "same") == "2%, 1.5% a year before. A change of this size may be chance."
    assert said("company", "same", before=0.02) == "2%, as a year before."
    assert said("company", "too few") == "Only 1,200 customer months: too few to say anything."


def test_a_real_change_that_is_too_small_to_see_is_called_so() -> None:
    assert said("company", "worse", value=0.0162, before=0.016) == (
        "1.62%, 1.60% a year before: worse by more than chance explains, but too little to see."
    )


def test_what_is_seen_differs_as_it_is_written_and_by_a_fiftieth() -> None:
    assert told.seen(0.0164, 0.016, "share") is False  # a fortieth; both are written 1.6%
    assert told.seen(0.0166, 0.016, "share") is True
    assert told.seen(101.0, 100.0, "money") is False  # written apart, by a hundredth
    assert told.seen(103.0, 100.0, "money") is True
    assert told.seen(0.1, 0.0, "number") is True


def test_a_rep_against_all() -> None:
    assert said("rep", "worse") == "2%, worse than the 1.8% of all reps by more than luck."
    assert said("rep", "luck") == "2%. Reps differ here by no more than luck."
    assert said("team", "same") == "2%. It cannot be told from the 1.8% of all teams."


def test_what_became_of_a_rep_is_said_only_where_it_is_real() -> None:
    assert said("rep", "luck", trend_verdict="better", before=0.04).endswith(
        "It was 4% a year before: better, by more than chance explains."
    )
    assert "year before" not in said("rep", "luck", trend_verdict="same")


def test_what_is_incomplete_is_said_to_be() -> None:
    words = said("company", "incomplete", lacks="no rows of costs in March 2025")
    assert words == (
        "2%. It is not compared with the year before. Incomplete: no rows of costs in March 2025."
    )
    assert said("rep", "luck", complete=False).endswith("was not recorded from its first day to its last.")


NEVER = {
    ("company", "luck"), ("company", "not compared"), ("team", "no year before"), ("rep", "no year before"),
}  # fmt: skip
"""The company has no peers; the verdict of a team or rep is not about time."""

SAID = [
    (level, verdict)
    for level in ("company", "team", "rep")
    for verdict in VERDICTS
    if (level, verdict) not in NEVER
]


@pytest.mark.parametrize(("level", "verdict"), SAID)
def test_every_verdict_is_a_sentence_without_jargon(level: str, verdict: str) -> None:
    words = said(level, verdict)
    assert words.endswith(".")
    assert "{" not in words
    assert not re.search(r"p-value|posterior|significan|variance|null|nan", words, re.IGNORECASE)
    assert verdict in told.VERDICTS


def test_two_values_that_read_the_same_get_one_more_figure() -> None:
    assert told.apart(0.0162, 0.0164, "share") == ("1.62%", "1.64%")
    assert told.apart(0.016, 0.016, "share") == ("1.6%", "1.6%")


def test_values_have_units() -> None:
    shown = [told.shown(8.5, unit, "GBP") for unit in ("money", "money per hour", "hours", "times", "number")]
    assert shown == ["£8.50", "£8.50 an hour", "8.5 hours", "8.5 times", "8.5"]


def test_small_shares_keep_two_figures() -> None:
    shown = [told.shown(value, "share") for value in (0.0, 0.0002, 0.0024, 0.0071, 0.015, 0.85)]
    assert shown == ["0%", "below 0.1%", "0.24%", "0.71%", "1.5%", "85%"]


def test_changes_of_shares_are_in_points() -> None:
    assert told.changed(0.0123, "share") == "+1.2 points"
    assert told.changed(-0.0004, "share") == "-0.04 points"
    assert told.changed(-12.0, "money", "EUR") == "-€12"
