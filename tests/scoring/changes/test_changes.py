"""What moved a score: the parts add up, belong where they are told, and read as they are."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.errors import DataError, UsageError
from salesml.scoring import Scorer, changes
from tests.scoring.changes.made import ALL, AS_OF, FEWER, OTHERS, SINCE, compared, dated, scorer, sums
from tests.scoring.made import bundle

MODELS = ((ALL, 0), (ALL, 1), (FEWER, 0), (OTHERS, 0))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.sampled_from(MODELS),
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.integers(0, 6),
)
def test_the_parts_add_up(one: tuple[Any, int], two: tuple[Any, int], seed: int, size: int, top: int) -> None:
    old, new = scorer(*one), scorer(*two)
    before, now = dated(size, seed, SINCE), dated(size, seed + 1)
    result = compared(old, before, new, now, top)
    parts = result["data_change"] + result["model_change"]
    assert np.abs(parts - (result["log_odds"] - result["log_odds_before"])).max() < 1e-9
    assert np.abs(result["change"] - parts).max() < 1e-9
    data = sums(result["data_reasons"]) + result["data_other"]
    model = result["base_change"] + sums(result["model_reasons"]) + result["model_other"]
    assert np.abs(data - result["data_change"]).max() < 1e-9
    assert np.abs(model - result["model_change"]).max() < 1e-9
    # The chances are those that scoring gives.
    assert list(result["probability_before"]) == list(old.score(before)["probability"])
    assert list(result["probability"]) == list(new.score(now)["probability"])
    if top == 6:  # more than there are groups: nothing is left but what rounds to nothing
        assert result["data_other"].abs().max() < 6 * 5e-5
        assert result["model_other"].abs().max() < 7 * 5e-5
    for name in ("data_reasons", "model_reasons"):
        for reasons in result[name]:
            sizes = [round(abs(reason["contribution"]), 4) for reason in reasons]
            assert len(reasons) <= top
            assert sizes == sorted(sizes, reverse=True)
            assert all(sizes)


def test_each_part_is_a_difference_of_contributions() -> None:
    old, new = scorer(ALL, 0), scorer(ALL, 1)
    before, now = dated(30, 5, SINCE), dated(30, 6)
    result = compared(old, before, new, now)
    was, by_old = (old.score(frame, top=9) for frame in (before, now))
    by_new = new.score(now, top=9)

    def of(table: pd.DataFrame, row: int, features: Any) -> float:
        found = [r["contribution"] for r in table["reasons"][row] if list(r["features"]) == list(features)]
        return float(found[0]) if found else 0.0

    for row in range(30):
        for reason in result["data_reasons"][row]:
            before_, now_ = (of(table, row, reason["features"]) for table in (was, by_old))
            assert reason["contribution_before"] == pytest.approx(before_, abs=5.1e-5)
            assert reason["contribution_now"] == pytest.approx(now_, abs=5.1e-5)
            assert reason["contribution"] == pytest.approx(now_ - before_, abs=1.1e-4)
        for reason in result["model_reasons"][row]:
            before_, now_ = (of(table, row, reason["features"]) for table in (by_old, by_new))
            assert reason["contribution"] == pytest.approx(now_ - before_, abs=1.1e-4)
    assert np.allclose(result["base_change"], new.bundle.base_value - old.bundle.base_value, atol=1e-9)


def test_the_same_model_changes_nothing_and_is_not_told() -> None:
    model = scorer()
    result = compared(model, dated(50, 1, SINCE), Scorer(model.bundle, version="again"), dated(50, 2))
    for name in ("model_change", "base_change", "model_other"):
        assert (result[name] == 0).all()
    assert all(len(reasons) == 0 for reasons in result["model_reasons"])
    assert not result["words"].str.contains("model").any()
    assert (result["model_version_before"] == "v0").all()
    assert (result["model_version"] == "again").all()


def test_the_same_rows_change_nothing() -> None:
    frame = dated(50, 1)
    result = compared(scorer(ALL, 0), frame.assign(as_of=SINCE), scorer(ALL, 1), frame)
    assert (result["data_change"] == 0).all()
    assert all(len(reasons) == 0 for reasons in result["data_reasons"])
    assert result["words"].str.contains("Nothing that counts changed in the data.").all()
    assert result["words"].str.contains("The model itself changed").all()
    assert (result["model_change"] != 0).any()


def test_who_is_new_and_who_is_gone() -> None:
    before, now = (
        dated(4, 1, SINCE),
        dated(4, 1).iloc[[3, 1, 0]].assign(entity_id=["c00003", "new", "c00000"]),
    )
    result = compared(scorer(ALL, 0), before, scorer(ALL, 1), now)
    assert list(result["entity_id"]) == ["c00003", "new", "c00000", "c00001", "c00002"]
    assert list(result["status"]) == ["compared", "new", "compared", "gone", "gone"]
    new, gone = result.iloc[1], result.iloc[3]
    assert np.isnan(new["probability_before"])
    assert np.isnan(new["change"])
    assert new["probability"] == scorer(ALL, 1).score(now)["probability"][1]
    assert new["words"].endswith("%. Not scored on 1 October 2025.")
    assert np.isnan(gone["probability"])
    assert gone["probability_before"] == scorer(ALL, 0).score(before)["probability"][1]
    assert gone["words"].startswith("No longer scored; on 1 October 2025 the risk of leaving was ")
    assert set(result["since"]) == {SINCE}
    assert set(result["as_of"]) == {AS_OF}
    assert new["data_reasons"] is None
    assert gone["model_reasons"] is None


def test_nobody_then_or_now() -> None:
    frame = dated(3, 1)
    assert list(compared(scorer(), frame.iloc[:0], scorer(), frame)["status"]) == ["new"] * 3
    assert list(compared(scorer(), frame, scorer(), frame.iloc[:0])["status"]) == ["gone"] * 3
    assert len(compared(scorer(), frame.iloc[:0], scorer(), frame.iloc[:0])) == 0


def test_a_row_that_cannot_be_scored_keeps_its_place() -> None:
    before, now = dated(5, 1, SINCE), dated(5, 2)
    before.loc[1, "recency"] = np.inf
    now["orders_90"] = now["orders_90"].astype(object)
    now.loc[3, "orders_90"] = "many"
    result = compared(scorer(), before, scorer(), now)
    assert list(result["status"]) == ["compared", "not scored", "compared", "not scored", "compared"]
    assert result["problem"][1] == "recency is infinite"
    assert result["problem"][3] == "orders_90 is not a number"
    assert pd.isna(result["words"][1])
    whole = compared(scorer(), dated(5, 1, SINCE), scorer(), dated(5, 2))
    assert result["words"][4] == whole["words"][4]


@pytest.mark.parametrize("days", [(SINCE, SINCE), (SINCE, dt.date(2025, 9, 1))])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, days: tuple[dt.date, dt.date]) -> None:
    old, new, before, now = scorer(ALL, 0), scorer(FEWER, 0), dated(60, 1), dated(50, 2)
    before["as_of"] = [days[row > 30] for row in range(60)]
    whole = changes(old, before, new, now)
    monkeypatch.setattr(sys.modules["salesml.scoring.changes.comparison"], "BLOCK", 7)
    assert changes(old, pa.Table.from_pandas(before), new, now).equals(whole)


def test_everything_wrong_is_said() -> None:
    frame = dated(3, 1)
    with pytest.raises(DataError) as missing:
        changes(scorer(OTHERS, 0), frame, scorer(FEWER, 0), frame.drop(columns=["tickets_30", "orders_30"]))
    assert [fault.column for fault in missing.value.faults] == ["orders_30", "tickets_30"]
    twice = pd.concat([frame, frame.iloc[:1]])
    with pytest.raises(DataError) as repeated:
        changes(scorer(), twice, scorer(), twice)
    assert [fault.code for fault in repeated.value.faults] == ["repeated-entity"] * 2
    assert "1 accounts stand in several rows of old_rows" in str(repeated.value)
    other = Scorer(replace(bundle(), task="conversion"), threads=1)
    with pytest.raises(UsageError, match="The model before predicts churn, the model now conversion"):
        changes(scorer(), frame, other, frame)
