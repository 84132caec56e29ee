"""Numbers read back from texts: what stands behind a text, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.scoring.audit.shown import hollow, read_back
from salesml.words import value_text

FORMS = ("count", "money", "days", "share", "ratio", "number")


def holds(text: str, value: float, form: str, unit: str = "") -> bool:
    hollowed, numbers = hollow(text)
    rule = read_back(hollowed, form, unit)
    if rule is None:
        return False
    shown = np.array(numbers[:1] or [np.nan])
    with np.errstate(all="ignore"):
        return bool(rule(np.array([value]), shown)[0])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("unit", ["", "GBP", "XYZ"])
@given(
    value=st.floats(-1e16, 1e16) | st.integers(-500, 2_000).map(float) | st.floats(-3, 3) | st.just(np.nan)
)
def test_a_text_fits_the_value_it_was_made_of(form: str, unit: str, value: float) -> None:
    text = value_text(value, form, unit if form == "money" else "")
    assert holds(text, value, form, unit if form == "money" else ""), text


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("5", 6, "count"),
        ("5", 5.2, "count"),
        ("1,234", 1_235, "count"),
        ("0", 0.4, "count"),
        ("£12.34", 12.35, "money"),
        ("£12", 12.34, "money"),
        ("-£5", 5, "money"),
        ("£5", -5, "money"),
        ("$5", 5, "money"),
        ("74 days", 75, "days"),
        ("74 days", 740, "days"),
        ("about 13 months", 365, "days"),
        ("about 13 months", 460, "days"),
        ("about 2 years", 700, "days"),
        ("about 3 years", 730, "days"),
        ("43%", 0.44, "share"),
        ("4%", 0.043, "share"),
        ("below 0.1%", 0.002, "share"),
        ("below 0.1%", 0.0, "share"),
        ("above 99%", 1.0, "share"),
        ("1.5 times", 1.6, "ratio"),
        ("1.5", 1.51, "number"),
        ("not known", 0.0, "number"),
        ("7", np.nan, "number"),
        ("March", 4, "month"),
        ("a few", 3, "count"),
    ],
)
def test_a_text_does_not_fit_another_value(text: str, value: float, form: str) -> None:
    assert not holds(text, value, form, "GBP" if form == "money" else "")


def test_a_month_is_read_by_its_name() -> None:
    assert holds("April", 4, "month")


def test_numbers_leave_holes() -> None:
    assert hollow("1,234 orders, up from 5.5; 3 left") == (
        "\x00 orders, up from \x00; \x00 left",
        [1234, 5.5, 3],
    )
