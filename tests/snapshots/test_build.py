"""Words for several events of a kind."""

from __future__ import annotations

import pytest

from salesml.snapshots.build import plural


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("order", "orders"),
        ("delivery", "deliveries"),
        ("visit to the site", "visits to the site"),
        ("batch of orders", "batches of orders"),
        ("support ticket", "support tickets"),
        ("sign in", "sign ins"),
    ],
)
def test_several_of_them(one: str, many: str) -> None:
    assert plural(one) == many
