"""A second opinion: what the SQL makes equals plain loops over 200 generated histories."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesml.snapshots import take
from tests.oracle import Events, days, expected_value, inactive, log_features
from tests.snapshots.company import crm_of, day, order, spec_of

LAST = 120
MEASURES = {"revenue": "amount", "pieces": "pieces"}


@st.composite
def history(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Orders of one account: late rows, shared and split invoices, returns, empty values."""
    rows = []
    for _ in range(draw(st.integers(1, 9))):
        back = draw(st.integers(0, 5)) == 0
        cents = draw(st.integers(-500, 0) if back else st.integers(-50, 100_000))
        row = order(
            "",
            draw(st.integers(0, LAST)),
            None if draw(st.integers(0, 9)) == 0 else str(Decimal(cents) / 100),
            late=draw(st.sampled_from([0, 0, 0, 1, 9, 40])),
            invoice=draw(st.sampled_from([None, "1", "2", "3"])),
            back=back,
            channel=draw(st.sampled_from(["web", "shop", "phone", None])),
            pieces=draw(st.integers(0, 9)),
        )
        rows.append(row)
    return rows


def company(made: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each history as an account of one company; invoice numbers are shared between accounts."""
    rows = [{**row, "customer": f"ä{n}" if n % 2 else f"z{n}"} for n, own in enumerate(made) for row in own]
    # One account is active at both ends, so that the log is observed to its end.
    return [*rows, order("z", 0), order("z", LAST)]


def compare(rows: list[dict[str, Any]], folder: Path, *, late: bool, ids: bool, gap: int) -> None:
    log = {"known_at": "loaded" if late else "", "id": "invoice" if ids else ""}
    crm = crm_of(folder, {"orders": rows}, orders={key: value or None for key, value in log.items()})
    spec = spec_of(folder, value="orders.revenue", gap_days=gap, windows_days=[7, 14, 40])
    as_of = [day(30), day(47), day(70)]
    snapshot = take(spec, crm, as_of)
    if not late:
        rows = [{**row, "loaded": row["ordered"]} for row in rows]
    if not ids:
        rows = [{**row, "invoice": None} for row in rows]
    accounts = sorted({row["customer"] for row in rows}, key=str.encode)
    expected = []
    for at in as_of:
        known = {one: Events([row for row in rows if row["customer"] == one], at) for one in accounts}
        began = min((events.days[0] for events in known.values() if events.days), default=at)
        for one in accounts:
            if not known[one].days or known[one].days[-1] < at - days(spec.label.active_within_days):
                continue
            own = [row for row in rows if row["customer"] == one]
            expected.append(
                {
                    "entity_id": one,
                    "as_of": at,
                    "rep_id": None,
                    "value": expected_value(known[one], spec, "amount"),
                    "label": inactive(own, at, spec),
                    **log_features(known[one], spec, began, MEASURES),
                }
            )
    assert_equal(snapshot.table.to_pylist(), expected)


def assert_equal(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    keys = ("entity_id", "as_of")
    assert [tuple(row[key] for key in keys) for row in found] == [
        tuple(row[key] for key in keys) for row in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert set(one) == set(other)
        for name, value in other.items():
            where = f"{name} of {one['entity_id']} at {one['as_of']}"
            if isinstance(value, float):
                assert one[name] == pytest.approx(value, rel=1e-12, abs=1e-12), where
            else:
                assert one[name] == value, where


# 10 companies of 20 histories each: a query costs the same for one account and for twenty.
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    made=st.lists(history(), min_size=20, max_size=20),
    late=st.booleans(),
    ids=st.booleans(),
    gap=st.sampled_from([0, 5]),
)
def test_equal_to_plain_loops(made: list[list[dict[str, Any]]], late: bool, ids: bool, gap: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compare(company(made), Path(folder), late=late, ids=ids, gap=gap)
