"""Dates in disguise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.model.screening import screen
from salesml.model.screening.dates import date_form
from salesml.model.screening.view import read_column
from tests.model.screening.made import found, honest

DAYS = pd.date_range("2019-01-01", periods=700, freq="D")


@pytest.mark.parametrize(
    ("values", "name", "form"),
    [
        (DAYS.strftime("%Y%m%d").astype(int), "x", "dates as YYYYMMDD"),
        (DAYS.strftime("%Y%m").astype(int), "x", "months as YYYYMM"),
        ((DAYS - pd.Timestamp(0)).total_seconds(), "x", "seconds since 1970"),
        ((DAYS - pd.Timestamp(0)).total_seconds() * 1e3, "x", "milliseconds since 1970"),
        (np.arange(43_466, 44_166), "signup_date", "day numbers of a spreadsheet"),
        (np.arange(43_466, 44_166), "revenue", ""),
        (np.arange(700) % 40 + 1980, "founded", "years"),
        (np.arange(700), "orders", ""),
        (np.linspace(20_190_101, 20_201_231, 700).round(), "amount", ""),
    ],
)
def test_the_form_of_a_date(values: object, name: str, form: str) -> None:
    assert date_form(read_column(name, pd.Series(np.asarray(values, dtype=float)))) == form


def test_dates_as_text_are_noted() -> None:
    X, y = honest()
    days = np.random.default_rng(0).integers(0, 700, len(y))
    X["since"] = DAYS[days].strftime("%Y-%m-%d")
    (finding,) = found(screen(X, y), "date-as-text")
    assert "since holds dates" in finding.what
