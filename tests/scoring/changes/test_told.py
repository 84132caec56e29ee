"""What is told of a change: facts of the two rows, in clean sentences, and nothing that is withheld."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from salesml.scoring import changes
from tests.scoring.changes.made import ALL, AS_OF, FEWER, OTHERS, SINCE, compared, dated, scorer, sums


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


def test_several_dates_before() -> None:
    before = dated(4, 1, SINCE)
    before["as_of"] = [SINCE, dt.date(2025, 9, 1), SINCE, SINCE]
    result = compared(scorer(), before, scorer(), dated(4, 2))
    assert result["since"][1] == dt.date(2025, 9, 1)
    assert "since 1 September 2025" in result["words"][1]
    assert all(" on 1 " not in reason["words"] for reason in result["data_reasons"][1])
