"""Taking the outcomes of past accounts: what the tables can tell of them, and what they cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError
from salesml.snapshots.check import check_spec
from salesml.snapshots.outcomes import LEFT_OUT, Told, outcomes_query

PART_COLUMNS: dict[str, tuple[str, ...]] = {
    "margin": ("net_margin",),
    "repeat": ("repeat_events", "active_months"),
    "kept": ("kept",),
    "referrals": ("referrals",),
}
"""The numbers that each part of an outcome is ranked by."""


@dataclass(frozen=True)
class Outcomes:
    """What became of the prospects that were won.

    Parameters
    ----------
    table : pyarrow.Table
        One row per prospect whose time has been observed: ``prospect``, ``account``, ``created_at``,
        ``won_at``, ``until`` (the day after the time that counts), and the numbers of
        :data:`salesml.snapshots.outcomes.COLUMNS` as doubles.
    parts : dict of str to tuple of str
        The columns of each part that the tables tell.
    missing : dict of str to str
        Why a part is not told, as a clause.
    notes : tuple of str
        How costs were counted and who counts as kept, in sentences.
    left_out : dict of str to int
        How many won prospects have no outcome, by reason (``LEFT_OUT``).
    observed_until : date
        The day before which everything was observed.
    sql : str
        The query, as DuckDB reads it.
    """

    table: pa.Table
    parts: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, str]
    notes: tuple[str, ...]
    left_out: Mapping[str, int]
    observed_until: dt.date
    sql: str = field(repr=False)

    def summary(self) -> str:
        """How many were won and have an outcome, and why others have none."""
        lines = [
            f"{self.table.num_rows:,} won prospects have an outcome, observed until {self.observed_until}"
        ]
        lines += [f"left out: {count:,} {LEFT_OUT[reason]}" for reason, count in self.left_out.items()]
        return "\n".join([*lines, *self.notes])


def take_outcomes(spec: Spec, crm: CRM, *, con: duckdb.DuckDBPyConnection | None = None) -> Outcomes:
    """Outcomes of all won prospects over the months that the label states.

    Raises
    ------
    UsageError
        ``no-prospects`` when crm.yaml does not say who was won and which account they became; what
        :func:`salesml.snapshots.check.check_spec` finds.
    DataError
        ``no-won`` when nobody was won; ``too-short`` when nobody's months have been observed.
    """
    check_prospects(spec, crm)
    check_spec(spec, crm.contract)
    told, until = _told(spec, crm), _observed_until(spec, crm)
    rows, counts = outcomes_query(spec.label, told, until)
    sql = rows.sql("duckdb", pretty=True)
    own_con = con is None
    con = con or crm.connect()
    try:
        table = con.sql(sql).to_arrow_table()
        left_out = {str(reason): int(n) for reason, n in con.execute(counts.sql("duckdb")).fetchall()}
        won = con.execute("SELECT count(won_at), min(won_at) FROM prospects").fetchone() or (0, None)
    finally:
        if own_con:
            con.close()
    if not table.num_rows:
        raise DataError(_nobody(spec, int(won[0]), won[1], until, left_out))
    return Outcomes(
        table=table,
        parts={name: columns for name, columns in PART_COLUMNS.items() if name not in _missing(told)},
        missing=_missing(told),
        notes=_notes(spec, crm, told),
        left_out={reason: left_out[reason] for reason in LEFT_OUT if reason in left_out},
        observed_until=until,
        sql=sql,
    )


def check_prospects(spec: Spec, crm: CRM) -> None:
    """That crm.yaml says who was won, when, and which account they became.

    Raises
    ------
    UsageError
        ``no-prospects``.
    """
    table = crm.contract.tables.get("prospects")
    lacking = [key for key in ("won_at", "account") if table is None or key not in table.columns]
    if table is not None and not lacking:
        return
    what = "has no table of prospects" if table is None else f"does not name prospects.{lacking[0]}"
    raise UsageError(
        Fault(
            code="no-prospects",
            found=f"{spec.name}.yaml asks for ideal customers, but crm.yaml {what}",
            allowed="Outcomes are counted from the day a prospect was won, over the account that it became",
            do="Name prospects.won_at and prospects.account in crm.yaml",
            table="prospects",
            column="" if table is None else lacking[0],
        )
    )


def _told(spec: Spec, crm: CRM) -> Told:
    contract, log = crm.contract, crm.contract.events.get(spec.value_log)
    accounts = contract.tables.get("accounts")
    activities = contract.tables.get("activities")
    return Told(
        log=spec.value_log if log and log.account else "",
        measure=spec.value_measure,
        has_id=bool(log and log.id),
        returns=bool(log and log.returns),
        accounts=accounts is not None,
        ended=accounts is not None and "ended_at" in accounts.columns,
        activities=_cost(spec, activities is not None, activities.columns if activities else {}),
        referrals="referrals" in contract.tables,
    )


def _cost(spec: Spec, there: bool, columns: Mapping[str, str]) -> bool:
    return there and ("cost" in columns or ("hours" in columns and spec.label.hour_cost > 0))


def _observed_until(spec: Spec, crm: CRM) -> dt.date:
    """The day before which outcomes are known: of the log that tells the value, or of all tables."""
    if crm.contract.observed_until or not spec.value_log:
        return crm.observed_until()
    return min(crm.observed(spec.value_log).end, crm.today)


def _missing(told: Told) -> dict[str, str]:
    """Parts that no table tells."""
    found = {}
    if not told.log:
        found["margin"] = "the spec names no value"
        found["repeat"] = "the spec names no value, whose log would tell of repeat business"
    if not told.ended and not told.log:
        found["kept"] = "accounts have no end, and the spec names no value whose log would tell who is active"
    if not told.referrals:
        found["referrals"] = "crm.yaml has no table of referrals"
    return found


def _notes(spec: Spec, crm: CRM, told: Told) -> tuple[str, ...]:
    label, notes = spec.label, []
    columns = getattr(crm.contract.tables.get("activities"), "columns", {})
    if told.log and not told.activities:
        notes.append(
            "Margin is before what it cost to win and serve: activities have no cost, and the label "
            "states no hour_cost."
        )
    elif told.log:
        parts = [
            *(["the cost of activities"] if "cost" in columns else []),
            *([f"their hours at {label.hour_cost:g} each"] if label.hour_cost and "hours" in columns else []),
        ]
        notes.append(f"Margin is after {' and '.join(parts)}, before and after the account was won.")
    if told.ended:
        notes.append("Kept means that the account had not ended by then.")
    elif told.log:
        notes.append(
            f"Accounts have no end: kept means active in the last {label.inactive_days} days of the time."
        )
    return tuple(notes)


def _nobody(
    spec: Spec, won: int, first: dt.date | None, until: dt.date, left_out: Mapping[str, int]
) -> Fault:
    if not won or first is None:
        return Fault(
            code="no-won",
            found="No prospect has ever been won",
            allowed="Ideal customers are learned from prospects that were won",
            do="Check prospects.won_at in crm.yaml",
            table="prospects",
            column="won_at",
        )
    if left_out.get("not-observed"):
        whole = max((until.year - first.year) * 12 + until.month - first.month - (first.day > until.day), 0)
        return Fault(
            code="too-short",
            found=f"{spec.name}.yaml looks at {spec.label.months} months after an account was won, and "
            f"nobody has been observed for so long: the first was won on {first}, and the data end before "
            f"{until}",
            allowed=f"label.months may be at most {whole}" if whole else "Not even one month was observed",
            do="Take fewer months or bring newer rows",
        )
    told = "; ".join(f"{count:,} {LEFT_OUT[reason]}" for reason, count in left_out.items())
    return Fault(
        code="no-outcomes",
        found=f"None of {won:,} won prospects has an outcome: {told or 'all were won in the future'}",
        allowed="A won prospect names the account that it became",
        do="Fill in prospects.account",
        table="prospects",
        column="account",
    )
