"""Sentences worded once for all that are told alike are those of each row worded by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.scoring import said as said_module
from salesml.scoring.companions import Companions
from salesml.scoring.said import Kept, distinct, said
from salesml.snapshots.feature import Feature
from salesml.words.peers import Part, Peers, Usual
from tests.scoring.row_by_row import said_row_by_row
from tests.scoring.test_reasons import snapshot

PARTS = (Part(0.5, 40, low=None, high=2.0), Part(0.1, 40, low=2.0, high=50.0), Part(0.3, 90))
PEERS = {"churn": 0.2, "conversion": 0.2}


def peers_of(features: tuple[Feature, ...], values: pd.DataFrame, task: str = "churn") -> Peers:
    """Peers beside whom every number is above, below or like half of all."""
    usual = {}
    for feature in features:
        if feature.kind == "number":
            middle = float(np.nan_to_num(values[feature.name].median()))
            usual[feature.name] = Usual(middle, middle, PARTS, whole=feature.form == "count")
        else:
            usual[feature.name] = Usual(parts=(Part(0.5, 40, level="web"), Part(0.3, 40)))
    return Peers(task, 90, PEERS[task], usual)


def both(
    features: tuple[Feature, ...], values: pd.DataFrame, reasons: int, seed: int, task: str = "churn"
) -> None:
    random = np.random.default_rng(seed)
    rows, chosen = random.integers(0, len(values), reasons), random.integers(0, len(features), reasons)
    leans = random.integers(-1, 2, reasons)
    coded = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    companions = Companions(features, values)
    peers = peers_of(features, values, task) if seed % 2 else None
    batch = said(companions, coded, rows, chosen, leans, peers)
    alone = said_row_by_row(companions, coded, rows, chosen, leans, peers)
    kept = Kept()
    said(companions, coded, rows[::2], chosen[::2], leans[::2], peers, kept)
    again = said(companions, coded, rows, chosen, leans, peers, kept)
    for name, column in alone.items():
        assert batch[name].to_pylist() == again[name].to_pylist() == column.to_pylist(), name
    assert not [text for text in batch["words"].to_pylist() if len(text) > 300 or not text.isprintable()]


@pytest.mark.parametrize("seed", range(6))
def test_an_order_log_is_told_as_row_by_row(seed: int) -> None:
    rows, features = snapshot(seed)
    both(features, rows[[feature.name for feature in features]], 6000, seed)


def test_sentences_that_were_forgotten_are_worded_again() -> None:
    rows, features = snapshot(1)
    values = rows[[feature.name for feature in features]]
    companions, random = Companions(features, values), np.random.default_rng(1)
    row, chosen = random.integers(0, len(values), 3000), random.integers(0, len(features), 3000)
    leans, coded = random.integers(-1, 2, 3000), np.zeros(values.shape)
    kept, large = Kept(most=50), Kept()
    once = said(companions, coded, row, chosen, leans, None, kept)
    again = said(companions, coded, row, chosen, leans, None, kept)
    said(companions, coded, row, chosen, leans, None, large)
    assert len(kept) <= 50 < len(large)
    assert once["words"].equals(again["words"])
    assert once["value_text"].equals(again["value_text"])


HOSTILE = ("", "<b>bold</b>\n", "\u202eturned", "x" * 10_000, "{value}", "😀", "' OR 1=1")
STAGE = (
    Feature(name="stage", kind="category", source="stages", column="stage", words="stage", form="category"),
    Feature(name="days", source="stages", column="stage", words="days in the present stage", form="days"),
    Feature(
        name="ended", source="contracts", words="days since the last contract ended", form="days", unit="days"
    ),
    Feature(
        name="end", source="contracts", words="days to the planned end of the contract", form="days",
        unit="days",
    ),
    Feature(name="running", source="contracts", words="running contracts", form="count"),
    Feature(name="seats", words="seats", form="count"),
    Feature(name="ratio", words="seats in use", form="ratio"),
    Feature(name="fee", words="fee", form="money", unit="EUR"),
    Feature(name="usage", words="seats in use", form="share"),
    Feature(name="size", words="size"),
    Feature(name="age", words="days since it was created", form="days"),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from([0.0, 1.0, 2.0, 0.15, 0.25, 2.5, 9.949, 9.95, 50.0, 99.994, 99.995, 365.5]),
            st.sampled_from([0.0005, 0.001, 0.99, 0.995, 0.9951, 2.675, 1.005, -1.0, -0.001, 730.4, 12345.5]),
            st.floats(-1e4, 1e6),
        ),
        min_size=3,
        max_size=12,
    ),
    st.integers(0, 10**6),
    st.sampled_from(["churn", "conversion"]),
)
def test_any_number_is_told_as_row_by_row(numbers: list[float | None], seed: int, task: str) -> None:
    random = np.random.default_rng(seed)
    pool = np.array([np.nan if number is None else number for number in numbers])
    values = pd.DataFrame({feature.name: random.choice(pool, 60) for feature in STAGE})
    values["stage"] = random.choice(np.array(["new", "web", *HOSTILE, None], dtype=object), 60)
    both(STAGE, values, 400, seed, task)


def test_rows_with_equal_keys_share_a_number() -> None:
    keys = [np.array([1.0, 1.0, np.nan, 1.0, np.nan]), np.array([0.0, 2.0, 0.0, 0.0, 0.0])]
    codes, first = distinct(keys)
    assert codes.tolist() == [0, 1, 2, 0, 2]
    assert first.tolist() == [0, 1, 2]
    assert distinct([np.empty(0)])[1].size == 0
    codes, first = distinct([np.array([0.0, -0.0, 3.0]), np.array([True, True, False])])
    assert codes.tolist() == [0, 0, 1]
    assert first.tolist() == [0, 2]


def test_rows_that_only_their_mixed_keys_call_equal_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    keys = [rng.integers(0, 3, 200).astype(float) for _ in range(4)]
    expected = distinct(keys)
    assert len(expected[1]) == len(np.unique(np.column_stack(keys), axis=0))
    monkeypatch.setattr(said_module, "ODD", np.uint64(0))
    for found, wanted in zip(distinct(keys), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
