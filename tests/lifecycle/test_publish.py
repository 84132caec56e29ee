"""Names, attributes and reps come from the company's tables."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.lifecycle.display import attribute_words
from salesml.lifecycle.publish import publish
from salesml.lifecycle.shown import entities, reps
from salesml.store.engine import Store, reading
from salesml.store.models import Generation, Recent, Rep, Score, Similar
from tests.store import made


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> CRM:
    folder = tmp_path_factory.mktemp("company")
    sample(folder, size=1000, seed=1, days=400, say=lambda _: None)
    return CRM.open(folder / "crm.yaml")


def test_what_pages_show(crm: CRM, tmp_path: Path) -> None:
    with crm.connect() as con:
        known = con.execute(
            "SELECT id, name, a_industry, a_employees FROM accounts ORDER BY id LIMIT 3"
        ).fetchall()
        team = con.execute("SELECT count(*) FROM reps").fetchone()
    rows = [made.row(number) | {"entity_id": each[0]} for number, each in enumerate(known)]
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        publish(store, made.write_rows(tmp_path / "s.parquet", rows), crm=crm)
        with reading(store.published) as connection:
            found = connection.execute(
                sa.select(Score.entity_id, Score.name, Score.attributes).order_by(Score.entity_id)
            ).all()
            assert connection.execute(sa.select(sa.func.count()).select_from(Rep)).scalar_one() == team[0]
            some = connection.execute(sa.select(Rep).where(Rep.manager_id.is_not(None)).limit(1)).one()
    assert [(row.entity_id, row.name) for row in found] == [(each[0], each[1]) for each in known]
    for row, each in zip(found, known, strict=True):
        attributes = json.loads(row.attributes)
        assert (attributes["industry"], attributes["employees"]) == (each[2], each[3])
    assert all(some)
    assert 0 < some.hours_per_week <= 60


def test_events_and_words_come_with_the_tables(crm: CRM, tmp_path: Path) -> None:
    with crm.connect() as con:
        rows = con.execute(
            "SELECT account, max(day) FROM events_orders WHERE known_day < DATE '2026-01-01' "
            "AND NOT coalesce(is_return, false) GROUP BY account ORDER BY account LIMIT 30"
        ).fetchall()
    scores = [made.row(number) | {"entity_id": each[0]} for number, each in enumerate(rows)]
    path = made.write_rows(tmp_path / "s.parquet", scores)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        done = publish(store, path, crm=crm, protected=("industry",))
        assert not publish(store, path, crm=crm, protected=("industry",)).changed
        with reading(store.published) as connection:
            found = connection.execute(sa.select(Recent.entity_id, Recent.events)).all()
            told = json.loads(connection.execute(sa.select(Generation.display)).scalar_one())
            attributes = [
                json.loads(each) for each in connection.execute(sa.select(Score.attributes)).scalars()
            ]
    assert done.recent == len(found) == 30
    for account, day in rows:
        events = json.loads(dict(map(tuple, found))[account])
        orders = [
            each["day"] for each in events if each["words"] == "Order" or each["words"].endswith(" orders")
        ]
        assert orders[0] == str(day)
    assert (told["currency"], told["words"]["employees"]) == ("GBP", "number of employees")
    assert not any("industry" in each for each in attributes)
    assert all("employees" in each for each in attributes)


def test_what_is_excluded_has_no_words(crm: CRM) -> None:
    assert "call_result" not in entities(crm, "fit")["attributes"][0].as_py()
    assert attribute_words(crm, "fit", ("employees",)).keys() == {"company_age", "annual_revenue"}


def test_accounts_that_prospects_resemble_have_names(crm: CRM, tmp_path: Path) -> None:
    with crm.connect() as con:
        known = con.execute("SELECT id, name FROM accounts ORDER BY id LIMIT 1").fetchone()
    near = made.similar(tmp_path / "near.parquet", 2, accounts=1)
    table = pq.read_table(near)
    ids = pa.array([known[0], "nobody"])
    place = table.schema.get_field_index("account_id")
    pq.write_table(table.set_column(place, "account_id", ids), near)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        publish(store, made.scores(tmp_path / "s.parquet", 2, model="fit"), similar=near, crm=crm)
        with reading(store.published) as connection:
            query = sa.select(Similar.accounts).order_by(Similar.entity_id)
            found = [json.loads(text)[0] for text in connection.execute(query).scalars()]
    assert [(each["account_id"], each["name"]) for each in found] == [tuple(known), ("nobody", None)]


def test_prospects_for_other_tasks_and_the_same_each_time(crm: CRM) -> None:
    first, again = entities(crm, "fit"), entities(crm, "fit")
    assert first.equals(again)
    assert str(first["entity_id"][0]).startswith("P")
    assert reps(crm).equals(reps(crm))
    ids = first["entity_id"].to_pylist()
    assert ids == sorted(set(ids))
