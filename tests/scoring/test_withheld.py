"""Attributes that a model uses and no reason tells."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.scoring import Scorer
from salesml.scoring.audit import audit
from tests.scoring.made import bundle, rows

WITHHELD = frozenset(["industry", "revenue_90"])


def keeping() -> Scorer:
    """A scorer that withholds."""
    scorer = Scorer(bundle(), threads=1)
    scorer.withheld = WITHHELD
    return scorer


def test_what_is_withheld_is_told_of_nobody() -> None:
    frame = rows(80, seed=5)
    scores = keeping().table(frame)
    named = {name for row in scores["reasons"].to_pylist() for reason in row for name in reason["features"]}
    assert named == {"recency", "orders_30", "orders_90"}


def test_it_still_counts_in_the_score_and_stands_among_what_is_not_listed() -> None:
    frame = rows(80, seed=5)
    open_ = Scorer(bundle(), threads=1).score(frame)
    closed = keeping().score(frame)
    np.testing.assert_array_equal(open_["probability"], closed["probability"])
    for before, after in zip(open_.to_dict("records"), closed.to_dict("records"), strict=True):
        kept = [reason for reason in before["reasons"] if set(reason["features"]).isdisjoint(WITHHELD)]
        assert after["reasons"] == kept
        listed = sum(reason["contribution"] for reason in kept)
        total = after["base_value"] + listed + after["other_contribution"]
        assert total == pytest.approx(np.log(after["probability"] / (1 - after["probability"])), abs=1e-9)


def test_the_audit_asks_for_it() -> None:
    frame = rows(80, seed=5)
    told = Scorer(bundle(), threads=1).table(frame)
    kept = keeping().table(frame)
    assert [found.code for found in audit(told, frame, bundle(), protected=WITHHELD).findings] == [
        "protected"
    ]
    assert audit(kept, frame, bundle(), protected=WITHHELD).findings == ()
    assert [found.code for found in audit(kept, frame, bundle()).findings] == ["left-out"]


@pytest.mark.parametrize("top", [1, 2])
def test_the_next_ones_are_told_instead(top: int) -> None:
    frame = rows(80, seed=5)
    whole = Scorer(bundle(), threads=1).table(frame, top=5)["reasons"].to_pylist()
    few = keeping().table(frame, top=top)
    for before, after in zip(whole, few["reasons"].to_pylist(), strict=True):
        kept = [reason["words"] for reason in before if set(reason["features"]).isdisjoint(WITHHELD)]
        assert [reason["words"] for reason in after] == kept[:top]
    assert audit(few, frame, bundle(), protected=WITHHELD, most=top).findings == ()
