"""Dates written as numbers or as text, which a model takes for amounts or for levels."""

from __future__ import annotations

import re

import numpy as np

from salesml.model.screening.finding import Finding
from salesml.model.screening.view import Column, Floats, View

DATE_NAME = re.compile(
    r"date|day|time|stamp|created|updated|closed|since|until|signup|birth|(^|_)(at|on|dt|ts)$"
)
EPOCHS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
EPOCH_FIRST, EPOCH_LAST = 6.3e8, 2.6e9
"""1990 to 2052 in seconds since 1970."""
SERIAL_FIRST, SERIAL_LAST = 29_000, 60_000
"""1979 to 2064 in the days of spreadsheets."""
NEARLY_ALL = 0.99
DISTINCT = 10


def date_form(column: Column) -> str:
    """How a number is a date, in words; empty when it is not."""
    if column.kind != "number" or column.distinct < 3:
        return ""
    values = np.asarray(column.levels, dtype=np.float64)
    values = values[np.isfinite(values)]
    if (values != np.floor(values)).any():
        return ""
    if np.mean(_is_ymd(values)) >= NEARLY_ALL and column.distinct >= DISTINCT:
        return "dates as YYYYMMDD"
    if np.mean(_is_ym(values)) >= NEARLY_ALL and column.distinct >= DISTINCT:
        return "months as YYYYMM"
    for unit, size in EPOCHS.items():
        seconds = values / size
        if np.mean((seconds >= EPOCH_FIRST) & (seconds <= EPOCH_LAST)) >= NEARLY_ALL:
            return f"{unit} since 1970"
    if np.mean((values >= 1900) & (values <= 2100)) >= NEARLY_ALL:
        return "years"
    serial = (values >= SERIAL_FIRST) & (values <= SERIAL_LAST)
    if np.mean(serial) >= NEARLY_ALL and DATE_NAME.search(column.name.lower()):
        return "day numbers of a spreadsheet"
    return ""


def _is_ymd(values: Floats) -> np.ndarray:
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    return (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)


def _is_ym(values: Floats) -> np.ndarray:
    year, month = values // 100, values % 100
    return (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12)


def dates(view: View) -> list[Finding]:
    """Findings ``date-as-number`` and ``date-as-text``."""
    found = []
    for column in view.varying:
        form = date_form(column)
        if column.kind == "date":
            found.append(_date(column.name))
        elif form:
            found.append(_finding("date-as-number", column.name, form))
    return found


def _date(name: str) -> Finding:
    return Finding(
        code="date-as-text",
        severity="note",
        what=f"{name} holds dates, which are read as days before the date of the prediction. A date that the "
        "outcome sets tells it.",
        do="Make sure that it is known beforehand, or leave it out (exclude).",
        columns=(name,),
        sure=0.99,
    )


def _finding(code: str, name: str, form: str) -> Finding:
    return Finding(
        code=code,
        severity="note",
        what=f"{name} holds {form}. Dates to come lie beyond all that is learned from, and a date after the "
        "outcome tells it.",
        do="Turn it into days before the date of the prediction, or leave it out (exclude).",
        columns=(name,),
        sure=0.99,
    )
