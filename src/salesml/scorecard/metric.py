"""What a metric is: the one place from which tables, report and docs take its name, formula and unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rate", "share", "ratio", "sum", "count", "price"]
"""``rate``: cases among trials, each trial a case or not. ``share``: the same of trials that weigh
differently, such as customers by their margin. ``ratio``: a sum over another sum, or a mean. ``count``: cases
over a time that is given in the same rows. ``sum``: an amount, or one over another that is given, such as a
target; what is given stands in rows of its own. ``price``: what is given, such as a salary, over cases that
chance brings; it, too, stands in rows of its own."""

Unit = Literal["share", "money", "money per hour", "number", "days", "hours", "times"]

Good = Literal["up", "down", ""]

CHECKS = {
    1: "Customers are kept",
    2: "New customers resemble the ideal one",
    3: "They come steadily",
    4: "Selling costs less each year",
    5: "An hour's worth is known",
    6: "Outcomes, not activity",
    7: "The meeting brief",
}
"""The seven things that make selling productive."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """Rows that metrics sum: who did what for whom, when, in numbers.

    Parameters
    ----------
    name : str
    sql : str
        A SELECT over the facts. Its columns are ``rep``, ``unit`` (what is resampled: an account, a
        prospect), either ``month`` (the first day of one) or ``kind`` and ``start`` of a period, and the
        numbers.
    needs : tuple of str
        What the company's tables must have: ``table`` or ``table.key`` of crm.yaml.
    ripens : int
        Days until what becomes of a row is known; younger ones do not count, so that a period is whole so
        many days after its end.
    independent : bool
        Whether units of one rep say nothing of one another. Months of a rep do: the book is the same. There,
        reps are not held against luck, since nothing says how much of a difference it is.
    """

    name: str
    sql: str
    needs: tuple[str, ...] = ()
    ripens: int = 0
    looks_back: int = 0
    independent: bool = True


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of the scorecard, for the company, each team and each rep.

    Parameters
    ----------
    name : str
        Its key in every table.
    check : int
        Which of the seven it belongs to.
    title : str
        As a manager reads it.
    how : str
        One sentence: how it is computed.
    unit : str
    good : str
        Whether it should go up or down; empty where neither is good in itself.
    kind : str
        How its interval is found.
    base : Base
    numerator : str
        A column of the base.
    denominator : str
        A column of the base; empty for sums and counts.
    cases : str
        What is counted behind it: ``accounts``.
    least : int
        Below so many cases nothing is said of it.
    """

    name: str
    check: int
    title: str
    how: str
    unit: Unit
    good: Good
    kind: Kind
    base: Base
    numerator: str
    denominator: str = ""
    cases: str = "accounts"
    least: int = 10
