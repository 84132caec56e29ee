"""This week: whom to call first, on a page and as the text of an e-mail."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from salesml.store.access import Person, person
from salesml.store.engine import Store, reading
from salesml.store.models import Generation, Score
from salesml.store.publish import publish
from salesml.web.catalogue import texts
from salesml.web.desk import Desk
from salesml.web.desk.this_week import Week, this_week
from salesml.web.letter import Letter, letter
from tests.store.made import DAY, reason, row, write_ranked
from tests.web.conftest import ACCOUNTS, Signed
from tests.web.made import LATER, bare, mine, publish_later, publish_rows, put_beside
from tests.web.test_accounts import text
from tests.web.test_team import stand_in

TODAY = DAY + dt.timedelta(days=1)


def week_of(store: Store, login: str = "rep1@example.com", today: dt.date = TODAY) -> Week:
    who = person(store, login, today)
    assert who
    with reading(store.published) as connection:
        return this_week(Desk(connection, who, today))


def letter_of(store: Store, today: dt.date = TODAY, **how: Any) -> Letter:
    return letter(week_of(store, today=today), "Rep 1", texts(), today=today, **{"stale_after": 2} | how)


def called(html: str, at: str = "accounts") -> list[str]:
    return re.findall(rf'<h3><a href="/{at}/([^"]+)"', html)


def test_the_accounts_with_most_at_stake_come_first(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/this-week").text
    own = sorted(range(1, ACCOUNTS, 7), key=lambda number: -row(number)["expected_loss"])
    assert called(page) == [f"C-{number:06d}" for number in own[:5]]
    assert "Whom to call first, why, and what changed. Scores of 1 January 2026." in text(page)


def test_a_manager_calls_their_own_customers(signed_in: Signed) -> None:
    ids = called(signed_in("rep0").get("/this-week").text)
    assert {int(each[2:]) % 7 for each in ids} == {0}


def test_whoever_has_no_book_has_no_week(signed_in: Signed) -> None:
    client = signed_in("analyst")
    assert client.get("/this-week").status_code == 404
    assert 'href="/this-week"' not in client.get("/accounts").text
    assert 'href="/this-week"' in signed_in("rep1").get("/accounts").text


def test_a_deputy_calls_for_the_other_too(signed_in: Signed, store: Store) -> None:
    stand_in(store, "R2", "R1")
    page = signed_in("rep1").get("/this-week").text
    assert {int(each[2:]) % 7 for each in called(page)} == {1, 2}
    assert "Rep 2" in text(page)


def test_what_can_be_worked_on_is_the_reason_to_begin_with(store: Store, tmp_path: Path) -> None:
    reasons = [
        reason(3, "Lowers it") | {"direction": "lowers"},
        reason(2, "Cannot be changed") | {"tag": "fixed"},
        reason(1, "No visit"),
    ]
    publish_rows(store, tmp_path, [mine(1, reasons=reasons), mine(8, reasons=reasons[:2]),
                                   mine(15, reasons=reasons[:1])], {"C-000001": "One"})  # fmt: skip
    why = {each.entity_id: each.why for each in week_of(store).calls}
    assert why == {"C-000001": "No visit", "C-000008": "Cannot be changed", "C-000015": ""}


def test_where_no_reason_raises_the_risk_it_is_said_to_be_for_the_value(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    lowers = reason(3, "Lowers it") | {"direction": "lowers"}
    rows = [mine(1, reasons=[lowers]), mine(8, reasons=[]), mine(15, reasons=[reason(1, "No visit")])]
    publish_rows(store, tmp_path, rows, {"C-000001": "One"})
    assert [each.entity_id for each in week_of(store).calls if each.by_worth] == ["C-000001"]
    said = "Why: what it is worth."
    assert text(signed_in("rep1").get("/this-week").text).count(said) == 1
    assert letter_of(store).body.count(said) == 1


def test_whose_risk_rose_is_told_where_they_are_not_among_the_first(store: Store, tmp_path: Path) -> None:
    own = range(1, ACCOUNTS, 7)
    rows = [mine(number, probability=row(number)["probability"], expected_loss=100.0) for number in own]
    for each, chance in zip(rows[-3:], (0.9, 0.2, 0.001), strict=True):
        each |= {"probability": row(int(each["entity_id"][2:]))["probability"], "expected_loss": 1.0}
        each["probability"] = min(each["probability"] + chance, 0.999)
    publish_rows(store, tmp_path, rows, {each["entity_id"]: None for each in rows})
    week = week_of(store)
    risen = [each.entity_id for each in week.risen]
    rise = {
        each["entity_id"]: each["probability"] - row(int(each["entity_id"][2:]))["probability"]
        for each in rows
    }
    expected = sorted((each for each in rise if rise[each] > 0.01), key=lambda each: -rise[each])
    assert risen == expected
    assert len(risen) == 2
    assert all(each.trend == "up" for each in week.risen)


def test_what_changed_is_told_as_it_was_published(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_later(store, tmp_path)
    data = [{"words": "Fewer tickets", "direction": "lowers"}, {"words": "No order", "direction": "raises"}]
    put_beside(store, "C-000001", moved=json.dumps({"data": data}))
    page = text(signed_in("rep1").get("/this-week").text)
    assert "What changed: No order." in page
    assert "Fewer tickets" not in page
    assert "up from " in page


@pytest.mark.parametrize("moved", ["", "null", "[]", '{"data": 7}', '{"data": [7, {"words": null}]}'])
def test_moves_that_say_nothing_are_no_fault(store: Store, moved: str) -> None:
    put_beside(store, "C-000001", moved=moved or " ")
    assert all(each.changed == "" for each in week_of(store).calls)


def test_prospects_are_in_the_order_of_the_list(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    rows = [row(number, day=LATER, model="conversion", run="run-2") for number in (8, 1, 22, 15, 2)]
    publish(store, write_ranked(tmp_path / "ranked.parquet", rows))
    page = signed_in("rep1").get("/this-week").text
    assert called(page, "prospects") == ["C-000008", "C-000001", "C-000022", "C-000015"]


def test_without_a_list_those_who_may_bring_most_come_first(signed_in: Signed) -> None:
    own = sorted(range(1, ACCOUNTS, 7), key=lambda n: -row(n, model="conversion")["probability"])
    page = signed_in("rep1").get("/this-week").text
    assert called(page, "prospects") == [f"C-{number:06d}" for number in own[:5]]


def test_nobody_to_call_is_said(store: Store, signed_in: Signed) -> None:
    store.write(lambda con: con.execute(sa.delete(Score).where(Score.rep_id == "R1")))
    assert "There is nobody to call first." in signed_in("rep1").get("/this-week").text
    assert not week_of(store).says_something


def test_a_store_without_scores_has_nothing_to_say(tmp_path: Path) -> None:
    from salesml.store.migrate import migrate

    with Store(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        migrate(store)
        who = Person("a", "A", "rep", rep_id="R1", books=frozenset({"R1"}))
        with reading(store.published) as connection:
            assert not this_week(Desk(connection, who, TODAY)).says_something


def test_the_letter_begins_with_whom_to_call(store: Store) -> None:
    first = max(range(1, ACCOUNTS, 7), key=lambda number: row(number)["expected_loss"])
    said = letter_of(store, address="https://scores.example.com/")
    assert said.subject == f"Call first this week: Company C-{first:06d} (scores of 1 January 2026)"
    lines = said.body.splitlines()
    assert lines[0] == "Call first"
    assert lines[3].startswith(f"1. Company C-{first:06d}: ")
    assert f"   https://scores.example.com/accounts/C-{first:06d}" in lines
    assert "https://scores.example.com/this-week" in said.body
    assert all(len(each) <= 76 or "https://" in each for each in lines)
    assert "days ago" not in said.body


def test_without_an_address_the_letter_has_no_links(store: Store) -> None:
    assert "http" not in letter_of(store).body


def test_a_letter_of_old_scores_says_so_first(store: Store) -> None:
    body = letter_of(store, today=DAY + dt.timedelta(days=3)).body
    assert body.startswith("These scores are of 1 January 2026, 3 days ago.")
    assert not letter_of(store, today=DAY + dt.timedelta(days=2)).body.startswith("These")


def test_names_cannot_turn_a_letter_around_or_begin_lines(store: Store, tmp_path: Path) -> None:
    names = {
        "C-000001": "Evil\r\nBcc: everybody@example.com\r\n\r\nCall 0900",
        "C-000008": "شركة الأمل",
        "C-000015": None,
    }
    rows = [
        bare(1, "C-000001") | {"expected_loss": 9.0},
        mine(8, expected_loss=8.0),
        mine(15, expected_loss=7.0),
    ]
    publish_rows(store, tmp_path, rows, names)
    said = letter_of(store, address="https://s.example.com")
    assert "\n" not in said.subject
    assert "\r" not in said.subject
    assert not re.search(r"^(Bcc|Call 0900)", said.body, re.MULTILINE)
    assert "\u2068شركة الأمل\u2069" in said.body
    assert "C-000015" in said.body


def test_amounts_have_the_currency(store: Store) -> None:
    def say(connection: sa.Connection) -> None:
        connection.execute(sa.update(Generation).values(display='{"currency": "GBP", "horizon_days": 90}'))

    store.write(say)
    body = letter_of(store).body
    assert "risk of leaving within 90 days" in body.replace("\n   ", " ")
    assert "of £100 is at stake." in body.replace("\n   ", " ")
