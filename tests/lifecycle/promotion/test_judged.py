"""A champion that is of use holds a challenger to its order and reasons; one that is of none cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from salesml.config import Gates
from salesml.lifecycle.promotion.asked import Answer
from salesml.lifecycle.promotion.judged import Judgement, judge_answers
from salesml.lifecycle.rows import Rows
from salesml.snapshots import Feature

ROWS = 3_000
OURS = {"orders": 0.5, "visits": 0.3, "age": 0.1, "region": 0.06, "size": 0.04}
THEIRS = dict(zip(reversed(OURS), OURS.values(), strict=True))
BANDS = {"A": 0.05, "B": 0.2, "C": 0.5}


def judged(known: float, shares: dict[str, float]) -> Judgement:
    """A challenger that knows all of the log-odds, and a champion that knows a part of them."""
    rng = np.random.default_rng(0)
    told, rest = rng.normal(0, np.sqrt(known), ROWS), rng.normal(0, np.sqrt(2 - known), ROWS)
    full = -1 + told + rest
    y = (rng.random(ROWS) < expit(full)).astype(np.int8)
    rows = Rows(
        X=pd.DataFrame(index=range(ROWS)), y=y, entity=np.array([f"a{place}" for place in range(ROWS)]),
        as_of=np.full(ROWS, np.datetime64("2026-01-01")), value=np.zeros(ROWS),
    )  # fmt: skip
    rate = np.log(y.mean() / (1 - y.mean()))
    ours = np.full(ROWS, rate) + 0.8 * told if known else rate + 0.3 * rng.normal(size=ROWS)
    return judge_answers(
        Answer(raw=ours, p=expit(ours), shares=OURS), Answer(raw=full, p=expit(full), shares=shares), rows,
        Gates(), bands=BANDS, features=[Feature(name=name) for name in OURS],
    )  # fmt: skip


def test_other_reasons_are_stopped_where_the_champion_is_of_use() -> None:
    found = judged(known=1.0, shares=THEIRS)
    assert [line.gate for line in found.failed] == ["reasons_kept"]
    assert "may not take over: it fails reasons_kept" in found.text


def test_the_same_reasons_pass() -> None:
    assert judged(known=1.0, shares=OURS).passed


def test_a_champion_that_is_of_no_use_cannot_hold_a_better_one_back() -> None:
    found = judged(known=0.0, shares=THEIRS)
    told = {line.gate: line for line in found.lines}
    assert found.passed
    assert told["ranking_overlap"].value == pytest.approx(0.2, abs=0.08), "as many as by lot"
    assert "Not asked" in told["ranking_overlap"].allowed
    assert "Not asked" in told["reasons_kept"].allowed
