"""Scores are the same whichever way a row comes, and their parts add up."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from salesml.errors import DataError, UsageError
from salesml.explain import explainer
from salesml.scoring import Scorer, check_quarantine
from salesml.scoring.table import schema
from tests.scoring.made import FEATURES, bundle, rows

SCORER = Scorer(bundle(), threads=1)
EXACT = ["entity_id", "status", "problem", "probability", "raw_score", "base_value", "band", "expected_loss"]


def scored(frame: pd.DataFrame | pa.Table, scorer: Scorer = SCORER) -> pd.DataFrame:
    return scorer.score(frame, run_id="test")


def same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    """Bit-equal scores, and the same reasons within 1e-5."""
    pd.testing.assert_frame_equal(
        one[EXACT].reset_index(drop=True), two[EXACT].reset_index(drop=True), check_exact=True
    )
    for left, right in zip(one["reasons"], two["reasons"], strict=True):
        assert [reason["words"] for reason in left] == [reason["words"] for reason in right]
        assert [r["contribution"] for r in left] == pytest.approx(
            [r["contribution"] for r in right], abs=1e-5
        )


def test_columns_are_the_score_table() -> None:
    result = scored(rows(5, 1))
    assert list(result.columns) == schema("churn").names
    assert SCORER.table(rows(5, 1)).schema == schema("churn")
    assert list(result["model"]) == ["churn"] * 5
    assert set(result["model_version"]) == {bundle().digest[:12]}
    assert result["as_of"][0] == dt.date(2026, 1, 31)


def test_parts_add_up_to_the_log_odds() -> None:
    for top in (0, 1, 2, 5):
        result = SCORER.score(rows(300, 1), top=top)
        listed = [sum(reason["contribution"] for reason in reasons) for reasons in result["reasons"]]
        total = result["base_value"] + listed + result["other_contribution"]
        assert np.allclose(total, logit(result["probability"]), atol=1e-10)
        assert max(map(len, result["reasons"])) <= top
    assert (result["other_contribution"].abs() < 5e-4).all()  # what rounds to nothing is not listed


def test_probability_follows_the_raw_score() -> None:
    result = scored(rows(300, 1)).sort_values("raw_score")
    assert result["probability"].is_monotonic_increasing
    assert list(result["band"].drop_duplicates()) == ["D", "C", "B", "A"]
    assert np.allclose(result["expected_loss"], result["probability"] * result["value"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.randoms(use_true_random=False))
def test_alone_in_a_batch_and_shuffled(seed: int, size: int, random: Any) -> None:
    frame = rows(size, seed)
    whole = scored(frame)
    order = list(range(size))
    random.shuffle(order)
    same(whole.iloc[order], scored(frame.iloc[order]))
    row = order[0]
    same(whole.iloc[[row]], scored(frame.iloc[[row]]))


def test_in_blocks_of_any_size() -> None:
    frame = rows(100, 4)
    whole = SCORER.table(frame, run_id="test")
    for size in (1, 7, 99, 100, 1000):
        parts = pa.Table.from_batches(SCORER.blocks(frame, run_id="test", rows=size))
        same(whole.to_pandas(), parts.to_pandas())


def test_whatever_the_types_are() -> None:
    frame = rows(80, 5)
    whole = scored(frame)
    numbers = ["recency", "orders_30", "orders_90"]
    ways: dict[str, Any] = {
        "nullable": frame.astype(dict.fromkeys(numbers, "Int64")),
        "float32": frame.astype(dict.fromkeys(numbers, "float32")),
        "objects": frame.astype(object),
        "category": frame.astype({"industry": "category", "orders_90": "category"}),
        "arrow text": frame.astype({"industry": "string[pyarrow]"}),
        "arrow": frame.convert_dtypes(dtype_backend="pyarrow"),
        "a table": pa.Table.from_pandas(frame),
        "a batch": pa.Table.from_pandas(frame).to_batches()[0],
        "decimals": frame.assign(revenue_90=[Decimal(repr(value)) for value in frame["revenue_90"]]),
        "other order": frame[frame.columns[::-1]],
        "more columns": frame.assign(more=1, industry_2="x"),
        "other index": frame.set_axis(range(500, 580)),
    }
    for way in ways.values():
        same(whole, scored(way))
    dictionary = pa.Table.from_pandas(frame)
    coded = dictionary["industry"].dictionary_encode()
    place = dictionary.column_names.index("industry")
    same(whole, scored(dictionary.set_column(place, "industry", coded)))


def test_a_mixed_column_is_read_value_by_value() -> None:
    frame = rows(3, 5).assign(industry=pd.Series([True, 1, "retail"], dtype=object))
    words = [
        next(r["words"] for r in reasons if "industry" in r["features"])
        for reasons in scored(frame)["reasons"]
    ]
    assert words == [
        "Industry: true (a rare or new value)",
        "Industry: 1 (a rare or new value)",
        "Industry: retail",
    ]


def test_batches_so_large_that_tables_pay_have_the_same_scores_and_reasons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = rows(500, 5)
    few = scored(frame)
    monkeypatch.setattr(explainer, "PER_LEAF_AND_ROW", 1e9)
    same(scored(frame), few)
    same(scored(frame, Scorer(bundle(), threads=2)), few)


def test_threads_change_nothing() -> None:
    frame = rows(500, 6)
    same(scored(frame), scored(frame, Scorer(bundle(), threads=2)))


def test_missing_columns_are_named_with_the_nearest() -> None:
    frame = rows(3).rename(columns={"orders_90": "order_90"}).drop(columns="recency")
    with pytest.raises(DataError) as caught:
        scored(frame)
    text = str(caught.value)
    assert "2 faults" in text
    assert "lacks the column recency" in text
    assert "lacks the column orders_90. Did you mean 'order_90'?" in text


def test_a_column_that_stands_twice() -> None:
    frame = pd.concat([rows(3), rows(3)[["recency"]]], axis=1)
    with pytest.raises(DataError, match="column recency stands 2 times"):
        scored(frame)


def test_an_array_is_refused() -> None:
    with pytest.raises(UsageError, match=r"came as ndarray.*whose columns have names"):
        scored(np.zeros((3, 5)))  # type: ignore[arg-type]


def test_a_number_too_large_leaves_its_row_alone_unscored() -> None:
    frame = rows(3)
    frame.loc[1, "revenue_90"] = 1e200
    result = scored(frame)
    assert list(result["status"]) == ["scored", "not scored", "scored"]
    assert result["problem"][1] == "revenue_90 is too large"


def test_rows_that_cannot_be_scored_keep_their_place() -> None:
    frame = rows(7, 8).astype({"revenue_90": object, "industry": object, "as_of": object, "value": object})
    frame.loc[1, "revenue_90"] = math.inf
    frame.loc[2, "revenue_90"] = "12"
    frame.loc[2, "orders_30"] = -math.inf
    frame.loc[3, "entity_id"] = None
    frame.at[4, "industry"] = ["a", "list"]
    frame.loc[5, "entity_id"] = frame.loc[0, "entity_id"]
    frame.loc[6, "as_of"] = "yesterday"
    result = scored(frame)
    assert list(result["status"]) == ["scored", *["not scored"] * 6]
    assert list(result["problem"][1:]) == [
        "revenue_90 is infinite",
        "orders_30 is infinite; revenue_90 is not a number",
        "it has no entity_id",
        "industry is a list, not one value",
        "the same entity_id and as_of stand in a row before",
        "as_of is not a date such as 2026-01-31",
    ]
    assert result["probability"].notna().sum() == 1
    assert list(result["reasons"][1:]) == [[]] * 6
    same(result.iloc[[0]], scored(frame.iloc[[0]]))


def test_too_many_problems_refuse_the_batch() -> None:
    frame = rows(200, 8)
    frame.loc[:1, "revenue_90"] = math.inf
    assert check_quarantine(SCORER.table(frame), bundle()) == 2
    frame.loc[:2, "revenue_90"] = math.inf
    with pytest.raises(DataError, match=r"3 of 200 rows could not be scored\. At most 1.0% may fail"):
        check_quarantine(SCORER.table(frame), bundle())


def test_no_rows_at_all() -> None:
    result = scored(rows(3).iloc[:0])
    assert list(result.columns) == schema("churn").names
    assert len(result) == 0


def test_only_bad_rows() -> None:
    assert list(scored(rows(2).assign(orders_30=math.inf))["status"]) == ["not scored"] * 2


def test_keys_may_be_left_out() -> None:
    result = scored(rows(3)[[feature.name for feature in FEATURES]])
    assert list(result["entity_id"]) == ["0", "1", "2"]
    assert result[["as_of", "rep_id", "value", "expected_loss"]].isna().all(axis=None)


def test_ids_are_text_whatever_they_were() -> None:
    frame = rows(3).assign(entity_id=[17.0, 18.0, math.nan])
    assert [*scored(frame)["entity_id"]][:2] == ["17", "18"]
    assert scored(frame)["entity_id"].isna()[2]
    assert list(scored(rows(1).assign(entity_id=["007"]))["entity_id"]) == ["007"]


def test_odd_ids_and_texts_do_not_break_the_table() -> None:
    ids = [b"x", "\ud800", "\x00", "=1", 2**70]
    odd = pd.Series(["\ud800"] * 5, dtype=object)
    frame = rows(5).assign(entity_id=pd.Series(ids, dtype=object), industry=odd)
    assert SCORER.table(frame)["entity_id"].to_pylist() == ["x", "\\ud800", "\x00", "=1", str(2**70)]


@pytest.mark.parametrize("day", ["2026-01-31", "2026-01-31T10:00:00", pd.Timestamp("2026-01-31", tz="UTC")])
def test_dates_in_other_forms(day: object) -> None:
    assert scored(rows(1).assign(as_of=day))["as_of"][0] == dt.date(2026, 1, 31)


@pytest.mark.parametrize("day", ["2026-01-31xyz", 20260131, "31.1.2026", "0000-01-01"])
def test_what_is_not_a_date(day: object) -> None:
    assert "as_of is not a date" in scored(rows(1).assign(as_of=day))["problem"][0]


def test_each_run_has_an_id_and_nothing_else_differs() -> None:
    one, two = SCORER.score(rows(20)), SCORER.score(rows(20))
    assert one["scoring_run_id"][0] != two["scoring_run_id"][0]
    pd.testing.assert_frame_equal(one.drop(columns="scoring_run_id"), two.drop(columns="scoring_run_id"))


def test_reasons_tell_the_strongest_of_their_group() -> None:
    result = scored(rows(50, 9))
    for reasons in result["reasons"]:
        sizes = [round(abs(reason["contribution"]), 4) for reason in reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert 0 not in sizes
        assert sum(reason["share"] for reason in reasons) == pytest.approx(1, abs=1e-3)
        for reason in reasons:
            assert reason["direction"] == ("raises" if reason["contribution"] > 0 else "lowers")
    every = [reason for reasons in result["reasons"] for reason in reasons]
    orders = [reason for reason in every if reason["features"] == ["orders_30", "orders_90"]]
    assert {" ".join(reason["words"].split(";")[0].split(" ")[-4:-1]).lower() for reason in orders} <= {
        "last 30 days:",
        "last 90 days:",
        "the last 30",
        "the last 90",
    }
    assert {reason["tag"] for reason in every if reason["features"] == ["industry"]} == {"fixed"}


def test_a_value_that_was_never_seen_is_scored_as_missing() -> None:
    frame = rows(1, 9).assign(industry="astrology")
    result = scored(frame)
    assert result["raw_score"][0] == scored(frame.assign(industry=None))["raw_score"][0]
    reason = next(r for r in result["reasons"][0] if r["features"] == ["industry"])
    assert reason["words"] == "Industry: astrology (a rare or new value)"
    assert reason["value_text"] == "astrology"
