"""Identifiers, their order, and free text."""

from __future__ import annotations

import numpy as np

from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def test_identifiers_are_noted_and_no_alarm() -> None:
    X, y = honest()
    rng = np.random.default_rng(1)
    X["record"] = rng.permutation(len(y)) + 5_000
    X["uuid"] = [f"{number:x}-{rng.integers(1e9):x}" for number in range(len(y))]
    screening = screen(X, y)
    assert {finding.columns for finding in found(screening, "identifier")} == {("record",), ("uuid",)}
    assert alarms(screening) == []


def test_identifiers_whose_order_tells_the_outcome_are_named() -> None:
    X, y = honest()
    number = np.argsort(np.argsort(y + np.random.default_rng(2).normal(size=len(y))))
    numbered = screen(X.assign(record=5_000 + number), y)
    lettered = screen(X.assign(customer=[f"K-{value:05d}" for value in number]), y)
    for screening in (numbered, lettered):
        (finding,) = found(screening, "order-tells-outcome")
        assert "tells the outcome: AUC 0." in finding.what


def test_blocks_of_identifiers_tell_as_well() -> None:
    X, y = honest()
    block = 2 * np.random.default_rng(3).integers(0, 4, len(y)) + y
    number = np.argsort(np.argsort(block + np.random.default_rng(4).random(len(y))))
    assert alarms(screen(X.assign(record=number), y))


def test_free_text_is_noted_without_quoting_it() -> None:
    X, y = honest()
    rng = np.random.default_rng(5)
    words = np.array(["the", "customer", "called", "about", "secret", "invoice", "asked", "for", "time"])
    X["notes"] = [" ".join(rng.choice(words, 9)) for _ in y]
    (finding,) = found(screen(X, y), "free-text")
    assert finding.columns == ("notes",)
    assert "secret" not in finding.what + finding.do
