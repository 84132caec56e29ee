"""Verdicts as sentences that a manager would say, made of the row they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from salesml.scorecard.metric import Metric, Unit
from salesml.words import numbers

COMPANY = {
    "better": "{now}, {before} a year before: better, by more than chance explains.",
    "worse": "{now}, {before} a year before: worse, by more than chance explains.",
    "higher": "{now}, {before} a year before: higher, by more than chance explains.",
    "lower": "{now}, {before} a year before: lower, by more than chance explains.",
    "same": "{now}, {before} a year before. A change of this size may be chance.",
    "no year before": "{now}. There is no year before to compare with.",
    "too few": "Only {cases}: too few to say anything.",
    "incomplete": "{now}. It is not compared with the year before.",
}

UNCHANGED = "{now}, as a year before."

UNSEEN = "{now}, {before} a year before: {verdict} by more than chance explains, but too little to see."

SEEN = 0.02
"""A change of less than this share of the figure of the year before is not told as a change."""

PEER = {
    "better": "{now}, better than the {all} of all {peers} by more than luck.",
    "worse": "{now}, worse than the {all} of all {peers} by more than luck.",
    "higher": "{now}, higher than the {all} of all {peers} by more than luck.",
    "lower": "{now}, lower than the {all} of all {peers} by more than luck.",
    "same": "{now}. It cannot be told from the {all} of all {peers}.",
    "luck": "{now}. {Peers} differ here by no more than luck.",
    "not compared": "{now}.",
    "too few": "Only {cases}: too few to say anything.",
    "incomplete": "{now}.",
}

SINCE = {
    "better": " It was {before} a year before: better, by more than chance explains.",
    "worse": " It was {before} a year before: worse, by more than chance explains.",
    "higher": " It was {before} a year before: higher, by more than chance explains.",
    "lower": " It was {before} a year before: lower, by more than chance explains.",
}

CHANGED = ("better", "worse", "higher", "lower")
"""Verdicts of a change that is real."""

LACKS = " Incomplete: {lacks}."

NOT_OVER = " The period was not recorded from its first day to its last."

ACTS = {
    1: "Ask why the largest customers lost have left, and call the best ones at risk this week.",
    2: "Hold prospects against the ideal customer before more hours go into them.",
    3: "Start filling the months ahead now: prospects begun later come too late for them.",
    4: "Look at which kind of cost has grown for the same customers.",
    5: "Move hours from what returns least to what returns most, a few at a time.",
    6: "Talk about the stage at which prospects or time are lost, not about numbers of calls.",
    7: "Try one practice with a few reps, and look again in a quarter.",
}
"""What to do where a check got worse."""

ASK = "Ask {names} how they do it (better in: {title})."
"""Where reps are really better than all."""

LACKING = {
    "scores": "scores of the model {rest} (option --scores)",
    "expected": "a backtest of the churn model (salesml backtest)",
    "feedback": "answers of reps (salesml feedback export, as feedback in crm.yaml)",
    "revenue": "revenue in crm.yaml",
    "margin": "margin in crm.yaml",
}
"""What a metric or a table may lack, but for tables of crm.yaml."""

VERDICTS = {
    "better": "better",
    "worse": "worse",
    "higher": "higher",
    "lower": "lower",
    "same": "may be chance",
    "luck": "luck",
    "not compared": "not compared",
    "too few": "too few cases",
    "no year before": "no year before",
    "incomplete": "incomplete",
    "missing": "not computed",
    "told": "see below",
}
"""Verdicts in a word or two, as labels."""


def sentence(row: Mapping[str, Any], metric: Metric, everyone: float, currency: str = "") -> str:
    """The verdict of a row of figures in words.

    Parameters
    ----------
    row : mapping
        Of the table ``figures``.
    metric : Metric
    everyone : float
        The company's value in the same period.
    currency : str
        Of the company's money.
    """
    company = row["level"] == "company"
    peers = "teams" if row["level"] == "team" else "reps"
    now, before = apart(row["value"], row["before"], metric.unit, currency)
    words = (COMPANY if company else PEER)[row["verdict"]]
    if company and row["verdict"] == "same" and now == before:
        words = UNCHANGED
    if company and row["verdict"] in CHANGED and not seen(row["value"], row["before"], metric.unit):
        words = UNSEEN
    if not company and row["verdict"] != "too few":
        words += SINCE.get(row["trend_verdict"], "")
    if row.get("lacks"):
        words += LACKS
    elif not row.get("complete", True):
        words += NOT_OVER
    return words.format(
        now=now,
        before=before,
        verdict=row["verdict"],
        all=shown(everyone, metric.unit, currency),
        cases=f"{numbers.count(row['count'])} {metric.cases}",
        peers=peers,
        Peers=peers.capitalize(),
        lacks=row.get("lacks"),
    )


def lacking(needs: Iterable[str]) -> str:
    """What is asked for, in words: ``prospects in crm.yaml and a backtest …``."""
    words = []
    for need in needs:
        first, _, rest = need.partition(".")
        words.append(LACKING.get(first, f"{need} in crm.yaml").format(rest=rest))
    return " and ".join(dict.fromkeys(words))


def seen(now: float, before: float, unit: str) -> bool:
    """Whether a change is of a size that one sees.

    Both values must differ as they are written, and by at least a fiftieth of the earlier one.
    """
    return abs(now - before) >= SEEN * abs(before) and shown(now, unit) != shown(before, unit)


def apart(now: float, before: float, unit: Unit, currency: str = "") -> tuple[str, str]:
    """Two values, with one more figure where they would read the same and are not."""
    texts = shown(now, unit, currency), shown(before, unit, currency)
    if unit == "share" and texts[0] == texts[1] and now != before:
        return _finer(now), _finer(before)
    return texts


def shown(value: float, unit: str, currency: str = "") -> str:
    """A value with its unit."""
    if unit == "share":
        return _share(value)
    if unit in ("money", "money per hour"):
        return numbers.money(value, currency) + (" an hour" if unit == "money per hour" else "")
    if unit == "days":
        return numbers.days(value)
    if unit == "hours":
        return numbers.hours(value)
    return numbers.ratio(value) if unit == "times" else numbers.number(value)


def changed(value: float, unit: str, currency: str = "") -> str:
    """A change with its sign; of shares in percentage points."""
    sign = "+" if value > 0 else ""
    if unit == "share":
        points = round(100 * value, 1 if abs(value) >= 0.001 else 2)
        return f"{sign}{numbers.number(points)} points"
    if unit == "number":
        return sign + numbers.number(value, 2)
    return sign + shown(value, unit, currency)


def _share(value: float) -> str:
    """In per cent; with two decimals where one would leave a single figure."""
    small = 0.0005 <= abs(value) < 0.00995
    return f"{numbers.number(round(100 * value, 2), 2)}%" if small else numbers.percent(value)


def _finer(value: float) -> str:
    text = f"{100 * value:.2f}%"
    return text if text != "0.00%" else numbers.percent(value)
