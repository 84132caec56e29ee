"""Training names the columns that reps read by their names."""

from __future__ import annotations

import pandas as pd

from salesml.lifecycle.flat import flat_feature
from salesml.lifecycle.wordless import wordless, wordless_in_table
from salesml.snapshots import Feature


def test_a_column_without_words_is_named_with_what_is_read() -> None:
    seats = Feature(name="account_seats_used", column="seats_used", words="seats used")
    window = Feature(name="orders_net_amt_30d", column="net_amt", words="net amt in the last 30 days")
    silent = Feature(name="x_1", words="")
    assert wordless([seats, window, silent]) == {
        "seats_used": "seats used", "net_amt": "net amt", "x_1": "x 1",
    }  # fmt: skip


def test_words_that_were_given_or_are_plain_are_not_named() -> None:
    given = Feature(name="account_seats_used", column="seats_used", words="people with a seat")
    plain = Feature(name="account_industry", column="industry", words="industry")
    derived = Feature(name="tenure_days", column="acquired_at", words="days as a customer")
    assert wordless([given, plain, derived], {"seats_used"}) == {}
    assert wordless([given, plain, derived]) == {}


def test_the_columns_of_a_flat_table_are_told_in_one_line() -> None:
    frame = pd.DataFrame({"MonthlyCharges": [1.0], "tenure": [2.0], "PH0NE": ["x"]})
    (line,) = wordless_in_table([flat_feature(frame[name]) for name in frame])
    assert line == (
        "In reasons reps read 2 columns by their names: MonthlyCharges as 'monthly charges', "
        "PH0NE as 'ph0 ne'; rename the columns where that is not plain English"
    )
    assert wordless_in_table([flat_feature(frame["tenure"])]) == []
    assert wordless_in_table([flat_feature(frame["MonthlyCharges"])])[0].startswith(
        "In reasons reps read 1 column by its name: "
    )
