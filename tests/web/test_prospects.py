"""My prospects, and one of them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from salesml.scoring import table
from salesml.scoring.rank.ranking import EXTRA
from salesml.store.engine import Store
from salesml.store.models import Rep
from salesml.store.publish import publish
from tests.store.made import DAY, row, similar, unscored
from tests.web.conftest import Signed, fields
from tests.web.made import ARABIC, LATER, ODD, publish_later
from tests.web.test_account import as_a_server_does


def listed(number: int, **more: Any) -> dict[str, Any]:
    """A prospect of the first rep, with its place in a list."""
    return (
        row(number, day=LATER, model="conversion", run="run-2")
        | {"rep_id": "R1", "expected_hours": 2.0, "return_on_effort": 50.0, "rank": None, "list": "R1",
           "pick_probability": 1.0, "seed": 0, "picked": None, "unlisted": "others filled the list"}
        | more
    )  # fmt: skip


def publish_list(store: Store, folder: Path, rows: list[dict[str, Any]], **more: Any) -> None:
    path = folder / "list.parquet"
    schema = pa.schema([*table.schema("conversion"), *EXTRA])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    publish(store, path, **more)


@pytest.fixture
def ranked(store: Store, tmp_path: Path) -> Store:
    """A list of three of six prospects; one of the three by lot, and one that could not be scored."""
    rows = [
        listed(1, rank=2, picked="explore", unlisted=None, expected_hours=1.5),
        listed(2, rank=1, picked="rank", unlisted=None, expected_value=5.0),
        listed(3, rank=3, picked="rank", unlisted=None, expected_value=900.0, expected_low=100.0,
               expected_high=1500.0),
        listed(4, expected_value=5000.0, expected_hours=None, return_on_effort=None,
               unlisted="the hours it takes are not known"),
        listed(5, rep_id="R2", list="R2", rank=1, picked="rank", unlisted=None),
        unscored(6, day=LATER, model="conversion", run="run-2") | {"rep_id": "R1"},
    ]  # fmt: skip
    near = similar(tmp_path / "similar.parquet", 8, day=LATER, model="conversion")
    names = pa.table({"entity_id": ["A-002", "A-003"], "name": ["Two", "Three"], "attributes": [None, None]})
    names = names.cast(pa.schema([(each, pa.string()) for each in names.schema.names]))
    publish_list(store, tmp_path, rows, similar=near, accounts=names)
    return store


def hours(store: Store, amount: float | None) -> None:
    store.write(lambda connection: connection.execute(sa.update(Rep).values(hours_per_week=amount)))


def ids(page: str) -> list[str]:
    return re.findall(r'class="opens" href="/prospects/([^"]+)"', page)


def test_a_list_is_in_its_order_and_holds_what_was_taken(ranked: Store, signed_in: Signed) -> None:
    hours(ranked, 8.0)
    page = signed_in("rep1").get("/prospects").text
    assert ids(page) == ["C-000002", "C-000001", "C-000003"]
    assert "The list holds 3 prospects. They are expected to take 5.5 hours of the 8 hours" in page
    assert "1 of them was drawn by lot" in page
    assert page.count("Drawn by lot. ") == 1


def test_hours_that_nobody_knows_are_not_named(ranked: Store, signed_in: Signed) -> None:
    page = signed_in("rep1").get("/prospects").text
    assert "They are expected to take 5.5 hours of work." in page


def test_hours_are_of_those_who_have_a_list(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    taken = {"picked": "rank", "unlisted": None}
    rows = [
        listed(1, rank=1, expected_hours=1.5, **taken),
        listed(2, rep_id="R2", list="R2", rank=1, expected_hours=2.5, **taken),
        listed(3, rep_id=None, list="unassigned", rank=1, expected_hours=100.0, **taken),
    ]
    publish_list(store, tmp_path, rows)
    hours(store, 8.0)
    page = signed_in("analyst").get("/prospects").text
    assert "The list holds 3 prospects. They are expected to take 4 hours of the 16 hours" in page
    page = signed_in("rep0").get("/prospects").text
    assert "The list holds 2 prospects. They are expected to take 4 hours of the 16 hours" in page
    assert "take 2.5 hours of the 8 hours" in signed_in("rep0").get("/prospects?rep=R2").text


def test_all_prospects_have_the_reason_why_they_are_not_listed(ranked: Store, signed_in: Signed) -> None:
    page = signed_in("rep1").get("/prospects?show=all").text
    assert ids(page) == ["C-000002", "C-000001", "C-000003", "C-000004"]
    assert "Not on the list: the hours it takes are not known." in page


def test_a_search_looks_beyond_the_list(ranked: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    assert ids(client.get("/prospects?search=000004").text) == ["C-000004"]
    assert "No prospect of yours is like that" in client.get("/prospects?search=000005").text


def test_a_manager_sees_the_lists_of_all_who_report_to_them(ranked: Store, signed_in: Signed) -> None:
    client = signed_in("rep0")
    assert sorted(ids(client.get("/prospects").text)[:2]) == ["C-000002", "C-000005"]
    assert ids(client.get("/prospects?rep=R2").text) == ["C-000005"]
    assert ids(signed_in("rep4").get("/prospects?rep=R2").text) == []


def test_an_empty_list_says_so(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_list(store, tmp_path, [listed(1, unlisted="its list has no hours")])
    client = signed_in("rep1")
    page = client.get("/prospects").text
    assert "The list of this week is empty" in page
    assert "Not on the list: its list has no hours." in client.get("/prospects?show=all").text


def test_without_a_ranked_list_value_decides(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/prospects").text
    rows = [row(number, model="conversion") for number in range(100) if number % 7 == 1]
    wanted = [each["entity_id"] for each in sorted(rows, key=lambda each: -each["expected_value"])]
    assert ids(page) == wanted
    assert "The list" not in page
    assert "Not on the list" not in page


def test_nobody_else_s_prospect_is_there(ranked: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    assert client.get("/prospects/C-000001").status_code == 200
    for path in ("/prospects/C-000005", "/prospects/C-999999"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text
    assert signed_in("analyst").get("/prospects/C-000005").status_code == 200


def test_a_prospect_has_its_figures(ranked: Store, signed_in: Signed) -> None:
    page = signed_in("rep1").get("/prospects/C-000003").text
    for text in ("900", "between 100 and 1,500; ", "2 hours", "50 for each hour", "chance of winning"):
        assert text in page, text
    assert "Place 3 of this week" in page
    assert "was drawn by lot" in signed_in("rep1").get("/prospects/C-000001").text


def test_a_prospect_is_answered_like_an_account(ranked: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    sent = fields(client.get("/prospects/C-000003").text, what="saved")
    answer = client.post("/answers", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/prospects/C-000003#answers")
    assert "<strong>Won</strong>" in client.get("/prospects/C-000003").text
    page = client.get("/prospects").text
    row = page[page.index('href="/prospects/C-000003"') :].partition("</tr>")[0]
    assert "Won, " in row
    assert page.count('class="soft answered"') == 1


def test_those_without_a_score_are_named_apart(ranked: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    page = client.get("/prospects").text
    assert '<a href="/prospects-without-score?">1 prospect could not be scored</a>' in page
    page = client.get("/prospects-without-score").text
    assert ids(page) == ["C-000006"]
    assert "revenue is infinite" in page
    assert "whether they can be won" in page
    assert ids(signed_in("rep2").get("/prospects-without-score").text) == []


@pytest.mark.parametrize("name", [ARABIC, "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}"])
def test_names_of_any_script_keep_to_themselves(
    store: Store, tmp_path: Path, signed_in: Signed, name: str
) -> None:
    names = pa.table({"entity_id": ["C-000001"], "name": [name], "attributes": ['{"size": "<b>"}']})
    publish_list(store, tmp_path, [listed(1, unlisted=name)], entities=names)
    client = signed_in("rep1")
    for path in ("/prospects?show=all", "/prospects/C-000001"):
        page = client.get(path).text
        assert f"<bdi>{html.escape(name)}</bdi>" in page
        assert "<img" not in page
        assert "<b>" not in page


def test_one_without_a_score_says_why(ranked: Store, signed_in: Signed) -> None:
    page = signed_in("rep1").get("/prospects/C-000006").text
    assert "revenue is infinite" in page
    assert "chance of winning" not in page


def test_similar_customers_have_names_only_for_whom_they_are(
    ranked: Store, tmp_path: Path, signed_in: Signed
) -> None:
    path = tmp_path / "accounts.parquet"
    rows = [
        row(number, day=LATER, run="run-2") | {"entity_id": f"A-{number:03d}", "rep_id": rep}
        for number, rep in ((2, "R1"), (3, "R2"))
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema("churn")), path)
    publish(ranked, path)
    page = signed_in("rep1").get("/prospects/C-000001").text
    assert re.search(r'<a href="/accounts/A-002"><bdi>Two</bdi></a>', page)
    assert "Three" not in page
    assert "A-003" not in page
    assert page.count("A customer of a colleague") == 2
    led = signed_in("rep0").get("/prospects/C-000001").text
    assert "Three" in led
    assert led.count("A customer of a colleague") == 1


def test_fit_stands_beside_the_chance(ranked: Store, tmp_path: Path, signed_in: Signed) -> None:
    path = tmp_path / "fit.parquet"
    rows = [
        row(number, day=LATER, model="fit", run="run-2")
        | {"entity_id": f"C-{number:06d}", "rep_id": rep, "probability": 0.625}
        for number, rep in ((1, "R1"), (2, "R2"))
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema("fit")), path)
    publish(ranked, path)
    client = signed_in("rep1")
    page = client.get("/prospects/C-000001").text
    assert "chance of an ideal customer" in page
    assert re.search(r"<strong>6[23]%</strong> chance of an ideal customer", page)
    assert "ideal customer" not in client.get("/prospects/C-000002").text


def test_any_id_is_carried_by_a_path(store: Store, tmp_path: Path, app: FastAPI, signed_in: Signed) -> None:
    publish_list(store, tmp_path, [listed(1, entity_id=each) for each in ODD])
    client = signed_in("rep1")
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    titles = set()
    for path in ids(client.get("/prospects?show=all").text):
        status, page = as_a_server_does(app, f"/prospects/{path}", cookie)
        assert status == 200, path
        titles |= {html.unescape(each) for each in re.findall(r"<h1><bdi>(.*?)</bdi></h1>", page)}
    assert titles == set(ODD)


def test_nothing_known_but_the_chance(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    nothing = dict.fromkeys(
        ("band", "value", "expected_value", "expected_hours", "return_on_effort", "base_value",
         "other_contribution", "reasons", "list", "pick_probability", "unlisted")
    )  # fmt: skip
    publish_list(store, tmp_path, [listed(1, **nothing, probability=0.25)])
    client = signed_in("rep1")
    page = client.get("/prospects").text
    assert "25%" in page
    assert "not known" not in page
    assert "Nothing in particular sets this prospect apart" in client.get("/prospects/C-000001").text


def test_without_prospects_the_page_says_so(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_list(store, tmp_path, [listed(1, rep_id="R2", list="R2")])
    assert "No prospect of yours was scored" in signed_in("rep1").get("/prospects").text


def test_accounts_stay_as_they_are(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_later(store, tmp_path)
    assert signed_in("rep1").get("/accounts/C-000001").status_code == 200
    assert DAY < LATER
