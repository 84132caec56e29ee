"""Answering back: kept once, shown beside later scores, withdrawn by another line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.outcomes import keep
from salesml.store.people import Audit, User
from salesml.web.answering import word
from salesml.web.catalogue import texts
from salesml.web.desk.seen import KINDS
from tests.store.made import DAY, row
from tests.web.conftest import Signed, fields, form_token, without_token
from tests.web.made import LATER, publish_later

MINE, THEIRS = "C-000001", "C-000002"


def lines(store: Store) -> list[sa.Row[tuple[str, ...]]]:
    query = sa.select(*Feedback.__table__.c).order_by(Feedback.id)
    return store.read(lambda con: list(con.execute(query)), store.feedback)


def test_an_answer_keeps_who_said_what_of_which_score(store: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    page = client.get(f"/accounts/{MINE}").text
    sent = fields(page, what="disagree", note="They  signed\r\nyesterday. <b>", reason="orders_1d")
    answer = client.post("/answers", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{MINE}#answers")
    (line,) = lines(store)
    assert (line.by, line.what, line.name, line.task, line.entity_id, line.as_of) == (
        "rep1@example.com", "disagree", "churn", "churn", MINE, DAY,
    )  # fmt: skip
    assert line.probability == row(1)["probability"]
    assert (line.rep_id, line.model_version, line.band) == ("R1", "salesml-churn/3", row(1)["band"])
    assert (line.reason, line.reason_words) == ("orders_1d", "Orders on 1 of the last 60 days")
    assert line.note == "They  signed\nyesterday. <b>"
    assert (line.expires_on - dt.datetime.now(dt.UTC).date()).days == 90
    shown = client.get(f"/accounts/{MINE}").text
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "Rep 1, " in shown
    assert "rep1@example.com, " not in shown
    assert "Disagreed, " in client.get("/accounts").text
    query = sa.select(Audit.what, Audit.about).where(Audit.what == "answer-given")
    assert store.read(lambda con: con.execute(query).all(), store.feedback) == [
        ("answer-given", f"account:{MINE}")
    ]


def test_a_form_that_is_sent_twice_is_one_answer_and_another_answer_is_not_lost(
    store: Store, signed_in: Signed
) -> None:
    client = signed_in("rep1")
    sent = fields(client.get(f"/accounts/{MINE}").text, what="contacted")
    for _ in range(3):
        assert client.post("/answers", data=sent).status_code == 303
    client.post("/answers", data=sent | {"what": "saved"})
    assert [line.what for line in lines(store)] == ["contacted", "saved"]
    client.post("/answers", data=fields(client.get(f"/accounts/{MINE}").text, what="contacted"))
    assert len(lines(store)) == 3


def test_an_answer_keeps_the_score_that_was_seen_and_stands_beside_the_next(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    client = signed_in("rep1")
    sent = fields(client.get(f"/accounts/{MINE}").text, what="reason-is-wrong", reason="orders_1d")
    publish_later(store, tmp_path)
    assert client.post("/answers", data=sent).status_code == 303
    (line,) = lines(store)
    assert (line.as_of, line.probability) == (DAY, row(1)["probability"])
    assert LATER != DAY
    assert "A reason is wrong" in client.get(f"/accounts/{MINE}").text.partition('class="answer"')[0]


def test_withdrawing_adds_a_line_once(store: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    page = client.get(f"/accounts/{MINE}").text
    client.post("/answers", data=fields(page, what="lost"))
    (line,) = lines(store)
    gone = {"csrf": form_token(page), "kind": "account", "id": MINE, "number": str(line.id)}
    for _ in range(2):
        assert client.post("/answers/withdrawal", data=gone).status_code == 303
    first, second = lines(store)
    assert first == line
    assert (second.what, second.about, second.by) == ("withdrawn", line.id, "rep1@example.com")
    assert "Withdrawn by Rep 1, " in client.get(f"/accounts/{MINE}").text
    assert "Lost, " not in client.get("/accounts").text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "It is not said what is answered"),
        ({"what": "nonsense"}, "It is not said what is answered"),
        ({"what": "reason-is-wrong"}, "No reason is chosen"),
        ({"what": "reason-is-wrong", "reason": "revenue"}, "not one of this score"),
        ({"what": "disagree", "note": "  "}, "It is not said why you disagree"),
        ({"what": "lost", "note": "x" * 2_001}, "2,001 letters"),
        ({"what": "saved", "expires_on": "soon"}, "The day cannot be understood"),
        ({"what": "saved", "expires_on": "2026-01-01"}, "It would hold until 2026-01-01"),
        ({"what": "saved", "expires_on": "2999-01-01"}, "It would hold until 2999-01-01"),
    ],
)
def test_an_answer_that_says_nothing_comes_back_with_what_was_written(
    store: Store, signed_in: Signed, more: dict[str, str], words: str
) -> None:
    client = signed_in("rep1")
    page = client.get(f"/accounts/{MINE}").text
    sent = fields(page, note="keep me") | more
    answer = client.post("/answers", data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert sent["note"].strip() in answer.text
    assert client.post("/answers", data=sent, headers={"hx-request": "true"}).status_code == 200
    assert not lines(store)


def test_nobody_answers_for_what_is_not_theirs(store: Store, signed_in: Signed) -> None:
    client, other = signed_in("rep1"), signed_in("rep2")
    page = client.get(f"/accounts/{MINE}").text
    sent = fields(page, what="contacted")
    said = [client.post("/answers", data=sent | {"id": each}) for each in (THEIRS, "C-none")]
    assert len({without_token(each.text) for each in said}) == 1
    assert not lines(store)
    client.post("/answers", data=sent)
    (line,) = lines(store)
    gone = {"csrf": form_token(other.get("/accounts").text), "kind": "account", "number": str(line.id)}
    for entity in (THEIRS, MINE):
        assert other.post("/answers/withdrawal", data=gone | {"id": entity}).status_code == 404
    assert len(lines(store)) == 1


def test_an_analyst_reads_answers_and_gives_none(store: Store, signed_in: Signed) -> None:
    rep, analyst = signed_in("rep1"), signed_in("analyst")
    sent = fields(rep.get(f"/accounts/{MINE}").text, what="contacted")
    rep.post("/answers", data=sent)
    page = analyst.get(f"/accounts/{MINE}").text
    assert "Contacted" in page
    assert 'class="answer"' not in page
    assert analyst.post("/answers", data=sent | {"csrf": form_token(page)}).status_code == 403
    assert len(lines(store)) == 1


def test_days_are_those_of_the_reader(store: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    client.post("/answers", data=fields(client.get(f"/accounts/{MINE}").text, what="contacted"))
    late = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)
    store.write(lambda con: con.execute(sa.update(Feedback).values(at=late)), store.feedback)
    for zone, day in (("Europe/Berlin", "11 March 2026"), ("America/New_York", "10 March 2026")):
        change = sa.update(User).where(User.login == "rep1@example.com").values(zone=zone)
        store.write(lambda con, change=change: con.execute(change), store.feedback)  # type: ignore[misc]
        assert f"Contacted, {day}" in client.get("/accounts").text
        assert f"Rep 1, {day}." in client.get(f"/accounts/{MINE}").text


def test_what_came_of_an_answer_stands_beside_it_once_it_is_known(store: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    for path, what in ((f"/accounts/{MINE}", "lost"), ("/prospects/C-000001", "saved")):
        client.post("/answers", data=fields(client.get(path).text, what=what))
        assert "What came of it" not in client.get(path).text
    days = dt.date(2026, 3, 3), dt.date(2026, 4, 2)
    store.write(lambda con: keep(con, {1: (1, *days), 2: (0, *days), 99: (1, *days)}), store.feedback)
    account, prospect = client.get(f"/accounts/{MINE}").text, client.get("/prospects/C-000001").text
    assert "What came of it: they left, between 3 March 2026 and 1 April 2026." in account
    assert "they were not won. This score looked at 3 March 2026 to 1 April 2026." in prospect
    store.write(lambda con: keep(con, {1: (0, *days)}), store.feedback)
    assert "What came of it: they stayed." in client.get(f"/accounts/{MINE}").text
    assert "What came of it" not in client.get("/prospects/C-000001").text


def test_who_is_saved_is_won_of_a_prospect() -> None:
    assert [word(kind, "saved") for kind in KINDS] == ["saved", "won"]
    for part in ("whats", "choices", "marks"):
        assert texts()(f"answers.{part}.won", day="today")
