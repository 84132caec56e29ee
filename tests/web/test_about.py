"""What is said of the scores as a whole."""

from __future__ import annotations

import json

import pytest

from salesml.store.engine import Store
from tests.web.conftest import Signed
from tests.web.made import put_beside

SAID = {
    "means": "An order within 90 days is missing.", "version": "salesml-churn/12", "horizon_days": 90,
    "trained": {"at": "2026-01-02T03:04:05", "rows": 12345, "outcomes": 678},
    "quality": ["Of 100 customers in band A, about 40 left.", "It is <usable>."],
}  # fmt: skip


def test_what_was_published_of_a_model_is_said(store: Store, signed_in: Signed) -> None:
    put_beside(store, "C-000001", display=json.dumps(SAID))
    html = signed_in("rep1").get("/about").text
    for text in (
        "An order within 90 days is missing.", "salesml-churn/12", "90 days", "2 January 2026",
        "12,345 cases of the past", "about 40 left", "It is &lt;usable&gt;.", "1 January 2026",
    ):  # fmt: skip
        assert text in html, text


@pytest.mark.parametrize("display", ["", "[]", "not JSON", '{"quality": 3, "trained": [], "means": {}}'])
def test_what_is_missing_is_left_out(store: Store, signed_in: Signed, display: str) -> None:
    put_beside(store, "C-000001", display=display)
    html = signed_in("rep1").get("/about").text
    assert "How good these scores are was not published" in html
    assert "salesml-churn/3" in html
    assert "cases of the past" not in html


def test_what_a_score_cannot_say_stands_there(signed_in: Signed) -> None:
    html = signed_in("rep1").get("/about").text
    assert "need not be its cause" in html
    assert 'href="/about" aria-current="page"' in html
