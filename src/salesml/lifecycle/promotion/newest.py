"""The rows that two models are judged on: the newest whose outcome is known, which neither has seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault, ModelError
from salesml.lifecycle.rows import Rows, rows_of
from salesml.model.bundle import Bundle
from salesml.snapshots import Snapshot, take
from salesml.snapshots.check import check_dated, check_observed, check_spec
from salesml.snapshots.plan import observed
from salesml.windows import step_back


@dataclass(frozen=True, kw_only=True)
class Newest:
    """Rows of the newest test period of some models.

    Parameters
    ----------
    as_of : tuple of date
        The dates, in order.
    rows : Rows
        Features, outcomes, accounts and values.
    snapshot : Snapshot
        Where they come from.
    fingerprint : str
        SHA-256 of the tables.
    """

    as_of: tuple[dt.date, ...]
    rows: Rows
    snapshot: Snapshot
    fingerprint: str

    @property
    def key(self) -> str:
        """What makes two judgements ones on the same rows."""
        return ",".join(map(str, self.as_of))


def newest_rows(
    spec: Spec, crm: CRM, bundles: Mapping[str, Bundle], *, as_of: Sequence[dt.date] = ()
) -> Newest:
    """The rows of the newest as-of dates whose outcome is known and which none of the models has seen.

    By rule these are as many dates as the spec tests on, a month or a week apart, the newest of which is the
    latest whose horizon has been observed.

    Parameters
    ----------
    bundles : mapping of str to Bundle
        The models, by what messages call them, such as ``the champion``.
    as_of : sequence of date, optional
        These dates instead.

    Raises
    ------
    UsageError
        ``not-of-a-date`` for a label that is not of an as-of date.
    ModelError
        ``no-dates`` for a model of a flat table, ``seen-rows`` when a model learned from outcomes of the
        dates, or of all that there are.
    DataError
        ``not-observed`` when the outcome of a date is not known yet; ``no-rows`` when nobody was in the
        cohort.
    """
    check_spec(spec, crm.contract)
    check_dated(spec)
    seen_until = last_seen(bundles)
    dates = tuple(sorted(set(as_of))) or _by_rule(spec, crm)
    check_observed(dates, spec, observed(spec, crm).end)
    chosen = tuple(day for day in dates if day >= max(seen_until.values()))
    if not chosen or (as_of and chosen != dates):
        raise ModelError(_seen(bundles, seen_until, dates))
    snapshot = take(spec, crm, chosen)
    if not snapshot.table.num_rows:
        raise DataError(_nobody(chosen))
    return Newest(
        as_of=chosen, rows=rows_of(snapshot, chosen), snapshot=snapshot, fingerprint=crm.fingerprint()
    )


def last_seen(bundles: Mapping[str, Bundle]) -> dict[str, dt.date]:
    """For each model the first day before which lies everything that it has learned from.

    Raises
    ------
    ModelError
        ``no-dates`` for a model whose rows had no as-of date.
    """
    faults = [_no_dates(name) for name, bundle in bundles.items() if not bundle.training.as_of]
    if faults:
        raise ModelError(faults)
    return {name: _last_seen(bundle) for name, bundle in bundles.items()}


def _last_seen(bundle: Bundle) -> dt.date:
    learned = bundle.training
    newest = max(map(dt.date.fromisoformat, learned.as_of))
    return newest + dt.timedelta(days=learned.horizon_days + learned.gap_days)


def _by_rule(spec: Spec, crm: CRM) -> tuple[dt.date, ...]:
    reach = dt.timedelta(days=spec.horizon_days + spec.gap_days)
    newest = observed(spec, crm).end - reach
    number = 1 if spec.as_of.explicit else spec.as_of.test
    return tuple(sorted(step_back(newest, step, spec.as_of.every) for step in range(number)))


def _no_dates(name: str) -> Fault:
    return Fault(
        code="no-dates",
        found=f"Of {name} it is not known from which dates it learned: its rows came from a flat table, or "
        "each had a date of its own",
        allowed="Two models are judged on rows of later dates, which neither has seen",
        do="Look at both test results with `salesml status`; then --force it, and say why with --reason",
    )


def _seen(
    bundles: Mapping[str, Bundle], until: Mapping[str, dt.date], dates: Sequence[dt.date]
) -> list[Fault]:
    late = [name for name, day in until.items() if any(each < day for each in dates)]
    return [
        Fault(
            code="seen-rows",
            found=f"{name[0].upper()}{name[1:]} learned from outcomes up to {until[name]} (its newest "
            f"training date is {max(bundles[name].training.as_of)}), and the rows to judge on are of "
            f"{', '.join(map(str, dates))}: its test period does not reach that far back",
            allowed="Both models are judged on the same rows, of dates after everything that either has "
            f"learned from: {max(until.values())} or later, with an outcome that is known",
            do="Wait until the outcomes of such a date are known, or train the challenger on earlier dates",
        )
        for name in late
    ]


def _nobody(dates: Sequence[dt.date]) -> Fault:
    return Fault(
        code="no-rows",
        found=f"Nobody was in the cohort on {', '.join(map(str, dates))}",
        allowed="Models are judged on rows whose outcome is known",
        do="Name other dates with --as-of",
    )
