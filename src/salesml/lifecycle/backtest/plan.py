"""Which dates a backtest predicts for, and from which earlier dates each model may learn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count, takewhile
from typing import Literal

from salesml.config import Spec
from salesml.config.spec import AsOfRule
from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError
from salesml.snapshots.check import check_dated, check_spec
from salesml.snapshots.plan import history_days, observed
from salesml.windows import Split, Window, horizon, step_back

Every = Literal["month", "week"]

MOST = 12
"""Dates with a known outcome that are taken when nobody says how many."""


@dataclass(frozen=True)
class Turn:
    """One date of a backtest.

    Parameters
    ----------
    as_of : datetime.date
        The date that is predicted for.
    train : tuple of datetime.date
        The dates that the model learns from: their labels were known at ``as_of``.
    ripe : bool
        Whether the outcome is known today.
    """

    as_of: dt.date
    train: tuple[dt.date, ...]
    ripe: bool


@dataclass(frozen=True)
class Plan:
    """All dates of a backtest, in order."""

    turns: tuple[Turn, ...]
    horizon_days: int
    gap_days: int = 0

    @property
    def labelled(self) -> tuple[dt.date, ...]:
        """Dates whose rows need their outcome: to learn from, or to test on."""
        ripe = {turn.as_of for turn in self.turns if turn.ripe}
        return tuple(sorted(ripe.union(*(turn.train for turn in self.turns))))

    @property
    def unripe(self) -> tuple[dt.date, ...]:
        """Dates whose outcome is not known yet."""
        return tuple(turn.as_of for turn in self.turns if not turn.ripe)

    def split(self, turn: Turn) -> Split:
        """A turn as a split of time, which can be checked."""
        return Split(turn.train, (), (turn.as_of,), self.horizon_days, self.gap_days)

    def check(self) -> None:
        """A second guard, apart from whoever chose the dates; see :meth:`salesml.windows.Split.check`."""
        for turn in self.turns:
            self.split(turn).check()

    def summary(self) -> str:
        """The plan as a table: date, the days its label looks at, and the dates learned from."""
        lines = [f"{'as-of date':<11} {'label looks at':<25} learned from"]
        for turn in self.turns:
            looks = str(horizon(turn.as_of, self.horizon_days, self.gap_days))
            dates = (
                f"{len(turn.train)} date{'s' * (len(turn.train) > 1)}, {turn.train[0]} to {turn.train[-1]}"
            )
            lines.append(f"{turn.as_of}  {looks:<25} {dates}{'' if turn.ripe else '; not ripe'}")
        return "\n".join(lines)


def plan_backtest(
    spec: Spec,
    crm: CRM,
    *,
    dates: int | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Plan:
    """The dates of a backtest.

    By rule they stand a month or a week apart; the newest whose outcome is known is the latest whose
    horizon has been observed, and later ones follow up to the end of the data. A model learns from at
    most ``as_of.train`` dates as far apart, the newest of which lies one horizon and gap before its date,
    so that its labels were just known. Of dates written in the spec, each that has others at least so far
    before it is predicted for.

    Parameters
    ----------
    dates : int, optional
        At most so many dates with a known outcome, the newest, and so many without; 12 unless given.
    start, end : datetime.date, optional
        Only dates from ``start`` to ``end``, both included.

    Raises
    ------
    UsageError
        ``bad-value`` for wrong limits; what :func:`check_spec` finds.
    DataError
        ``too-short`` when no date with a known outcome has another to learn from; ``no-dates`` when none
        lies between ``start`` and ``end``; ``after-data`` when a written date lies after the data.
    """
    check_spec(spec, crm.contract)
    check_dated(spec)
    _check_limits(dates, start, end)
    seen = observed(spec, crm)
    turns = _written(spec, seen) if spec.as_of.explicit else _by_rule(spec, seen)
    first, last = start or turns[0].as_of, end or turns[-1].as_of
    chosen = [turn for turn in turns if first <= turn.as_of <= last]
    if not chosen:
        raise DataError(_none_between(turns, start, end))
    most = dates or MOST
    ripe = [turn for turn in chosen if turn.ripe][-most:]
    ahead = [turn for turn in chosen if not turn.ripe][-most:]
    plan = Plan((*ripe, *ahead), spec.horizon_days, spec.gap_days)
    plan.check()
    return plan


def by_rule(spec: Spec, every: Every) -> Spec:
    """The same model with its dates a month or a week apart, whatever the spec says."""
    return replace(spec, as_of=AsOfRule(every=every, train=spec.as_of.train))


def _by_rule(spec: Spec, seen: Window) -> list[Turn]:
    """Dates as far as there is history before them and the data go.

    The dates to learn from lie exactly one horizon and gap before those of the row, so that every model
    has the newest label that was known, and dates share their rows.
    """
    rule, reach = spec.as_of, dt.timedelta(days=spec.horizon_days + spec.gap_days)
    newest = seen.end - reach
    earliest = seen.start + dt.timedelta(days=history_days(spec)) + reach
    back = takewhile(lambda day: day >= earliest, (step_back(newest, n, rule.every) for n in count()))
    ahead = takewhile(lambda day: day <= seen.end, (step_back(newest, -n, rule.every) for n in count(1)))
    row = sorted(back)
    if not row:
        raise DataError(_too_short(spec, seen))
    row += sorted(ahead)
    learn = [day - reach for day in row]
    return [
        Turn(day, tuple(learn[max(0, place + 1 - rule.train) : place + 1]), day <= newest)
        for place, day in enumerate(row)
    ]


def _written(spec: Spec, seen: Window) -> list[Turn]:
    """The dates of the spec that have another far enough before them."""
    rule, reach = spec.as_of, dt.timedelta(days=spec.horizon_days + spec.gap_days)
    row = tuple(sorted({*rule.train_dates, *rule.validate_dates, *rule.test_dates}))
    late = [str(day) for day in row if day > seen.end]
    if late:
        raise DataError(
            Fault(
                code="after-data",
                found=f"At {', '.join(late)} nothing is known of the days before: the data end on {seen.end}",
                allowed=f"An as-of date may be at most {seen.end}",
                do="Take earlier dates in as_of, or load newer rows",
                examples=tuple(late[:5]),
                count=len(late),
            )
        )
    turns = [
        Turn(day, known[-rule.train :], day + reach <= seen.end)
        for day in row
        if (known := tuple(each for each in row if each + reach <= day))
    ]
    if not turns:
        raise DataError(_nothing_to_learn_from(row, reach))
    return turns


def _check_limits(dates: int | None, start: dt.date | None, end: dt.date | None) -> None:
    faults = []
    if dates is not None and dates < 1:
        faults.append(Fault(code="bad-value", found=f"The number of dates is {dates}", allowed="At least 1"))
    if start and end and start > end:
        faults.append(
            Fault(
                code="bad-value",
                found=f"The first date {start} lies after the last date {end}",
                allowed="The first date comes first",
                do="Exchange them",
            )
        )
    if faults:
        raise UsageError(faults)


def _too_short(spec: Spec, seen: Window) -> Fault:
    reach, history = spec.horizon_days + spec.gap_days, history_days(spec)
    return Fault(
        code="too-short",
        found=f"The data cover {seen.days} days, {seen}",
        allowed=f"One date to learn from and one to test on need {history + 2 * reach}: {history} of history "
        f"and {reach} of horizon for each",
        do="Take a shorter horizon or a longer history",
    )


def _nothing_to_learn_from(row: Sequence[dt.date], reach: dt.timedelta) -> Fault:
    return Fault(
        code="too-short",
        found=f"None of the dates written in as_of ({', '.join(map(str, row))}) has another to learn from",
        allowed=f"A date needs another at least {reach.days} days before it",
        do="Write more dates, or give --every month to take them by rule",
    )


def _none_between(turns: Sequence[Turn], start: dt.date | None, end: dt.date | None) -> Fault:
    between = " and ".join([*([f"on {start} or later"] if start else []), *([f"by {end}"] if end else [])])
    return Fault(
        code="no-dates",
        found=f"No date to predict for lies {between}",
        allowed=f"There are {len(turns)}, from {turns[0].as_of} to {turns[-1].as_of}"
        if len(turns) > 1
        else f"The only one is {turns[0].as_of}",
        do="Take wider limits",
    )
