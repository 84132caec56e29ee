"""A leak that only the challenger rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salesml.lifecycle.promotion.suspects import new_suspects
from salesml.lifecycle.rows import Rows
from salesml.model.bundle import Bundle
from tests.scoring.made import FEATURES, bundle_of, rows

LEAK = "closed_code"


def planted() -> tuple[Rows, Bundle]:
    """Rows with a column that is filled in after the outcome, and a model that learned from it."""
    frame = rows(800)
    rng = np.random.default_rng(3)
    told = np.where(frame["label"] == 1, 1.0, 0.0)
    frame[LEAK] = np.where(rng.random(len(frame)) < 0.02, 1 - told, told)
    last = replace(FEATURES[3], name=LEAK, words="closing code", group="", undated=True)
    bundle = bundle_of(frame, (*FEATURES, last))
    found = Rows(
        X=frame, y=frame["label"].to_numpy(), entity=frame["entity_id"].to_numpy(dtype=object),
        as_of=np.full(len(frame), np.datetime64("2026-01-31")), value=frame["value"].to_numpy(),
    )  # fmt: skip
    return found, bundle


SHARES = {LEAK: 0.8, "recency": 0.1, "orders_90": 0.1}
OTHERS = {"recency": 0.6, "orders_90": 0.4}


def test_a_leak_that_is_new_is_named() -> None:
    found, bundle = planted()
    suspects = new_suspects(found, bundle, SHARES, OTHERS)
    assert any(LEAK in each.columns for each in suspects)


def test_one_that_the_champion_rests_on_as_well_is_not_new() -> None:
    found, bundle = planted()
    assert new_suspects(found, bundle, SHARES, SHARES) == ()


def test_one_that_somebody_insists_on_is_none() -> None:
    found, bundle = planted()
    assert new_suspects(found, bundle, SHARES, OTHERS, allow=[LEAK]) == ()


def test_what_is_dated_is_no_leak_whatever_its_share() -> None:
    found, bundle = planted()
    dated = replace(
        bundle, features=tuple(replace(each, undated=False) for each in bundle.features)
    )  # fmt: skip
    assert new_suspects(found, dated, SHARES, OTHERS) == ()


def test_an_honest_column_that_makes_half_of_all_contributions_is_asked_about() -> None:
    found, bundle = planted()
    honest = replace(found, X=found.X.assign(**{LEAK: np.random.default_rng(0).normal(size=len(found))}))
    (suspect,) = new_suspects(honest, bundle, SHARES, OTHERS)
    assert suspect.why == f"{LEAK}, which the champion does not rest on, makes 80% of all contributions"
    small = {**SHARES, LEAK: 0.4}
    assert new_suspects(honest, bundle, small, OTHERS) == ()
