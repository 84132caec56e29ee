"""Lists that were written are dealt again exactly as they were, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.scoring.rank import METADATA, rank, write_ranked
from salesml.scoring.rank.again import dealt_again
from tests.scoring.rank.made import drawn


@pytest.mark.parametrize("limit", [{"hours_per_rep": 20.0}, {"places_per_rep": 6}])
def test_the_bundles_of_a_file_give_its_lists_and_chances(tmp_path: Path, limit: dict[str, Any]) -> None:
    write_ranked(rank(drawn(120, 4), explore=0.3, seed=9, **limit), tmp_path / "list.parquet")
    rules = json.loads(pq.read_schema(tmp_path / "list.parquet").metadata[METADATA.encode()])
    whole = pq.read_table(tmp_path / "list.parquet").to_pandas().sample(frac=1, random_state=1)
    found = dealt_again(whole, "conversion", rules)
    assert found is not None
    assert {tuple(whole["list"].iloc[each.places].unique()) for each in found} == {("ann",), ("bob",)}
    for each in found:
        some = whole.iloc[each.places]
        assert np.allclose(each.deal.probability, some["pick_probability"])
        told = next(one for one in rules["lists"] if one["list"] == some["list"].iloc[0])
        again = each.deal.draw(told["lot"])
        assert list(again.drawn) == list(some["picked"] == "explore")


def test_other_numbers_list_others_as_often_as_their_chances_say() -> None:
    ranked = rank(drawn(60, 2), places_per_rep=6, explore=0.4, seed=3)
    found = dealt_again(ranked, "conversion", ranked.attrs["rules"])
    assert found
    for each in found:
        numbers = (np.arange(20_000) + 0.5) / 20_000
        often = np.mean([(made := each.deal.draw(number)).kept | made.drawn for number in numbers], axis=0)
        assert np.allclose(often, ranked["pick_probability"].iloc[each.places], atol=1e-3)


def _without_a_row(ranked: pd.DataFrame, rules: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    return ranked.iloc[1:].reset_index(drop=True), rules


def _another_seed(ranked: pd.DataFrame, rules: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    return ranked, rules | {"seed": 4}


def _no_rules(ranked: pd.DataFrame, rules: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    return ranked, {}


def _nothing_by_lot(ranked: pd.DataFrame, rules: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    return ranked, rules | {"explore": 0.0}


@pytest.mark.parametrize("change", [_without_a_row, _another_seed, _no_rules, _nothing_by_lot])
def test_what_was_changed_is_not_dealt_again(change: Any) -> None:
    ranked = rank(drawn(60, 2), places_per_rep=6, explore=0.4, seed=3)
    assert dealt_again(*_given(change(ranked, dict(ranked.attrs["rules"])))) is None


def _given(changed: tuple[pd.DataFrame, dict[str, Any]]) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    return changed[0], "conversion", changed[1]
