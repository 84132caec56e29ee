from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.model import Coding, PropensityClassifier
from salesml.model.dates import holds_dates, instants, is_iso

DAYS = ["2024-01-01", "2024-02-01", None]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pd.to_datetime(DAYS)),
        pd.Series(pd.to_datetime(DAYS)).dt.tz_localize("UTC"),
        pd.Series([dt.date(2024, 1, 1), dt.date(2024, 2, 1), None], dtype=object),
        pd.Series([dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 1), None], dtype=object),
        pd.Series([np.datetime64("2024-01-01"), np.datetime64("2024-02-01"), None], dtype=object),
        pd.Series(pd.PeriodIndex(["2024-01-01", "2024-02-01", None], freq="D")),
        pd.Series(pd.to_datetime(DAYS)).astype("category"),
    ],
)
def test_a_date_is_the_same_age_however_it_is_held(values: pd.Series) -> None:
    assert holds_dates(values)
    coding = Coding.learn(pd.DataFrame({"signed": pd.to_datetime(DAYS)}))
    assert coding.reference == "2024-02-01"
    np.testing.assert_array_equal(coding.encode(pd.DataFrame({"signed": values}))[:, 0], [31, 0, np.nan])
    assert Coding.learn(pd.DataFrame({"signed": values})) == coding


def test_ages_count_back_from_each_rows_as_of_date() -> None:
    table = pd.DataFrame({"signed": pd.to_datetime(["2024-01-01"] * 3), "n": 1.0})
    as_of = ["2024-01-11", "2024-01-31", "2023-12-31"]
    coding = Coding.learn(table, as_of=as_of)
    assert coding.reference == "2024-01-31"
    assert coding.dated == ("signed",)
    assert coding.encode(table, as_of=as_of)[:, 0].tolist() == [10, 30, -1]
    assert coding.encode(table)[:, 0].tolist() == [30, 30, 30]
    assert coding.encode(table, as_of=dt.date(2024, 3, 1))[:, 0].tolist() == [60, 60, 60]
    assert coding.encode(table, as_of=["2024-01-11", None, pd.NaT])[:, 0].tolist() == [10, 30, 30]


def test_time_zones_are_turned_into_utc() -> None:
    berlin = pd.Series(pd.to_datetime(["2024-01-02 00:30"])).dt.tz_localize("Europe/Berlin")
    assert str(instants(berlin)[0]) == "2024-01-01T23:30:00.000000"
    texts = pd.Series(["2024-01-02T00:30+01:00", "2024-01-01T23:30Z", "2024-01-01 23:30"])
    assert len(set(instants(texts))) == 1


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-01-31", None], True),
        (["2024-01-31", "2024-01-31 10:20:30.5+02:00"], True),
        (["2024-01-31", "31.01.2024"], False),
        (["2024-13-31"], False),
        (["20240131"], False),
        ([None, None], False),
    ],
)
def test_texts_in_the_iso_form_are_dates_when_all_are(texts: list[str | None], expected: bool) -> None:
    assert is_iso(pd.Series(texts, dtype=object)) is expected


def test_a_missing_date_takes_the_median_age_where_training_had_none() -> None:
    coding = Coding.learn(pd.DataFrame({"d": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-11"])}))
    assert coding.encode(pd.DataFrame({"d": [None, "2024-01-11"]}))[:, 0].tolist() == [8, 0]


def test_a_coding_with_dates_survives_json() -> None:
    coding = Coding.learn(pd.DataFrame({"signed": pd.to_datetime(DAYS), "n": [1.0, 2.0, 3.0]}))
    again = Coding.from_dict(json.loads(json.dumps(coding.as_dict())))
    assert again == coding
    assert again.of_ages.encode(pd.DataFrame({"signed": [5.0], "n": [1.0]})).tolist() == [[5, 1]]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (pd.to_datetime(DAYS), ["soon"] * 3, "d was a date in training and now holds 'soon'"),
        (pd.to_datetime(DAYS), [1.0] * 3, "d was a date in training and now holds '1.0'"),
        ([1.0] * 3, pd.to_datetime(DAYS), "d was a number in training and now holds dates"),
        (["a"] * 3, pd.to_datetime(DAYS), "d was a category, such as 'a', in training and now holds dates"),
    ],
)
def test_a_date_where_there_was_none_and_the_reverse(was: list, now: list, words: str) -> None:  # type: ignore[type-arg]
    coding = Coding.learn(pd.DataFrame({"d": was}), min_count=1)
    with pytest.raises(DataError) as caught:
        coding.encode(pd.DataFrame({"d": now}))
    assert words in str(caught.value)


def test_an_as_of_that_is_no_date_is_refused_where_dates_need_it() -> None:
    table = pd.DataFrame({"d": pd.to_datetime(DAYS), "n": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError) as caught:
        Coding.learn(table, as_of=["first", "second", "third"])
    assert "as_of is not a date in 3 rows, such as 'first'" in str(caught.value)
    assert Coding.learn(table[["n"]], as_of=["first", "second", "third"]).reference == ""
    with pytest.raises(DataError) as caught:
        Coding.learn(table).encode(table, as_of=["2024-01-01"])
    assert "as_of has 1 values for 3 rows" in str(caught.value)


def test_the_classifier_learns_from_ages_and_moves_with_the_as_of_date() -> None:
    rng = np.random.default_rng(0)
    as_of = np.where(np.arange(600) < 300, "2024-03-01", "2024-06-01").astype("datetime64[D]")
    age = rng.integers(1, 400, 600)
    X = pd.DataFrame({"signed": pd.to_datetime(as_of - age.astype("timedelta64[D]")), "n": rng.random(600)})
    y = (rng.random(600) < np.where(age < 100, 0.7, 0.1)).astype(int)
    model = PropensityClassifier().fit(X, y, as_of=as_of)
    young = X.assign(signed=pd.Timestamp("2026-01-01"))
    assert model.predict_proba(young, as_of="2026-01-31")[:, 1].mean() > 0.5
    assert model.predict_proba(young, as_of="2026-12-31")[:, 1].mean() < 0.2
    same = model.contributions(X, as_of=np.full(600, "2024-06-01"))
    np.testing.assert_array_equal(model.contributions(X), same)
    assert model.explain(X[:3], top=1, as_of=as_of[:3])["feature"].iloc[0] == "signed"
    assert (model.predict(young, as_of="2026-01-31") == 1).mean() > 0.5
