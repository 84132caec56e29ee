"""Whether a spec and as-of dates fit the tables, before any SQL runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from salesml.config import Spec
from salesml.config.section import nearest
from salesml.crm.contract import Contract
from salesml.errors import DataError, Fault, UsageError
from salesml.snapshots.entity import PROSPECT

LATEST = dt.date(9000, 1, 1)
LONGEST = 36_500
"""A hundred years, in days: horizons beyond it have no dates to look at."""


def check_spec(spec: Spec, contract: Contract) -> None:
    """Refuse a spec that names what the contract does not have.

    Raises
    ------
    UsageError
        With every fault.
    """
    logs = {name: log for name, log in contract.events.items() if log.account}
    faults = [*_label_faults(spec, contract, logs), *_value_faults(spec, contract, logs), *_endless(spec)]
    if faults:
        raise UsageError(faults)


def _endless(spec: Spec) -> list[Fault]:
    days = {
        "horizon_days": spec.horizon_days,
        "gap_days": spec.gap_days,
        "label.inactive_days": spec.label.inactive_days,
        "label.active_within_days": spec.label.active_within_days,
        "label.open_days": spec.label.open_days,
        "windows_days": max(spec.windows_days),
        "horizons_days": max(spec.horizons_days, default=0),
    }
    return [
        Fault(
            code="bad-value",
            found=f"{spec.name}.yaml: {name} is {number}",
            allowed=f"It may be at most {LONGEST} days",
        )
        for name, number in days.items()
        if number > LONGEST
    ]


def _label_faults(spec: Spec, contract: Contract, logs: Iterable[str]) -> list[Fault]:
    where = f"{spec.name}.yaml"
    if spec.label.kind == "inactivity":
        return _unknown_log(f"{where}: label.events", spec.label.events, logs)
    if spec.label.kind in ("won", "ideal"):
        return _won_faults(where, spec.label.kind, contract)
    accounts = contract.tables.get("accounts")
    if accounts is None or "ended_at" not in accounts.columns:
        return [
            Fault(
                code="missing-column",
                found=f"{where}: label.kind is 'contract', but crm.yaml does not say when accounts ended",
                do="Name the column in accounts.ended_at, or use the label inactivity",
                table="accounts",
                column="ended_at",
            )
        ]
    return []


def _won_faults(where: str, kind: str, contract: Contract) -> list[Fault]:
    prospects = contract.tables.get(PROSPECT.table)
    if prospects and "won_at" in prospects.columns:
        return []
    return [
        Fault(
            code="missing-column" if prospects else "unknown-table",
            found=f"{where}: label.kind is {kind!r}, but crm.yaml "
            + ("does not say when prospects were won" if prospects else "has no table of prospects"),
            do="Name the column in prospects.won_at" if prospects else "Add prospects, with won_at",
            table=PROSPECT.table,
            column="won_at",
        )
    ]


def check_dated(spec: Spec) -> None:
    """That the label is of an as-of date, so that rows with outcomes can be taken for one.

    Raises
    ------
    UsageError
        ``not-of-a-date`` for the label ``ideal``.
    """
    if spec.label.kind == "ideal":
        raise UsageError(
            Fault(
                code="not-of-a-date",
                found=f"{spec.name}.yaml has the label 'ideal', which is not of an as-of date",
                allowed="Ideal customers are learned from past accounts, each on a date of its own",
                do=f"Run `salesml train {spec.name}`, which also tests it on later prospects where it can",
            )
        )


def _value_faults(spec: Spec, contract: Contract, logs: Iterable[str]) -> list[Fault]:
    if not spec.value:
        return []
    where = f"{spec.name}.yaml: value"
    faults = _unknown_log(where, spec.value_log, logs)
    if faults:
        return faults
    measures = contract.events[spec.value_log].measures
    if spec.value_measure in measures:
        return []
    return [
        Fault(
            code="unknown-measure",
            found=f"{where} names the measure {spec.value_measure!r}, "
            f"which the log {spec.value_log!r} does not have",
            do=nearest(spec.value_measure, measures) if measures else "Add it to the log's measures",
        )
    ]


def _unknown_log(where: str, name: str, logs: Iterable[str]) -> list[Fault]:
    known = sorted(logs)
    if name in known:
        return []
    return [
        Fault(
            code="unknown-log",
            found=f"{where} names {name!r}, which is not a log of accounts in crm.yaml",
            do=nearest(name, known) if known else "Add the log to crm.yaml",
        )
    ]


def check_dates(as_of: Sequence[dt.date], first_day: dt.date) -> None:
    """Refuse as-of dates before which there is nothing.

    Raises
    ------
    UsageError
        ``no-dates`` when there is none.
    DataError
        ``before-data``, naming every such date.
    """
    if not as_of:
        raise UsageError(Fault(code="no-dates", found="No as-of date is given", do="Give at least one"))
    if max(as_of) > LATEST:
        raise UsageError(
            Fault(
                code="bad-date",
                found=f"The as-of date {max(as_of)} is too far away",
                do=f"Stay before {LATEST}",
            )
        )
    early = [str(day) for day in sorted(set(as_of)) if day <= first_day]
    if early:
        raise DataError(
            Fault(
                code="before-data",
                found=f"At {', '.join(early)} nothing was known yet: the data begin on {first_day}",
                allowed=f"An as-of date must lie after {first_day}",
                do="Take a later date",
                examples=tuple(early[:5]),
                count=len(early),
            )
        )


def check_observed(as_of: Sequence[dt.date], spec: Spec, until: dt.date) -> None:
    """Refuse as-of dates whose outcome nobody knows yet.

    Raises
    ------
    DataError
        ``not-observed``, naming every such date.
    """
    reach = dt.timedelta(days=spec.gap_days + spec.horizon_days)
    late = [str(day) for day in sorted(set(as_of)) if day + reach > until]
    if late:
        raise DataError(
            Fault(
                code="not-observed",
                found=f"The horizon of {', '.join(late)} ends after {until}, before which outcomes are known",
                allowed=f"With a gap of {spec.gap_days} days and a horizon of {spec.horizon_days}, "
                f"a date may be at most {until - reach}",
                do="Take earlier dates in as_of, or load newer rows",
                examples=tuple(late[:5]),
                count=len(late),
            )
        )
