from __future__ import annotations

import decimal
import json

import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.model import Coding


def frame(rows: int = 60) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "money, in £": np.arange(rows, dtype=float),
            "plan": ["basic", "pro", "pro"] * (rows // 3),
            "late": [True, False] * (rows // 2),
            "size": [1.0, np.nan] * (rows // 2),
        }
    )


def test_numbers_stay_and_levels_get_codes() -> None:
    coding = Coding.learn(frame())
    assert [column.kind for column in coding.columns] == ["number", "category", "category", "number"]
    assert coding.columns[1].levels == ("basic", "pro")
    assert coding.columns[2].levels == ("false", "true")
    coded = coding.encode(frame())
    assert coded.dtype == np.float64
    assert coded.flags.c_contiguous
    np.testing.assert_array_equal(coded[:3], [[0, 0, 1, 1], [1, 1, 0, np.nan], [2, 1, 1, 1]])
    assert coding.categories == [1, 2]
    assert coding.internal_names == ["f0", "f1", "f2", "f3"]


def test_a_level_that_fewer_than_twenty_rows_share_is_not_kept() -> None:
    plans = pd.DataFrame({"plan": ["a"] * 20 + ["b"] * 19 + ["c"] * 21})
    coding = Coding.learn(plans)
    assert coding.columns[0].levels == ("a", "c")
    assert "'b'" not in json.dumps(coding.as_dict())
    assert np.isnan(coding.encode(plans)[20:39]).all()


def test_levels_are_counted_by_accounts_not_rows() -> None:
    plans = pd.DataFrame({"plan": ["a"] * 60 + ["b"] * 60})
    accounts = [*np.arange(60), *(np.arange(60) % 19 + 100)]
    assert Coding.learn(plans, groups=accounts).columns[0].levels == ("a",)


def test_unseen_rare_and_missing_levels_are_the_same() -> None:
    coding = Coding.learn(frame())
    odd = pd.DataFrame({"money, in £": 0.0, "plan": ["gold", None, np.nan], "late": True, "size": 1.0})
    assert np.isnan(coding.encode(odd)[:, 1]).all()


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([True, False] * 30),
        pd.Series([True, False] * 30, dtype="boolean"),
        pd.Series([True, False] * 30, dtype="object"),
        pd.Series(["true", "false"] * 30),
        pd.Series(["true", "false"] * 30, dtype="category"),
    ],
)
def test_a_boolean_is_the_same_category_however_it_is_held(values: pd.Series) -> None:
    coding = Coding.learn(pd.DataFrame({"late": [True, False] * 30}))
    np.testing.assert_array_equal(coding.encode(pd.DataFrame({"late": values}))[:2, 0], [1, 0])


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2, None] * 20, dtype="Int64"),
        pd.Series([1.0, 2.0, np.nan] * 20),
        pd.Series([decimal.Decimal(1), decimal.Decimal(2), None] * 20),
        pd.Series([1, 2, None] * 20, dtype="object"),
        pd.Series(["1", "2", None] * 20, dtype="category").astype("category").cat.rename_categories([1, 2]),
    ],
)
def test_a_number_is_the_same_however_it_is_held(values: pd.Series) -> None:
    coding = Coding.learn(pd.DataFrame({"n": [1.0, 2.0, np.nan] * 20}))
    np.testing.assert_array_equal(coding.encode(pd.DataFrame({"n": values}))[:3, 0], [1, 2, np.nan])


def test_categories_of_numbers_are_told_by_their_text() -> None:
    zones = pd.DataFrame({"zone": pd.Series([1, 2] * 30, dtype="category")})
    coding = Coding.learn(zones)
    assert coding.columns[0].levels == ("1", "2")
    np.testing.assert_array_equal(coding.encode(pd.DataFrame({"zone": [2.0, 1.0]}))[:, 0], [1, 0])


def test_missing_where_training_had_none_becomes_the_median() -> None:
    coding = Coding.learn(pd.DataFrame({"n": np.arange(9.0)}))
    assert coding.encode(pd.DataFrame({"n": [np.nan, 7.0]}))[:, 0].tolist() == [4.0, 7.0]


def test_a_column_that_held_nothing_is_never_used() -> None:
    coding = Coding.learn(pd.DataFrame({"n": [None] * 30, "m": [1.0] * 30}))
    assert coding.columns[0].kind == "empty"
    assert np.isnan(coding.encode(pd.DataFrame({"n": ["text"], "m": [1.0]}))[0, 0])


def test_a_coding_survives_json() -> None:
    coding = Coding.learn(frame())
    assert Coding.from_dict(json.loads(json.dumps(coding.as_dict()))) == coding


def test_every_column_that_cannot_be_a_feature_is_named_at_once() -> None:
    bad = pd.DataFrame(
        {
            "ratio": [1.0, np.inf, -np.inf],
            "blob": [b"x", [1], {"a": 1}],
        }
    )
    with pytest.raises(DataError) as caught:
        Coding.learn(bad)
    codes = {fault.column: fault.code for fault in caught.value.faults}
    assert codes == {
        "ratio": "infinite-value",
        "blob": "wrong-type",
    }
    text = str(caught.value)
    assert "Column blob holds values of type bytes, dict, list" in text


def test_text_in_a_number_is_refused_with_an_example() -> None:
    coding = Coding.learn(pd.DataFrame({"n": [1.0, 2.0]}))
    with pytest.raises(DataError) as caught:
        coding.encode(pd.DataFrame({"n": [1.0, "n/a"]}))
    assert "Column n was a number in training and now holds text, such as 'n/a'" in str(caught.value)


def test_a_mismatch_is_told_as_a_difference() -> None:
    coding = Coding.learn(frame())
    with pytest.raises(DataError) as caught:
        coding.encode(frame().rename(columns={"plan": "Plan", "size": "staff"}))
    text = str(caught.value)
    assert "Feature names unseen at fit time:\n- Plan\n- staff\n" in text
    assert "Feature names seen at fit time, yet now missing:\n- plan\n- size\n" in text
    assert "fitted on 4 columns" in text


def test_repeated_names_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        Coding.learn(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert "occur more than once: a" in str(caught.value)


def test_an_array_needs_the_same_width() -> None:
    coding = Coding.learn(np.zeros((5, 3)))
    with pytest.raises(DataError) as caught:
        coding.encode(np.zeros((5, 2)))
    assert "X has 2 features" in str(caught.value)
    assert coding.encode(np.ones((2, 3))).tolist() == [[1, 1, 1], [1, 1, 1]]


def test_rows_code_the_same_alone_and_together() -> None:
    coding = Coding.learn(frame())
    whole = coding.encode(frame())
    alone = np.vstack([coding.encode(frame().iloc[[place]]) for place in range(10)])
    np.testing.assert_array_equal(alone, whole[:10])
