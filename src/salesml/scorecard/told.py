"""Verdicts as sentences, made of the row they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.scorecard.metric import Metric, Unit
from salesml.words import numbers

SENTENCES = {
    "company": {
        "better": "{now}, {before} a year before: better, and by more than chance explains",
        "worse": "{now}, {before} a year before: worse, and by more than chance explains",
        "higher": "{now}, {before} a year before: higher, and by more than chance explains",
        "lower": "{now}, {before} a year before: lower, and by more than chance explains",
        "same": "{now}, {before} a year before: no more than chance explains",
        "no year before": "{now}; there is no year before to compare with",
        "too few": "{cases}: too few to say anything",
    },
    "peer": {
        "better": "{now}, better than {all} of all {peers} by more than luck",
        "worse": "{now}, worse than {all} of all {peers} by more than luck",
        "higher": "{now}, higher than {all} of all {peers} by more than luck",
        "lower": "{now}, lower than {all} of all {peers} by more than luck",
        "same": "{now}, which {cases} cannot tell from {all} of all {peers}",
        "luck": "{now}; {peers} differ here by no more than luck",
        "not compared": "{now}",
        "too few": "{cases}: too few to say anything",
    },
}


def sentence(row: Mapping[str, Any], metric: Metric, everyone: float, currency: str = "") -> str:
    """The verdict of a row of figures in words.

    Parameters
    ----------
    row : mapping
        Of :func:`salesml.scorecard.figures.figures`.
    metric : Metric
    everyone : float
        The company's value in the same period.
    currency : str
        Of the company's money.
    """
    company = row["level"] == "company"
    template = SENTENCES["company" if company else "peer"][row["verdict"]]
    return template.format(
        now=shown(row["value"], metric.unit, currency),
        before=shown(row["before"], metric.unit, currency),
        all=shown(everyone, metric.unit, currency),
        cases=f"{numbers.count(row['count'])} {metric.cases}",
        peers="teams" if row["level"] == "team" else "reps",
    )


def shown(value: float, unit: Unit, currency: str = "") -> str:
    """A value with its unit."""
    if unit == "share":
        return numbers.percent(value)
    if unit in ("money", "money per hour"):
        return numbers.money(value, currency) + (" an hour" if unit == "money per hour" else "")
    if unit == "days":
        return numbers.days(value)
    if unit == "hours":
        return numbers.hours(value)
    return numbers.ratio(value) if unit == "times" else numbers.number(value)
