"""What came of some: the snapshot's own label, from whichever date, and why there is none."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.errors import DataError, UsageError
from salesml.snapshots import take
from salesml.snapshots.labels import DATES, NO_LABEL, SCHEMA, labels_of
from tests.snapshots import won
from tests.snapshots.company import Row, conversion_of, crm_of, day, order, prospect, spec_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("labels") / "company"
    sample(target, size=1000, seed=8, days=730)
    return target


@pytest.mark.parametrize(("name", "table"), [("churn", "accounts"), ("conversion", "prospects")])
def test_of_everybody_it_is_the_label_of_the_snapshot(folder: Path, name: str, table: str) -> None:
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / f"{name}.yaml")
    end = crm.observed_until()
    days = [end - dt.timedelta(days=back) for back in (380, 251, 130, spec.horizon_days, 3)]
    ids = pq.read_table(folder / f"{table}.parquet")
    everybody = ids[crm.contract.tables[table].columns["id"]].to_pylist()
    looked_up = labels_of(spec, crm, [(each, day) for each in everybody for day in days]).to_pylist()
    snapshot = take(spec, crm, days)
    wanted = snapshot.table.select(["entity_id", "as_of", "label"]).to_pylist()
    assert len({row["as_of"] for row in wanted}) >= 3
    assert {row["label"] for row in wanted} == {0, 1}
    found = [row for row in looked_up if row["label"] is not None]
    assert [(row["entity_id"], row["as_of"], row["label"]) for row in found] == [
        (row["entity_id"], row["as_of"], row["label"]) for row in wanted
    ]
    left_out = Counter((row["as_of"], row["no_label"]) for row in looked_up if row["label"] is None)
    counted = {(each.as_of, each.reason): each.count for each in snapshot.dropped}
    assert {key: count for key, count in left_out.items() if key[1] != "nothing-known"} == counted
    assert {row["ripe"] for row in looked_up if row["as_of"] == days[-1]} == {False}
    assert {row["ripe"] for row in found} == {True}


def test_a_few_of_many_dates_are_as_each_alone(folder: Path) -> None:
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "churn.yaml")
    last = crm.observed_until() - dt.timedelta(days=spec.horizon_days + spec.gap_days)
    days = [last - dt.timedelta(days=9 * back) for back in range(2 * DATES + 1)]
    rows = take(spec, crm, days).table.select(["entity_id", "as_of", "label"]).to_pylist()
    some = rows[:: len(rows) // 150]
    found = labels_of(spec, crm, [(row["entity_id"], row["as_of"]) for row in [*some, *some]])
    assert [{key: row[key] for key in some[0]} for row in found.to_pylist()] == some


def test_edges_of_gap_and_horizon(tmp_path: Path) -> None:
    gone = {"a": None, "b": 29, "c": 30, "d": 34, "e": 35, "f": 54, "g": 55}
    accounts: list[Row] = [
        {"id": name, "since": day(0), "gone": None if at is None else day(at)} for name, at in gone.items()
    ]
    accounts.append({"id": "h", "since": day(30), "gone": None})
    crm = crm_of(tmp_path, {"accounts": accounts}, observed_until=day(55))
    spec = spec_of(tmp_path, label={"kind": "contract"}, horizon_days=20, gap_days=5)
    asked = [(name, day(30)) for name in (*gone, "h", "nobody")] + [("a", day(31)), ("e", day(31))]
    found = labels_of(spec, crm, asked)
    assert found.schema.equals(SCHEMA)
    told = {(row["entity_id"], row["as_of"]): row for row in found.to_pylist()}
    labels = {name: told[name, day(30)]["label"] for name in (*gone, "h", "nobody")}
    assert labels == {
        "a": 0, "b": None, "c": None, "d": None, "e": 1, "f": 1, "g": 0, "h": None, "nobody": None,
    }  # fmt: skip
    reasons = {name: told[name, day(30)]["no_label"] for name, label in labels.items() if label is None}
    assert reasons == {
        "b": "already-ended", "c": "ended-in-gap", "d": "ended-in-gap", "h": "nothing-known",
        "nobody": "unknown",
    }  # fmt: skip
    first = told["a", day(30)]
    assert (first["ripe"], first["horizon_start"], first["horizon_end"]) == (True, day(35), day(55))
    # A day later the horizon ends on a day that nobody has seen: not even an end is an outcome.
    for name, reason in (("a", "not-observed"), ("e", "ended-in-gap")):
        late = told[name, day(31)]
        assert (late["ripe"], late["label"], late["no_label"]) == (False, None, reason)
    assert {row["no_label"] for row in told.values()} - {None} <= set(NO_LABEL)


def test_days_are_those_of_the_company(tmp_path: Path) -> None:
    """An order late in the evening, UTC, is one of the next day east of it: out of the horizon, or in it."""
    (tmp_path / "orders.csv").write_text(
        "customer,at\nlast,2024-01-20T12:00:00Z\nlast,2024-02-21T23:30:00Z\nfirst,2024-01-20T12:00:00Z\n"
        "first,2024-02-01T23:30:00Z\nother,2024-06-01T12:00:00Z\n"
    )
    spec, as_of, found = spec_of(tmp_path), dt.date(2024, 2, 2), {}
    for zone in ("UTC", "Europe/Helsinki"):
        log = "{source: orders.csv, account: customer, at: at}"
        (tmp_path / "crm.yaml").write_text(f"version: 1\ntimezone: {zone}\nevents: {{orders: {log}}}\n")
        crm = CRM.open(tmp_path / "crm.yaml")
        rows = labels_of(spec, crm, [("first", as_of), ("last", as_of)]).to_pylist()
        assert {row["horizon_end"] for row in rows} == {dt.date(2024, 2, 22)}
        found[zone] = {row["entity_id"]: row["label"] for row in rows}
    assert found == {"UTC": {"first": 1, "last": 0}, "Europe/Helsinki": {"first": 0, "last": 1}}


def test_prospects_won_in_the_gap_or_before_have_no_outcome(tmp_path: Path) -> None:
    rows = [
        prospect("open", 0), prospect("gap", 0, 31), prospect("won", 0, 33), prospect("lost", 0, None, 40),
        prospect("before", 0, 12), prospect("later", 30), prospect("last", 0, 80),
    ]  # fmt: skip
    crm = crm_of(tmp_path, {"prospects": rows})
    spec = conversion_of(tmp_path, gap_days=3)
    found = labels_of(spec, crm, [(row["lead"], day(30)) for row in rows]).to_pylist()
    assert {row["entity_id"]: row["no_label"] or row["label"] for row in found} == {
        "open": 0, "gap": "won-in-gap", "won": 1, "lost": 0, "before": "already-won",
        "later": "nothing-known", "last": 0,
    }  # fmt: skip


def test_what_nobody_can_look_up_is_refused(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 60)]})
    with pytest.raises(UsageError, match="not of an as-of date"):
        labels_of(won.ideal_spec(tmp_path), crm, [("p", day(30))])
    none = crm_of(tmp_path, {"prospects": [prospect("open", 0)]})
    with pytest.raises(DataError, match="has a day on which it was won"):
        labels_of(conversion_of(tmp_path), none, [("open", day(30))])
    assert labels_of(spec_of(tmp_path), crm, []).equals(SCHEMA.empty_table())
    twice: list[Row] = [{"id": "a", "since": day(0)}] * 2
    doubled = crm_of(tmp_path, {"accounts": twice}, observed_until=day(90))
    with pytest.raises(DataError, match="stand several times in the table of accounts"):
        labels_of(spec_of(tmp_path, label={"kind": "contract"}), doubled, [("a", day(30))])
