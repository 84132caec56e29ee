"""One account."""

from __future__ import annotations

import html as htm
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from salesml.store.engine import Store
from salesml.store.models import HISTORY, Generation, History, Score
from salesml.words.numbers import chance
from tests.store.made import row
from tests.web.conftest import Signed, without_token
from tests.web.made import (
    ARABIC,
    LONGEST_NAME,
    ODD,
    bare,
    mine,
    publish_later,
    publish_rows,
    put_beside,
)  # fmt: skip
from tests.web.test_accounts import text

EVENTS = (
    '[{"day": "2025-12-30", "words": "Order", "detail": "", "amount": 1234.5},'
    ' {"day": "2025-12-01", "words": "Ticket", "detail": "<b>late</b>", "amount": null}]'
)
MOVED = (
    '{"since": "2025-12-25", "before": 0.1, "now": 0.3, "headline": "Risk of leaving: up from 10% to 30%.",'
    ' "text": "", "data": [{"words": "No order for 74 days (before: 40 days)", "direction": "raises",'
    ' "strength": "strong"}], "model": [], "model_changed": true}'
)


def test_the_figures_stand_first(store: Store, signed_in: Signed) -> None:
    put_beside(store, "C-000001", display='{"currency": "GBP", "horizon_days": 90}')
    page = text(signed_in("rep1").get("/accounts/C-000001").text)
    probability = row(1)["probability"]
    for said in (
        "Company C-000001", "Number C-000001", f"{chance(probability)} risk of leaving within 90 days",
        "Band B: high risk", "of £100 expected in 90 days",
        f"Of 100 accounts that looked like this one, about {100 * probability:.0f} left.",
    ):  # fmt: skip
        assert said in page
    assert page.index("risk of leaving within") < page.index("at stake") < page.index("Orders on 1 of")


CURVE = '{"30": 0.9875, "90": 0.9, "365": 0.52}'


def put_curve(store: Store, curve: str) -> None:
    store.write(
        lambda connection: connection.execute(
            sa.update(Score).where(Score.entity_id == "C-000001").values(curve=curve)
        )
    )


def test_when_it_leaves_is_said_where_that_was_found_to_be_true(store: Store, signed_in: Signed) -> None:
    """At the horizon the risk itself says it, so that no two figures can contradict one another."""
    put_curve(store, CURVE)
    said = '{"currency": "GBP", "horizon_days": 90, "curves": true}'
    put_beside(store, "C-000001", display=said)
    page = text(signed_in("rep1").get("/accounts/C-000001").text)
    assert "Risk within 30 days 1.2%, 365 days 48%" in page
    assert page.count("within 90 days") == 1
    for silent in (said.replace("true", "false"), said.replace("true", '"yes"'), '{"currency": "GBP"}'):
        put_beside(store, "C-000001", display=silent)
        assert "Risk within" not in text(signed_in("rep1").get("/accounts/C-000001").text)


@pytest.mark.parametrize(
    "curve", ["", "{", "[]", '{"30": null, "x": 0.5, "-1": 0.5, "60": "much", "90": true}']
)
def test_a_curve_that_says_nothing_is_left_out(store: Store, signed_in: Signed, curve: str) -> None:
    put_curve(store, curve)
    put_beside(store, "C-000001", display='{"horizon_days": 90, "curves": true}')
    page = signed_in("rep1").get("/accounts/C-000001")
    assert page.status_code == 200
    assert "Risk within" not in page.text


def test_what_can_be_changed_stands_before_the_rest(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    def reason(words: str, tag: str | None, way: str) -> dict[str, object]:
        return {
            "features": [words], "words": words, "value_text": "", "value_number": None, "contribution": 0.5,
            "direction": way, "share": 0.2, "strength": "slight", "tag": tag,
        }  # fmt: skip

    reasons = [
        reason("Lowering thing", "actionable", "lowers"), reason("A sign", "symptom", "raises"),
        reason("Untagged thing", None, "raises"), reason("Fixed thing", "fixed", "raises"),
        reason("A thing to do", "actionable", "raises"),
    ]  # fmt: skip
    publish_rows(store, tmp_path, [mine(1, reasons=reasons)], {"C-000001": "Company"})
    page = text(signed_in("rep1").get("/accounts/C-000001").text).partition("How the risk comes about")[0]
    order = [
        "What you can do something about", "A thing to do", "What else raises the risk", "A sign",
        "Untagged thing", "Fixed thing", "cannot be changed", "What lowers the risk", "Lowering thing",
    ]  # fmt: skip
    assert [page.index(each) for each in order] == sorted(page.index(each) for each in order)
    assert "in your hands alone" not in page


def test_the_score_is_drawn_and_said(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts/C-000003" if 3 % 7 == 1 else "/accounts/C-000015").text
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" viewBox=') == 2
    assert len(re.findall(r'class="raises"><title>', page)) == 8
    table = text(page.partition("Risk after it")[2].partition("</table>")[0])
    assert table.startswith("Where everybody starts 27% ")
    assert "Orders on 3 of the last 60 days" in table
    assert "All else together" in table


def test_the_course_goes_over_whole_scores_and_what_is_left_of_older_ones(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_later(store, tmp_path)

    def add_history(connection: sa.Connection) -> None:
        whole = connection.execute(sa.select(Generation).where(Generation.name == "churn")).mappings().first()
        assert whole
        old = dict(whole) | {"id": 77, "as_of": whole["as_of"].replace(year=2025), "state": HISTORY}
        connection.execute(sa.insert(Generation).values(**old))
        connection.execute(
            sa.insert(History).values(generation_id=77, entity_id="C-000001", probability=0.07)
        )

    store.write(add_history)
    page = signed_in("rep1").get("/accounts/C-000001").text
    before, after = row(1)["probability"], min(row(1)["probability"] + 0.2, 1.0)
    assert f"8 January 2026 {chance(after)} 1 January 2026 {chance(before)} 1 January 2025 7.0%" in text(page)
    assert page.count("<circle") == 3 + 2 * 2
    assert f"Up from {chance(before)} on 1 January 2026" in page


def test_whose_it_was_before_does_not_matter_and_whose_it_is_does(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_rows(store, tmp_path, [mine(2)], {"C-000002": "Company"})
    assert chance(row(2)["probability"]) in text(signed_in("rep1").get("/accounts/C-000002").text)
    assert signed_in("rep2").get("/accounts/C-000002").status_code == 404


def test_events_and_moves_are_shown_as_text(store: Store, signed_in: Signed) -> None:
    put_beside(store, "C-000001", events=EVENTS, moved=MOVED, display='{"currency": "EUR"}')
    page = signed_in("rep1").get("/accounts/C-000001").text
    assert "<b>late" not in page
    said = htm.unescape(text(page))
    for each in (
        "30 December 2025 Order €1,234", "1 December 2025 Ticket : <b>late</b>", "up from 10% to 30%.",
        "What changed", "No order for 74 days (before: 40 days)", "A newer model says something else",
    ):  # fmt: skip
        assert each in said, each


def test_what_is_known_has_words_instead_of_column_names(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_rows(store, tmp_path, [mine(1)], {"C-000001": "Company"})
    put_beside(store, "C-000001", display='{"words": {"employees": "number of people"}}')
    page = text(signed_in("rep1").get("/accounts/C-000001").text)
    assert "Number of people 12" in page
    assert "Annual revenue 1,500,000" in page
    assert "Since not known" in page
    assert "annual_revenue" not in page


def test_what_is_not_there_and_what_is_not_theirs_look_the_same(signed_in: Signed) -> None:
    client = signed_in("rep1")
    answers = [client.get(f"/accounts/{each}") for each in ("C-000002", "C-999999", "P", "", "C-000001/")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_token(answer.text) for answer in answers}) == 1


def test_an_account_without_a_score_says_why(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_later(store, tmp_path)
    page = text(signed_in("rep1").get("/accounts/C-000022").text)
    assert "could not be scored on 8 January 2026: revenue is infinite." in page
    assert "How the risk comes about" not in page


def test_everything_may_be_missing(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_rows(store, tmp_path, [bare(1, "C-000001")], {})
    answer = signed_in("rep1").get("/accounts/C-000001")
    assert answer.status_code == 200
    page = text(answer.text)
    assert "None" not in page
    assert "Nothing in particular sets this account apart." in page


def test_any_id_is_reached_from_the_list(
    store: Store, tmp_path: Path, app: FastAPI, signed_in: Signed
) -> None:
    rows = [mine(place, entity_id=each) for place, each in enumerate(ODD)]
    publish_rows(store, tmp_path, rows, dict.fromkeys(ODD))
    client = signed_in("rep1")
    links = re.findall(r'class="opens" href="([^"]+)"', client.get("/accounts").text)
    assert len(links) == len(ODD)
    titles = set()
    for link in links:
        status, page = as_a_server_does(
            app, htm.unescape(link), "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        )
        assert status == 200, link
        titles |= {htm.unescape(each) for each in re.findall(r"<h1><bdi>(.*?)</bdi></h1>", page)}
    assert titles == set(ODD)
    assert client.get("/accounts/" + "x" * 299).status_code == 404


def as_a_server_does(app: FastAPI, path: str, cookie: str) -> tuple[int, str]:
    """Ask with a path that is unquoted once; the test client unquotes it twice."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"testserver"), (b"cookie", cookie.encode())], "client": ("testclient", 50_000),
        "server": ("testserver", 80),
    }  # fmt: skip
    anyio.run(app, scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:]).decode()


@pytest.mark.parametrize("name", [ARABIC, LONGEST_NAME, "שלום <script>alert(1)</script>", "N" * 60])
def test_names_of_any_script_keep_to_themselves(
    store: Store, tmp_path: Path, signed_in: Signed, name: str
) -> None:
    publish_rows(store, tmp_path, [mine(1)], {"C-000001": name})
    for path in ("/accounts", "/accounts/C-000001"):
        page = signed_in("rep1").get(path).text
        assert f"<bdi>{htm.escape(name)}</bdi>" in page
        assert "<script>alert" not in page


def test_a_manager_sees_whose_account_it_is(signed_in: Signed) -> None:
    assert "Rep: Rep 2" in text(signed_in("rep0").get("/accounts/C-000002").text)
    assert "Rep: " not in text(signed_in("rep2").get("/accounts/C-000002").text)


def test_rows_of_a_generation_that_is_not_shown_are_not_reached(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_later(store, tmp_path)
    assert signed_in("rep1").get("/accounts/C-000029").status_code == 404
    assert store.read(lambda con: con.execute(sa.select(Score.id).where(Score.entity_id == "C-000029")).all())
