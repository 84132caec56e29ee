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
from salesml.scoring.changes.table import SCHEMA
from tests.scoring.changes.made import AS_OF, SINCE, dated, scorer
from tests.scoring.made import bundle

ALL = ()
FEWER = ("recency", "orders_30", "industry")
OTHERS = ("recency", "orders_90", "tickets_30", "industry")
MODELS = ((ALL, 0), (ALL, 1), (FEWER, 0), (OTHERS, 0))


def compared(old: Scorer, before: pd.DataFrame, new: Scorer, now: pd.DataFrame, top: int = 5) -> pd.DataFrame:
    table = changes(old, before, new, now, top)
    assert table.schema == SCHEMA
    frame: pd.DataFrame = table.to_pandas()
    return frame


def sums(column: pd.Series[Any]) -> Any:
    return np.array([sum(reason["contribution"] for reason in reasons) for reasons in column])


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


def test_two_models_on_one_day_are_told_without_a_day() -> None:
    frame = dated(50, 1)
    result = compared(scorer(ALL, 0), frame, scorer(ALL, 1), frame)
    assert not result["words"].str.contains("since|2026").any()
    assert result["words"].str.contains(r"Risk of leaving: (?:up|down) from \S+ to \S+%\.").any()


def test_sentences_tell_the_values_of_their_rows() -> None:
    before, now = dated(150, 7, SINCE), dated(150, 8)
    result = compared(scorer(), before, scorer(), now)
    kinds = {"raises": 1, "lowers": -1}
    told = 0
    for row, reasons in enumerate(result["data_reasons"]):
        groups = [tuple(reason["features"]) for reason in reasons]
        assert len(set(groups)) == len(groups)
        for reason in reasons:
            assert kinds[reason["direction"]] == np.sign(reason["contribution"])
            members = list(reason["features"])
            same = [
                name for name in members
                if same_value(before[name][row], reason, "before")
                and same_value(now[name][row], reason, "now")
            ]  # fmt: skip
            assert same, reason
            if "unchanged" in reason["words"]:
                assert all(before[name][row] == now[name][row] or pd.isna(now[name][row]) for name in same)
            else:
                assert f"({reason['text_before']} on 1 October 2025)" in reason["words"]
                told += 1
    assert told > 200


def same_value(value: Any, reason: dict[str, Any], when: str) -> bool:
    if isinstance(value, str):
        return bool(reason[f"text_{when}"] == value)
    number = reason[f"number_{when}"]
    return bool(pd.isna(value) and (number is None or pd.isna(number))) or value == number


def test_what_one_model_alone_looks_at_is_named() -> None:
    result = compared(scorer(FEWER, 0), dated(200, 3, SINCE), scorer(OTHERS, 0), dated(200, 4), 9)
    reasons = [reason for row in result["model_reasons"] for reason in row]
    alone = {tuple(reason["features"]): reason["only_in"] for reason in reasons if reason["only_in"]}
    assert alone == {("tickets_30",): "new"}  # orders_30 and orders_90 are one group, of both models
    told = [reason["words"] for reason in reasons if tuple(reason["features"]) == ("tickets_30",)]
    assert told
    assert all(words.endswith("(only the new model looks at this)") for words in told)
    orders = [reason for reason in reasons if "orders_30" in reason["features"]]
    assert {tuple(reason["features"]) for reason in orders} == {("orders_90", "orders_30")}
    assert {reason["words"].partition("(")[2] for reason in orders} <= {
        "only the new model looks at this)",
        "only the old model looked at this)",
    }
    back = compared(scorer(OTHERS, 0), dated(200, 3, SINCE), scorer(FEWER, 0), dated(200, 4), 9)
    gone = [r for row in back["model_reasons"] for r in row if list(r["features"]) == ["tickets_30"]]
    assert {reason["only_in"] for reason in gone} == {"old"}
    assert all(reason["contribution_now"] == 0 for reason in gone)
    assert all(reason["words"].endswith("(only the old model looked at this)") for reason in gone)


@pytest.mark.parametrize("name", ["industry", "orders", "orders_30"])
def test_of_what_is_withheld_nothing_is_told(name: str) -> None:
    old, new, before, now = scorer(ALL, 0), scorer(OTHERS, 0), dated(60, 3, SINCE), dated(60, 4)
    told = changes(old, before, new, now, 9).to_pandas()
    kept = changes(old, before, new, now, 9, withheld=[name]).to_pandas()
    plain = "industry" if name == "industry" else "orders"
    for column in ("data_reasons", "model_reasons"):
        assert any(plain in reason["words"].lower() for row in told[column] for reason in row)
        assert not any(plain in reason["words"].lower() for row in kept[column] for reason in row)
        features = {feature for row in kept[column] for reason in row for feature in reason["features"]}
        assert features
        assert not {feature for feature in features if plain in feature}
    assert not kept["words"].str.lower().str.contains(rf"{plain}:|\b{plain} ").any()
    for name in ("change", "data_change", "model_change", "base_change"):
        assert (kept[name] == told[name]).all()
    data = sums(kept["data_reasons"]) + kept["data_other"]
    assert np.abs(data - kept["data_change"]).max() < 1e-9


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


def test_in_words() -> None:
    before = dated(1, 1, SINCE).assign(
        recency=10.0, orders_30=5.0, orders_90=9.0, revenue_90=747.0, industry="retail"
    )
    now = before.assign(as_of=AS_OF, recency=120.0, orders_30=0.0, orders_90=0.0, revenue_90=0.0)
    result = compared(scorer(), before, scorer(), now)
    chances = [
        f"{100 * result[name][0]:.{0 if result[name][0] > 0.0995 else 1}f}%"
        for name in ("probability_before", "probability")
    ]
    words = result["words"][0]
    assert words.startswith(
        f"Risk of leaving: up from {chances[0]} to {chances[1]} since 1 October 2025. "
        "What changed and raises it: "
    )
    told = {tuple(reason["features"]): reason for reason in result["data_reasons"][0]}
    recency = told[("recency",)]
    assert recency["words"] == "No order for 120 days (10 days on 1 October 2025)"
    assert (recency["text_before"], recency["text_now"]) == ("10 days", "120 days")
    assert (recency["number_before"], recency["number_now"]) == (10.0, 120.0)
    assert recency["direction"] == "raises"
    assert told[("orders_30", "orders_90")]["words"].startswith("No orders in the last ")
    assert "No order for 120 days (before: 10 days)" in words
    industry = told.get(("industry",))
    assert industry is None or "unchanged, but counts for something else" in industry["words"]
    down = compared(scorer(), now.assign(as_of=SINCE), scorer(), before.assign(as_of=AS_OF))
    assert down["words"][0].startswith(f"Risk of leaving: down from {chances[1]} to {chances[0]} since")
    assert "What changed and lowers it: " in down["words"][0]
    assert "because" not in words


def test_without_dates() -> None:
    before, now = (dated(20, seed).drop(columns="as_of") for seed in (1, 2))
    result = compared(scorer(), before, scorer(), now.assign(entity_id=[*now["entity_id"][:-1], "new"]))
    assert result["since"].isna().all()
    assert not result["words"].str.contains(" on | since ").any()
    assert result["words"].str.contains("(before: ", regex=False).any()
    assert result["words"][19].endswith("Not scored before.")
    assert " before." in result["words"][20]


def test_hostile_levels_stay_in_one_clean_line() -> None:
    levels = ["<script>alert(1)</script>", "a\u202eb\x00c", "x" * 10_000, "", "two\nlines", "😀", "\"'&"]
    before, now = dated(len(levels), 1, SINCE), dated(len(levels), 2).assign(industry=levels)
    result = compared(scorer(), before, scorer(), now, 9)
    for row, words in enumerate(result["words"]):
        assert "\n" not in words
        assert not set("\u202e\x00") & set(words)
        assert len(words) < 2000, row
    back = compared(scorer(), now, scorer(), before, 9)
    assert back["words"].str.len().max() < 2000


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


def test_several_dates_before() -> None:
    before = dated(4, 1, SINCE)
    before["as_of"] = [SINCE, dt.date(2025, 9, 1), SINCE, SINCE]
    result = compared(scorer(), before, scorer(), dated(4, 2))
    assert result["since"][1] == dt.date(2025, 9, 1)
    assert "since 1 September 2025" in result["words"][1]
    assert all(" on 1 " not in reason["words"] for reason in result["data_reasons"][1])
