"""Past accounts as they were while still prospects: nothing of what came after is seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from salesml.config import OwnFeatures, read_spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.ideal.past import past
from salesml.snapshots import take
from tests.lifecycle.ideal.company import companies, day
from tests.snapshots.won import Row, ideal_spec, won_crm


def test_rows_are_those_of_snapshots_on_their_own_dates(company: CRM) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    found = past(spec, company)
    rows = found.snapshot.table.to_pylist()
    dates = sorted({row["as_of"] for row in rows})
    assert len(dates) > 300
    names = [feature.name for feature in found.snapshot.features]
    compared = 0
    for as_of in dates[:: len(dates) // 5]:
        table = take(spec, company, [as_of, found.today], labels=False).table
        direct = {row["entity_id"]: row for row in table.to_pylist() if row["as_of"] == as_of}
        for row in (row for row in rows if row["as_of"] == as_of):
            assert [row[name] for name in names] == [direct[row["entity_id"]][name] for name in names]
            compared += 1
    assert compared >= 5


def test_every_prospect_was_open_on_its_date(company: CRM) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    found = past(spec, company)
    outcomes = found.outcomes
    assert list(outcomes["prospect"]) == found.snapshot.table["entity_id"].to_pylist()
    assert (outcomes["created_at"] < outcomes["as_of"]).all()
    assert (outcomes["as_of"] <= outcomes["won_at"]).all()
    assert outcomes["prospect"].is_unique
    ages = (outcomes["as_of"] - outcomes["created_at"]).dt.days
    assert found.snapshot.table["prospect_age_days"].to_pylist() == ages.tolist()
    assert "on one day while still open" in found.summary()
    assert f"{found.ages.prospects:,} prospects that are open on" in found.summary()


def test_nothing_from_the_date_on_is_seen(tmp_path: Path) -> None:
    """What is dated on or after each prospect's date is replaced: features stay the same."""
    tables = companies(300, 900, seed=4)
    crm = won_crm(folder_of(tmp_path, "as-it-was"), tables)
    spec = ideal_spec(tmp_path)
    found = past(spec, crm)
    dates = dict(zip(found.outcomes["prospect"], found.outcomes["as_of"].dt.date, strict=True))
    rng = np.random.default_rng(0)

    def changed(row: Row, key: str, column: str) -> Row:
        as_of = dates.get(row[key])
        if as_of is None or row[column] < as_of:
            return row
        return {**row, column: as_of + dt.timedelta(days=int(rng.integers(0, 3))), "pages": 99}

    visits = [changed(row, "lead", "seen") for row in tables["visits"]]
    assert visits != tables["visits"]
    again = past(spec, won_crm(folder_of(tmp_path, "changed"), {**tables, "visits": visits}))
    assert again.snapshot.table.equals(found.snapshot.table)


def folder_of(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_prospects_won_at_once_are_left_out_and_counted(tmp_path: Path) -> None:
    tables = companies(200, 900, seed=4)
    for row in tables["prospects"][:60]:
        row["made"] = row["won"] or row["made"]
    at_once = sum(row["won"] is not None for row in tables["prospects"][:60])
    found = past(ideal_spec(tmp_path), won_crm(tmp_path, tables))
    counted = found.left_out["won on the day they were created, before which nothing was known"]
    assert 0 < counted <= at_once
    assert len(found.outcomes) + counted == found.told.table.num_rows
    for row in tables["prospects"]:
        row["made"] = row["won"] or row["made"]
    with pytest.raises(DataError, match="won prospects were won on the day they were created"):
        past(ideal_spec(tmp_path), won_crm(tmp_path, tables))


def test_own_features_see_each_prospect_on_its_own_date(tmp_path: Path) -> None:
    tables = companies(200, 900, seed=4)
    crm = won_crm(tmp_path, tables)
    sql = """SELECT prospect AS entity_id, COUNT(*) AS times FROM events_visits
        WHERE day >= :as_of - 10 GROUP BY 1"""
    spec = replace(ideal_spec(tmp_path), features=(OwnFeatures(name="own", sql=sql),))
    found = past(spec, crm)
    name = next(feature.name for feature in found.snapshot.features if feature.source == "own.own")
    times = dict(zip(found.outcomes["prospect"], found.snapshot.table[name].to_pylist(), strict=True))
    for row in found.outcomes.to_dict("records"):
        as_of = row["as_of"].date()
        seen = [v for v in tables["visits"] if v["lead"] == row["prospect"]]
        known = [v for v in seen if v.get("loaded", v["seen"]) < as_of]
        lately = sum(0 < (as_of - visit["seen"]).days <= 10 for visit in known)
        assert (times[row["prospect"]] or 0) == lately
    wrong = replace(spec, features=(OwnFeatures(name="own", sql="SELECT id AS entity_id FROM accounts"),))
    with pytest.raises(UsageError, match="read accounts, whose rows name no prospect"):
        past(wrong, crm)


def test_the_company_is_what_the_tests_say(company: CRM) -> None:
    assert company.observed("orders").end == day(1460)
