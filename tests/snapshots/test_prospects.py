"""Snapshots of prospects: who is open, what became of them, and what was known of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from salesml.errors import DataError, UsageError
from salesml.snapshots import Snapshot, plan_split, take
from salesml.snapshots.ask import ask
from salesml.snapshots.cohort.reasons import UNSCORABLE
from salesml.snapshots.plan import observed
from salesml.snapshots.query import compose
from tests.snapshots.company import Row, conversion_of, crm_of, day, order, prospect, spec_of

T = 30


def snapshot_of(folder: Path, tables: dict[str, list[Row]], *, labels: bool = False, **spec: Any) -> Snapshot:
    return take(conversion_of(folder, **spec), crm_of(folder, tables), [day(T)], labels=labels)


def dropped(snapshot: Snapshot) -> set[tuple[str, int]]:
    return {(each.reason, each.count) for each in snapshot.dropped}


def test_label_gap_and_who_is_open(tmp_path: Path) -> None:
    rows = [
        prospect("open", 5), prospect("gap", 5, won=34), prospect("first", 5, won=35),
        prospect("last", 5, won=54), prospect("after", 5, won=55), prospect("lost in gap", 5, lost=31),
        prospect("lost", 5, lost=40), prospect("won before", 5, won=29), prospect("won then", 29, won=T),
        prospect("lost before", 5, lost=29), prospect("later", T), prospect("end", 40, won=90),
        prospect("again", 5, won=50, lost=45),
    ]  # fmt: skip
    snapshot = snapshot_of(tmp_path, {"prospects": rows}, labels=True, gap_days=5)
    assert dict(zip(*(snapshot.table[name].to_pylist() for name in ("entity_id", "label")), strict=True)) == {
        "open": 0, "first": 1, "last": 1, "after": 0, "lost in gap": 0, "lost": 0, "again": 1,
    }  # fmt: skip
    assert dropped(snapshot) == {("won-in-gap", 2), ("already-won", 1), ("already-lost", 1)}
    assert "left out: 1 won before the as-of date" in snapshot.summary()
    assert snapshot.summary().splitlines()[0].split()[:3] == ["as-of", "date", "prospects"]


def test_who_was_created_too_long_ago_is_no_longer_open(tmp_path: Path) -> None:
    rows = [prospect("old", T - 11), prospect("young", T - 10), prospect("end", 40, won=90)]
    snapshot = snapshot_of(tmp_path, {"prospects": rows}, label={"kind": "won", "open_days": 10})
    assert snapshot.table["entity_id"].to_pylist() == ["young"]
    assert dropped(snapshot) == {("too-old", 1)}


@pytest.mark.parametrize(("last", "kept"), [(49, 1), (48, 0)])
def test_a_horizon_not_seen_to_its_end_is_censored_never_lost(tmp_path: Path, last: int, kept: int) -> None:
    """The log goes on, but nothing of prospects is recorded after the last day."""
    rows = [prospect("a", 5), prospect("b", 6, won=last)]
    visits = [{"lead": "a", "seen": day(at)} for at in (6, 80)]
    tables = {"prospects": rows, "clicks": visits}
    snapshot = snapshot_of(tmp_path, tables, labels=True)
    assert snapshot.table.num_rows == 2 * kept
    assert dropped(snapshot) == (set() if kept else {("not-observed", 2)})


def test_observed_until_of_crm_yaml_wins(tmp_path: Path) -> None:
    tables = {"prospects": [prospect("a", 5), prospect("b", 6, won=31)]}
    crm, spec = crm_of(tmp_path, tables, observed_until=day(60)), conversion_of(tmp_path)
    assert observed(spec, crm).end == day(60)
    assert take(spec, crm, [day(40)]).table.num_rows == 1


def test_the_split_goes_by_prospects(tmp_path: Path) -> None:
    rows = [prospect(f"p{at}", at, won=at + 9 if at % 3 == 0 else None) for at in range(200)]
    crm = crm_of(tmp_path, {"prospects": rows, "orders": [order("a", 500)]})
    split = plan_split(conversion_of(tmp_path), crm)
    assert split.test[-1] == day(207 + 1 - 20)
    assert split.train
    assert split.train[-1] + dt.timedelta(days=20) <= split.test[0]


def test_features_of_a_prospect(tmp_path: Path) -> None:
    one = prospect("a", T - 12, won=70, industry="toys", employees=9, founded=day(-70), worth=250.0)
    stages = [
        {"lead": "a", "stage": stage, "entered": day(at)}
        for stage, at in (("new", 18), ("offer", 20), ("offer", 27), ("signed", T))
    ]
    acts = [
        {"lead": "a", "done": day(at), "kind": kind, "hours": 0.5, "cost": 10.0}
        for at, kind in ((19, "call"), (25, "call"), (29, "demo"), (T, "call"))
    ]
    clicks = [{"lead": "a", "seen": day(28), "pages": 3}]
    tables = {"prospects": [one, prospect("b", 3)], "stages": stages, "activities": acts, "clicks": clicks}
    snapshot = snapshot_of(tmp_path, tables)
    row, other = snapshot.table.to_pylist()
    wanted = {
        "prospect_age_days": 12, "prospect_amount": 250.0, "prospect_industry": "toys",
        "prospect_employees": 9, "prospect_founded": 100, "stage": "offer", "stage_days": 10,
        "stages_passed": 1, "activities_count_7d": 2, "activities_count_30d": 3,
        "activities_hours_sum_30d": 1.5, "activities_cost_sum_7d": 20.0, "activities_recency": 1,
        "activities_kind_distinct_30d": 2, "clicks_count_7d": 1, "clicks_pages_sum_30d": 3,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert (other["stage"], other["stage_days"], other["stages_passed"]) == (None, None, 0)
    assert (other["activities_count_30d"], other["clicks_count_30d"]) == (0, 0)
    assert row["value"] is None
    undated = {feature.name for feature in snapshot.features if feature.undated}
    attributes = {"prospect_industry", "prospect_employees", "prospect_founded"}
    assert undated == {"prospect_amount", *attributes}


def test_what_is_never_a_feature(tmp_path: Path) -> None:
    one = prospect("a", 5, won=70, lost=80, seller="rep", why="price", became="k1", company="A Ltd")
    snapshot = snapshot_of(tmp_path, {"prospects": [one]})
    columns = {feature.column for feature in snapshot.features}
    assert columns == {"made", "worth", "industry", "employees", "founded"}
    assert snapshot.table["rep_id"].to_pylist() == ["rep"]


def test_rows_of_the_account_it_became_do_not_count(tmp_path: Path) -> None:
    """Of a log that names both, only rows that name the prospect are the prospect's."""
    clicks = [{"customer": "k1", "seen": day(28)}, {"customer": "k1", "lead": "a", "seen": day(27)}]
    acts = [{"customer": "k1", "done": day(28), "kind": "call"}]
    tables = {
        "prospects": [prospect("a", 5, won=70, became="k1")], "clicks": clicks, "activities": acts,
        "orders": [order("k1", 20)],
    }  # fmt: skip
    snapshot = snapshot_of(tmp_path, tables)
    (row,) = snapshot.table.to_pylist()
    assert (row["clicks_count_30d"], row["activities_count_30d"]) == (1, 0)
    assert not any(feature.source == "events.orders" for feature in snapshot.features)


def test_churn_sees_what_reps_did_with_its_accounts(tmp_path: Path) -> None:
    acts = [{"customer": "c", "done": day(at), "kind": "call", "hours": 1.0} for at in (20, 29, T)]
    acts.append({"lead": "c", "done": day(29), "kind": "call"})
    tables = {"orders": [order("c", 25)], "activities": acts}
    (row,) = take(spec_of(tmp_path), crm_of(tmp_path, tables), [day(T)], labels=False).table.to_pylist()
    assert (row["activities_count_7d"], row["activities_count_30d"], row["activities_hours_sum_30d"]) == (
        1,
        2,
        2,
    )


def test_an_attribute_with_a_history_is_taken_as_it_was(tmp_path: Path) -> None:
    history = [
        {"table": "prospects", "id": "a", "column": "industry", "value": "toys", "at": day(10)},
        {"table": "prospects", "id": "a", "column": "industry", "value": "sold", "at": day(T)},
        {"table": "accounts", "id": "a", "column": "employees", "value": "7", "at": day(10)},
    ]
    rows = [prospect("a", 5, industry="sold", employees=3), prospect("b", 5, industry="sold")]
    snapshot = snapshot_of(tmp_path, {"prospects": rows, "history": history})
    assert snapshot.table["prospect_industry"].to_pylist() == ["toys", None]
    assert {f.name for f in snapshot.features if f.undated} >= {"prospect_employees", "prospect_founded"}
    assert not {f.name for f in snapshot.features if f.undated} & {"prospect_industry"}


def test_own_features_of_a_prospect(tmp_path: Path) -> None:
    sql = (
        "select p.id as entity_id, count(c.day) as n, any_value(p.won_at) as won, "
        "any_value(p.account) as became from prospects p left join events_clicks c on c.prospect = p.id "
        "group by p.id"
    )
    clicks = [{"lead": "a", "seen": day(at)} for at in (20, T, 50)]
    tables = {"prospects": [prospect("a", 5, won=60, became="k")], "clicks": clicks}
    snapshot = snapshot_of(tmp_path, tables, features={"mine": {"sql": sql}})
    (row,) = snapshot.table.to_pylist()
    assert (row["mine_n"], row["mine_won"], row["mine_became"]) == (1, None, None)
    assert {f.undated for f in snapshot.features if f.source == "own.mine"} == {True}


def test_who_cannot_be_scored_is_listed_and_the_won_are_counted(tmp_path: Path) -> None:
    rows = [
        prospect("good", 5), prospect("undated", None), prospect("twisted", 9, won=3),
        prospect("twisted too", 9, lost=3), prospect("won", None, won=20), prospect("x", 1, won=90),
    ]  # fmt: skip
    snapshot = snapshot_of(tmp_path, {"prospects": rows})
    assert snapshot.table["entity_id"].to_pylist() == ["good", "x"]
    assert snapshot.unscorable is not None
    assert snapshot.unscorable.to_pylist() == [
        {"entity_id": "twisted too", "as_of": day(T), "problem": UNSCORABLE["lost-before-created"]},
        {"entity_id": "undated", "as_of": day(T), "problem": "nothing says when it was created"},
    ]
    assert dropped(snapshot) == {
        ("won-before-created", 1), ("lost-before-created", 1), ("no-creation-date", 1), ("already-won", 1),
    }  # fmt: skip
    assert "1 won before they were created, by their dates" in snapshot.summary()


def test_those_lost_before_they_were_created_are_not_listed_for_ever(tmp_path: Path) -> None:
    rows = [prospect("good", 5), prospect("twisted", 9, lost=3)]
    snapshot = snapshot_of(tmp_path, {"prospects": rows}, label={"kind": "won", "open_days": T - 10})
    assert snapshot.unscorable is not None
    assert snapshot.unscorable.num_rows == 0
    assert ("already-lost", 1) in dropped(snapshot)


def test_nobody_ever_won(tmp_path: Path) -> None:
    tables = {"prospects": [prospect("a", 5, lost=90), prospect("b", 5)]}
    spec, crm = conversion_of(tmp_path), crm_of(tmp_path, tables)
    for call in (lambda: take(spec, crm, [day(T)]), lambda: plan_split(spec, crm)):
        with pytest.raises(DataError) as caught:
            call()
        assert "None of 2 prospects has a day on which it was won" in str(caught.value)
        assert "prospects.won_at" in str(caught.value)
    assert take(spec, crm, [day(T)], labels=False).table.num_rows == 2


def test_the_same_prospect_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        snapshot_of(tmp_path, {"prospects": [prospect("a", 5), prospect("a", 6, won=90)]})
    assert "Some prospects stand several times in the table of prospects" in str(caught.value)
    assert caught.value.faults[0].examples == ("a",)


def test_a_contract_without_prospects_or_their_wins(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"crm.yaml has no table of prospects. Add prospects"):
        snapshot_of(tmp_path, {"orders": [order("a", 1)]})
    crm = crm_of(tmp_path, {"prospects": [prospect("a", 5)]})
    text = (tmp_path / "crm.yaml").read_text().replace("  won_at: signed\n", "")
    (tmp_path / "crm.yaml").write_text(text)
    with pytest.raises(UsageError, match="does not say when prospects were won"):
        take(conversion_of(tmp_path), type(crm).open(tmp_path / "crm.yaml"), [day(T)])


def test_the_sql_of_other_engines_makes_the_same_rows(tmp_path: Path) -> None:
    """What other dialects lack is left out of it: DuckDB runs both forms."""
    rows = [prospect(f"p{number:02d}", number % 25, won=40 + number) for number in range(30)]
    acts = [
        {"lead": f"p{at % 30:02d}", "done": day(at % 50), "kind": ["call", "visit"][at % 2], "hours": at / 4}
        for at in range(200)
    ]
    stages = [{"lead": f"p{at % 30:02d}", "stage": f"s{at % 4}", "entered": day(at % 60)} for at in range(90)]
    crm = crm_of(tmp_path, {"prospects": rows, "activities": acts, "stages": stages})
    spec = conversion_of(tmp_path)
    with crm.connect() as con:
        question = ask(spec, crm, [day(20), day(T)], labels=True, con=con)
        fast, plain = (
            con.sql(compose(replace(question, portable=portable)).rows.sql("duckdb")).fetchall()
            for portable in (False, True)
        )
    assert len(fast) > 20
    assert fast == plain


def test_each_kind_that_enough_prospects_had_is_counted(tmp_path: Path) -> None:
    rows = [prospect(f"p{number:02d}", 5) for number in range(21)]
    acts = [{"lead": row["lead"], "done": day(20), "kind": "Site_Visit"} for row in rows]
    acts += [{"lead": row["lead"], "done": day(26), "kind": "SMS"} for row in rows[:20]]
    acts += [{"lead": row["lead"], "done": day(T), "kind": "later"} for row in rows]
    acts += [{"lead": "p00", "done": day(at), "kind": "lunch with Ann"} for at in range(6, 30)]
    acts.append({"lead": "p00", "done": day(29), "kind": "SMS"})
    snapshot = snapshot_of(tmp_path, {"prospects": rows, "activities": acts})
    names = [f.name for f in snapshot.features if f.source.startswith("activities.")]
    assert names == [
        "activities_SMS_count_7d", "activities_SMS_count_30d",
        "activities_Site_Visit_count_7d", "activities_Site_Visit_count_30d",
    ]  # fmt: skip
    words = {f.name: f.words for f in snapshot.features}
    assert words["activities_Site_Visit_count_30d"] == "site visits in the last 30 days"
    first, last = snapshot.table.to_pylist()[0], snapshot.table.to_pylist()[-1]
    assert [first[name] for name in names] == [2, 2, 0, 1]
    assert [last[name] for name in names] == [0, 0, 0, 1]
