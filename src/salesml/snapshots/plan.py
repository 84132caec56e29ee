"""When to predict: the as-of dates of a model, by its rule or as written, checked."""

from __future__ import annotations

import datetime as dt

from salesml.config import Spec
from salesml.crm import CRM
from salesml.snapshots.check import check_spec
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
        test date; ``too-short`` when the data do not hold a training and a test date.
    """
    check_spec(spec, crm.contract)
    rule = spec.as_of
    if rule.explicit:
        split = Split(
            tuple(sorted(set(rule.train_dates))),
            tuple(sorted(set(rule.validate_dates))),
            tuple(sorted(set(rule.test_dates))),
            spec.horizon_days,
            spec.gap_days,
        )
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
    """The days whose outcomes are known: those of the label's log, or of all tables."""
    if spec.label.kind == "inactivity":
        seen = crm.observed(spec.label.events)
        until = crm.contract.observed_until
        return Window(seen.start, until) if until else seen
    first = min([crm.observed(name).start for name in _dated(crm)])
    return Window(first, crm.observed_until())


def history_days(spec: Spec) -> int:
    """Days before the earliest as-of date without which its cohort or features would be stunted."""
    if spec.label.kind == "inactivity":
        return spec.label.active_within_days
    return min(spec.windows_days)


def _dated(crm: CRM) -> list[str]:
    names = list(crm.contract.events)
    if "acquired_at" in getattr(crm.contract.tables.get("accounts"), "columns", {}):
        names.append("accounts")
    return names or ["accounts"]


def training_dates(spec: Spec, crm: CRM) -> tuple[dt.date, ...]:
    """The as-of dates that the model trains on."""
    return spec.as_of.train_dates if spec.as_of.explicit else plan_split(spec, crm).train
