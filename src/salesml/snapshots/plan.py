"""When to predict: the as-of dates of a model, by its rule or as written, checked."""

from __future__ import annotations

import datetime as dt

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.snapshots.check import check_observed, check_spec
from salesml.snapshots.entity import PROSPECT, entity_of
from salesml.windows import Split, Window, choose


def plan_split(spec: Spec, crm: CRM) -> Split:
    """As-of dates for training, validating and testing.

    Explicit dates are taken as they are. By rule, the newest test date is the latest whose horizon
    has been observed, and the earliest date has the days of history that the cohort needs.

    Raises
    ------
    UsageError
        When the spec names something that the contract does not have.
    DataError
        ``split-overlap`` when a label for training or validating is not known before the first
        test date; ``too-short`` when the data do not hold a training and a test date;
        ``not-observed`` when the horizon of a written date has not been observed to its end.
    """
    check_spec(spec, crm.contract)
    check_outcomes(spec, crm)
    rule = spec.as_of
    if rule.explicit:
        split = Split(
            tuple(sorted(set(rule.train_dates))),
            tuple(sorted(set(rule.validate_dates))),
            tuple(sorted(set(rule.test_dates))),
            spec.horizon_days,
            spec.gap_days,
        )
        split.check()
        check_observed(split.dates, spec, observed(spec, crm).end)
    else:
        seen = observed(spec, crm)
        split = choose(
            seen.start,
            seen.end,
            every=rule.every,
            train=rule.train,
            validate=rule.validate,
            test=rule.test,
            horizon_days=spec.horizon_days,
            gap_days=spec.gap_days,
            history_days=history_days(spec),
        )
        split.check()
    return split


def observed(spec: Spec, crm: CRM) -> Window:
    """The days whose outcomes are known, ending today at the latest, which is not over.

    For inactivity those of the label's log. Otherwise those of all tables, but, unless crm.yaml states
    ``observed_until``, no later than the last end, or the last prospect created, won or lost, that was
    recorded: from then on nobody knows whether nothing happened or nobody wrote it down.
    """
    until = crm.contract.observed_until
    if spec.label.kind == "inactivity":
        seen = crm.observed(spec.label.events)
        return Window(seen.start, min(until or seen.end, crm.today))
    if entity_of(spec) is PROSPECT:
        seen = crm.observed(PROSPECT.table)
        return Window(seen.start, min(until or seen.end, crm.today))
    first = min([crm.observed(name).start for name in _dated(crm)])
    return Window(first, crm.observed_until() if until else min(crm.observed_until(), _last_end(crm)))


def check_outcomes(spec: Spec, crm: CRM) -> None:
    """That there is an outcome to learn from.

    Raises
    ------
    DataError
        ``none-won`` when no prospect has ever been won.
    """
    if entity_of(spec) is not PROSPECT:
        return
    with crm.connect() as con:
        row = con.execute("SELECT count(*), count(won_at) FROM prospects").fetchone()
    if row and not row[1]:
        raise DataError(
            Fault(
                code="none-won",
                found=f"None of {row[0]:,} prospects has a day on which it was won",
                allowed="Who will be won is learned from those that were, and those that were not",
                do="Check that prospects.won_at names the right column, and that it is filled in",
                table=PROSPECT.table,
                column="won_at",
            )
        )


def _last_end(crm: CRM) -> dt.date:
    """The day after the last recorded end of an account; today where none is recorded."""
    with crm.connect(views=True) as con:
        row = con.execute("SELECT max(ended_at) FROM accounts WHERE ended_at < ?", [crm.today]).fetchone()
    return row[0] + dt.timedelta(days=1) if row and row[0] else crm.today


def history_days(spec: Spec) -> int:
    """Days before the earliest as-of date without which its cohort or features would be stunted."""
    if spec.label.kind == "inactivity":
        return spec.label.active_within_days
    return min(spec.windows_days)


def _dated(crm: CRM) -> list[str]:
    """The logs; accounts may be far older than what was written down of them."""
    return list(crm.contract.events) or ["accounts"]


def training_dates(spec: Spec, crm: CRM) -> tuple[dt.date, ...]:
    """The as-of dates that the model trains on."""
    return spec.as_of.train_dates if spec.as_of.explicit else plan_split(spec, crm).train
