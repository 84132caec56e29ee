"""Which dates monitoring looks at: the newest, the company's own past month by month, and the model's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import Fault, ModelError, UsageError
from salesml.lifecycle.monitor.logs import Logs
from salesml.model.bundle import Training
from salesml.snapshots.check import check_dates, check_spec
from salesml.snapshots.feature import Feature
from salesml.snapshots.plan import history_days, observed
from salesml.windows import step_back

MOST = 36
"""Months looked back at most: three of every season."""


@dataclass(frozen=True)
class Dates:
    """The dates of a look.

    Parameters
    ----------
    grid : tuple of date
        One a month without a gap, the date that is looked at last.
    since : tuple of date or None
        For each feature the first date on which all days that it looks at lie in the tables.
    whole : date or None
        The same for rows as a whole, as far as enough dates are left to say what is usual.
    own : tuple of date
        Those that the model was trained and tested on, as far as the tables reach back.
    lost : tuple of date
        Those of them that lie before the tables.
    ripe : frozenset of date
        Those whose outcome was known on the date that is looked at.
    """

    grid: tuple[dt.date, ...]
    own: tuple[dt.date, ...]
    lost: tuple[dt.date, ...]
    ripe: frozenset[dt.date]
    since: tuple[dt.date | None, ...] = ()
    whole: dt.date | None = None

    @property
    def all(self) -> tuple[dt.date, ...]:
        return tuple(sorted({*self.grid, *self.own}))


def choose_dates(
    spec: Spec, crm: CRM, as_of: dt.date, own: Collection[dt.date], features: Sequence[Feature] = ()
) -> Dates:
    """The dates of a look at ``as_of``, of a model of some features, trained and tested on ``own``.

    Raises
    ------
    UsageError
        ``before-the-model`` when the model was trained on later dates.
    DataError
        ``before-data``.
    """
    check_spec(spec, crm.contract)
    if own and as_of <= max(own):
        raise UsageError(
            Fault(
                code="before-the-model",
                found=f"On {as_of} the model was not there yet: it was trained and tested on dates up to "
                f"{max(own)}",
                allowed="A model is watched after the dates that it was tested on",
                do="Take a later date, or --model with the one of that time",
            )
        )
    seen = observed(spec, crm)
    check_dates([as_of], seen.start)
    logs = Logs.of(features, crm)
    earliest = max(seen.start + dt.timedelta(days=history_days(spec)), logs.first or seen.start)
    past = takewhile(lambda day: day >= earliest, (step_back(as_of, n, "month") for n in range(1, MOST + 1)))
    grid = (*sorted(past), as_of)
    there = tuple(sorted(day for day in own if day > seen.start))
    reach = dt.timedelta(days=spec.gap_days + spec.horizon_days)
    until = min(as_of, seen.end)
    ripe = frozenset(day for day in {*grid, *there} if day + reach <= until)
    since = tuple(logs.since(feature, as_of) for feature in features)
    return Dates(grid, there, tuple(sorted(set(own) - set(there))), ripe, since, logs.whole(as_of))


def refuse_flat(training: Training, name: str) -> None:
    """That a model has as-of dates.

    Raises
    ------
    ModelError
        ``not-of-dates`` for one trained on a flat table.
    """
    if not training.as_of:
        raise ModelError(
            Fault(
                code="not-of-dates",
                found=f"The model of {name} was trained on a flat table, whose rows have no as-of dates",
                allowed="What is usual between dates is known of models trained from the tables of crm.yaml",
                do="Compare its table with `salesml score --strict`, or train it with `salesml train NAME`",
            )
        )


def refuse_undated(spec: Spec) -> None:
    """That outcomes are of an as-of date.

    Raises
    ------
    UsageError
        ``not-of-a-date`` for models of ideal customers.
    """
    if spec.label.kind == "ideal":
        raise UsageError(
            Fault(
                code="not-of-a-date",
                found=f"{spec.name} is a model of ideal customers, whose outcome is not of an as-of date",
                allowed="Models of churn and of conversion are watched",
                do="See what its scores were worth with `salesml scorecard`, and train it again once a year",
            )
        )
