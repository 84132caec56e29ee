"""What the estimator says of input that it cannot use, and the rules for what it can."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.errors import DataError
from salesml.model import Coding, PropensityClassifier
from salesml.model.columns import as_levels
from salesml.model.target import read_owner, read_target


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["left", "kept", "unsure"], "It has 3 values"),
        (
            pd.to_datetime(["2024-01-01", "2024-02-01", "2024-01-01"]),
            "The target holds dates, such as 2024-01",
        ),
        (np.array(["2024-01-01", "2024-02-01"] * 2, dtype="datetime64[D]"), "The target holds dates"),
        (pd.Series([pd.Timestamp("2024-01-01").date()] * 3, dtype=object), "The target holds dates"),
        (pd.to_timedelta([1, 2, 1], unit="D"), "The target holds dates"),
        (np.array(["left", 1, "left"], dtype=object), "mixes values of type int, str"),
        (["left", None, "kept"], "the target is missing in 1 rows"),
        (["left", float("nan"), "left"], "the target is missing in 1 rows"),
        (["left"] * 3, "holds one class only, 'left', in all 3 rows"),
        (np.array([b"left", b"kept"] * 2), "labels represented as bytes"),
        (np.array([0.0, np.inf, 0.0]), "Input y contains infinity"),
        ([0.0, 0.5, 1.0], "Unknown label type: continuous"),
    ],
)
def test_a_target_that_cannot_be(y: object, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_target(y)
    assert words in str(caught.value)


def test_of_two_texts_the_later_one_is_the_outcome() -> None:
    target = read_target(["kept", "left", "kept"])
    assert target.classes.tolist() == ["kept", "left"]
    assert target.y.tolist() == [0, 1, 0]


@pytest.mark.parametrize("values", [[False, True], [0, 1]])
def test_true_and_false_or_numbers_among_objects_are_a_target(values: list[object]) -> None:
    target = read_target(pd.Series(values * 3, dtype=object))
    assert target.classes.tolist() == values
    assert target.y.tolist() == [0, 1] * 3


def test_accounts_1_and_text_1_are_two() -> None:
    assert read_owner([1, "1", 1], 3).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["a", None, "b"], "groups is missing in 1 rows"),
        ([1.0, np.nan, np.nan], "groups is missing in 2 rows"),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), "groups is missing in 1 rows"),
        (["a", float("nan"), "b"], "groups is missing in 1 rows"),
        (["a", "b"], "groups has shape (2,) for 3 rows"),
    ],
)
def test_groups_that_cannot_be(groups: object, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_owner(groups, 3)
    assert words in str(caught.value)


def test_a_hundred_thousand_levels_keep_what_many_accounts_share() -> None:
    texts = np.array([f"customer {place}" for place in range(100_000)], dtype=object)
    texts[:40_000] = "wholesale"
    table = pd.DataFrame({"name": texts, "city": texts[::-1]})
    coding = Coding.learn(table, groups=np.arange(100_000) // 2)
    assert [column.levels for column in coding.columns] == [("wholesale",)] * 2
    coded = coding.encode(table)
    assert np.isnan(coded[40_000:, 0]).all()
    assert (coded[:40_000, 0] == 0).all()


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ([1.0, 2.0], ["3", "many"], "c was a number in training and now holds text, such as '3'"),
        (["a", "b"], [3, 4], "c was a category, such as 'a', in training and now holds numbers, such as '3'"),
        ([True, False], [1.0, 0.0], "c was a category, such as 'false', in training and now holds numbers"),
    ],
)
def test_a_number_in_training_and_text_in_scoring_and_the_reverse(
    was: list[object], now: list[object], words: str
) -> None:
    coding = Coding.learn(pd.DataFrame({"c": was * 30}))
    with pytest.raises(DataError) as caught:
        coding.encode(pd.DataFrame({"c": now}))
    assert words in str(caught.value)


def test_numbers_written_as_text_are_levels_and_their_numbers_find_them() -> None:
    coding = Coding.learn(pd.DataFrame({"zone": ["1", "2", "10"] * 30}))
    assert coding.columns[0].levels == ("1", "10", "2")
    for zones in ([1, 10, 2], [1.0, 10.0, 2.0], ["1", "10", "2"], [1, "10", 2.0]):
        assert coding.encode(pd.DataFrame({"zone": zones}))[:, 0].tolist() == [0, 1, 2]
    assert np.isnan(coding.encode(pd.DataFrame({"zone": ["1.0", "01", "3"]}))).all()


def test_true_and_one_are_different_levels() -> None:
    mixed = pd.Series([True, 1, "1", 1.0, np.bool_(False), 0, None], dtype=object)
    assert as_levels(mixed).tolist() == ["true", "1", "1", "1", "false", "0", None]
    assert as_levels(mixed[::-1]).tolist() == [None, "0", "false", "1", "1", "1", "true"]


@pytest.mark.parametrize("huge", [10**400, float("inf"), -np.inf, 1.7e308, -1e150])
def test_numbers_too_large_are_refused(huge: float) -> None:
    with pytest.raises(DataError) as caught:
        Coding.learn(pd.DataFrame({"n": pd.Series([1, huge], dtype=object)}))
    assert "Column n contains infinity or a number too large" in str(caught.value)


def test_large_whole_numbers_are_numbers_and_levels() -> None:
    values = pd.Series([2**63, 2**70, 1], dtype=object)
    coding = Coding.learn(pd.DataFrame({"n": values}))
    assert coding.encode(pd.DataFrame({"n": values}))[:, 0].tolist() == [2.0**63, 2.0**70, 1.0]
    assert as_levels(pd.Series([10**400, "x"], dtype=object)).tolist() == [str(10**400), "x"]


def test_durations_are_days() -> None:
    table = pd.DataFrame({"stay": pd.to_timedelta(["36h", None, "1D"])})
    assert Coding.learn(table).encode(table)[:2, 0].tolist()[0] == 1.5


def test_a_thousand_columns_of_which_990_are_empty_are_named_as_such() -> None:
    rng = np.random.default_rng(0)
    full = pd.DataFrame(rng.normal(size=(300, 10)), columns=[f"x{place}" for place in range(10)])
    empty = pd.DataFrame(np.nan, index=range(300), columns=[f"empty {place}" for place in range(990)])
    y = (full["x0"] + rng.normal(size=300) > 0).to_numpy(int)
    model = PropensityClassifier().fit(pd.concat([empty, full], axis=1), y)
    assert len(model.coding_.empty) == 990
    assert model.coding_.empty[0] == "empty 0"
    assert "(x0)" in model.verdict_.text


def test_numbers_next_to_zero_are_zero_as_the_booster_reads_them() -> None:
    X = pd.DataFrame({"n": np.random.default_rng(0).normal(size=400) * 1e-40})
    y = (X["n"] > 0).to_numpy(int)
    assert not Coding.learn(X).encode(X).any()
    # What it says of held-out rows is what the merged model says.
    assert PropensityClassifier().fit(X, y).verdict_.kind == "no usable signal"
    assert PropensityClassifier().fit(X * 1e10, y).verdict_.kind == "suspicious"


@pytest.mark.parametrize("scale", [1e149, 1e-30])
def test_numbers_of_any_allowed_size_are_learned_from(scale: float) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"n": rng.uniform(-1, 1, 400) * scale, "sign": rng.choice([-scale, scale], 400)})
    y = (X["n"] / scale + rng.normal(size=400) > 0).to_numpy(int)
    model = PropensityClassifier().fit(X, y)
    p = model.predict_proba(X)[:, 1]
    assert 0 < p.min() < p.max() < 1
    np.testing.assert_allclose(model.contributions(X).sum(axis=1), model.decision_function(X), atol=1e-9)


def test_missing_numbers_among_objects_are_missing() -> None:
    table = pd.DataFrame({"n": pd.Series([1.5, pd.NA, None, 2.5], dtype=object)})
    coded = Coding.learn(table).encode(table)[:, 0]
    assert coded[[0, 3]].tolist() == [1.5, 2.5]
    assert np.isnan(coded[[1, 2]]).all()


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us"), pa.timestamp("us", tz="Europe/London"), pa.date32(), pa.date64()]
)
def test_dates_of_arrow_are_dates(kind: pa.DataType) -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-11", None], utc="tz" in str(kind))
    table = pd.DataFrame({"d": pd.Series(days).astype(pd.ArrowDtype(kind))})
    coding = Coding.learn(table, as_of=["2024-01-31"] * 3)
    assert coding.dated == ("d",)
    found = coding.encode(table, as_of=["2024-01-31"] * 3)[:, 0]
    assert found[:2].tolist() == [30.0, 20.0]
    assert np.isnan(found[2])


def test_durations_of_arrow_are_days() -> None:
    spans = pd.Series(pd.to_timedelta(["36h", None, "1D"])).astype(pd.ArrowDtype(pa.duration("us")))
    table = pd.DataFrame({"stay": spans})
    assert Coding.learn(table).encode(table)[[0, 2], 0].tolist() == [1.5, 1.0]
