"""Nothing is trained or scored on tables with a fatal fault."""

from __future__ import annotations

import datetime as dt

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.fresh import stale_tables
from salesml.lifecycle.progress import Say

LATER = ("future-event", "future-date", "not-yet")
"""Faults that a table only has on a past date, by what came after it."""


def refuse_faulty(crm: CRM, say: Say, as_of: dt.date | None = None, spec: Spec | None = None) -> None:
    """Check the tables; say which warnings there are.

    Parameters
    ----------
    as_of : datetime.date, optional
        The date that is scored: the tables must be fresh for it, and what lies after it does not
        matter. Without it nothing is scored, and tables may be as old as they are.
    spec : Spec, optional
        What is scored on that date: its tables must reach the date, see :func:`stale_tables`.

    Raises
    ------
    DataError
        With every fatal fault.
    """
    faults = crm.check(as_of).faults
    harmless = LATER if as_of else ("stale",)
    fatal = [fault for fault in faults if fault.fatal and fault.code not in harmless]
    if not fatal and as_of and spec:
        fatal = stale_tables(spec, crm, as_of)
    if fatal:
        raise DataError(fatal)
    warnings = [fault for fault in faults if not fault.fatal and fault.code not in harmless]
    if warnings:
        say(f"{_told(warnings)}: see `salesml validate`")


def _told(warnings: list[Fault]) -> str:
    """How many there are, and which: whoever is on call knows those of every night."""
    which = ", ".join(dict.fromkeys(f"{fault.code} in {fault.table or 'crm.yaml'}" for fault in warnings))
    return f"The tables have {len(warnings)} warning{'s' * (len(warnings) > 1)} ({which})"


def refuse_base_rate(stated: float | None, verb: str) -> None:
    """That probabilities hold for the rows of the tables as they are.

    Parameters
    ----------
    stated : float or None
        ``base_rate`` of the learner.
    verb : str
        What was asked for, such as ``backtest``.

    Raises
    ------
    UsageError
        ``base-rate``.
    """
    if stated is not None:
        raise UsageError(
            Fault(
                code="base-rate",
                found=f"A base_rate of {stated} is stated, so that probabilities do not hold for the rows of "
                "the tables",
                allowed=f"`salesml {verb}` compares what is said with what came true of all rows, unweighted",
                do=f"Train without base_rate in the spec's learner for `{verb}`, or bring tables that were "
                "not sampled by outcome",
            )
        )


def refuse_nobody(rows: int, many: str = "accounts") -> None:
    """That there is anybody on the date that was asked for.

    Raises
    ------
    DataError
        ``nobody-to-score``.
    """
    if rows == 0:
        raise DataError(
            Fault(
                code="nobody-to-score",
                found=f"No {many.removesuffix('s')} is in the cohort on that date",
                do="Take a date within the data, or look at the label's "
                + ("active_within_days" if many == "accounts" else "open_days"),
            )
        )
