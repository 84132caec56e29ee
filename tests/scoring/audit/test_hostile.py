"""Hostile values of categories break no sentence, and contradictory rows are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesml.scoring import Scorer
from salesml.snapshots.feature import Feature
from tests.scoring import made
from tests.scoring.audit.batch import Batch, bundle_of

HOSTILE = (
    "", " ", "\n", "a\r\nb\tc", "\x00", "\x1b[31mred", "<script>alert(1)</script>", "<b>", "</td>",
    "&lt;b&gt;", "\"'`", "\u202eabc\u202c", "\u200f", "\u2028", "\ufeff", "e\u0301" * 50, "x" * 10_000,
    "{value}", "{0}", "%s", "\\1", "$&", "🙂🙂", "; usually every 3 days", "No order so far", "not known",
    "a rare or new value", "12", "1,234.5", "none", "because", "Plan 9: (a rare or new value)",
    "\x01value\x02", "NaN", "null", "-0", "…", "<100 employees", "a < b > c",
)  # fmt: skip
LEVELS = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=80), st.text("<>&;:{}\x00\u202e12 ", max_size=12)
)


def frame_of(levels: list[str | None], seed: int = 0) -> pd.DataFrame:
    """Rows in which each level stands often and alone decides the outcome."""
    frame = made.rows(160, seed)
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(levels), len(frame))
    frame["industry"] = pd.Series([levels[number] for number in drawn], dtype=object)
    frame["label"] = ((drawn + random.integers(0, 3, len(frame))) % 3 == 0).astype(int)
    return frame


def audited(learned: pd.DataFrame, rows: pd.DataFrame, features: tuple[Feature, ...] = made.FEATURES) -> Any:
    bundle = bundle_of(features, learned, learned["label"].tolist(), trees=4)
    batch = Batch(bundle, rows, Scorer(bundle, threads=1).table(rows))
    return batch.scores, batch.audited(batch.scores)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kept=st.lists(LEVELS | st.none(), min_size=2, max_size=5), new=st.lists(LEVELS, min_size=1, max_size=3)
)
def test_no_level_breaks_a_sentence(kept: list[str | None], new: list[str]) -> None:
    learned = frame_of(kept)
    rows = frame_of([*kept, *new], seed=1)
    _, found = audited(learned, rows)
    assert found.findings == ()
    assert found.sentences > 0


@pytest.mark.parametrize("level", HOSTILE)
def test_each_hostile_level_is_told_and_traced(level: str) -> None:
    learned = frame_of([level, "retail", "health"])
    scores, found = audited(learned, learned)
    assert found.findings == ()
    told = [
        reason
        for row in scores["reasons"].to_pylist()
        for reason in row
        if reason["features"] == ["industry"]
    ]
    assert told


def test_a_hostile_stage_is_told_and_traced() -> None:
    features = (
        *made.FEATURES[:1],
        Feature(
            name="in_stage",
            source="stages",
            words="days in the present stage",
            form="days",
            unit="days",
            group="stage",
        ),
        Feature(
            name="stage", source="stages", kind="category", words="stage", form="category", group="stage"
        ),
    )
    learned = frame_of(["3rd' for 12 days", "Demo 2", "a' for 9 days"])
    learned["stage"] = learned["industry"]
    learned["in_stage"] = np.random.default_rng(2).integers(0, 900, len(learned)).astype(float)
    learned["label"] = (learned["in_stage"] > 300).astype(int)
    scores, found = audited(learned, learned, features)
    assert found.findings == ()
    said = [reason["words"] for row in scores["reasons"].to_pylist() for reason in row]
    assert any(text.startswith("In stage '3rd' for 12 days' for ") for text in said)


def of_orders() -> tuple[Feature, ...]:
    """The features, the numbers all of one log."""
    return tuple(
        replace(each, source="events.orders") if each.kind == "number" else each for each in made.FEATURES
    )


def test_rows_that_contradict_themselves_are_named() -> None:
    learned = frame_of(["retail", "health"])
    learned.loc[::2, "recency"] = np.nan
    learned["label"] = ((learned["orders_30"] > 0) == learned["recency"].isna()).astype(int)
    features = of_orders()
    rows = learned.assign(recency=np.nan, orders_30=3.0, orders_90=3.0)
    scores, found = audited(learned, rows, features)
    said = [" | ".join(reason["words"] for reason in row) for row in scores["reasons"].to_pylist()]
    both = [text for text in said if "No order so far" in text and "3 orders in the last" in text]
    assert both, said[:20]
    (finding,) = found.findings
    assert finding.code == "contradiction"
    assert finding.count == 2 * len(both)


def test_contradictions_are_found_between_sentences_of_one_row_only() -> None:
    learned = frame_of(["retail", "health"])
    learned["label"] = ((learned["orders_30"] > 1) | (learned["recency"] > 100)).astype(int)
    features = of_orders()
    rows = learned.assign(recency=150.0, orders_30=3.0, orders_90=3.0)
    scores, found = audited(learned, rows, features)
    (finding,) = found.findings
    assert finding.code == "contradiction"
    assert any("150 days" in example for example in finding.examples)
    assert pa.types.is_list(scores["reasons"].type)
