"""My accounts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesml.store.engine import Store
from salesml.web.desk import counts
from tests.store.made import row
from tests.web.conftest import ACCOUNTS, Signed, without_token
from tests.web.made import bare, mine, publish_later, publish_rows, put_beside


def shown(html: str) -> list[int]:
    """The accounts of a list, from the top."""
    return [int(each) for each in re.findall(r'class="opens"[^>]*><bdi>Company C-(\d+)', html)]


def text(html: str) -> str:
    """What stands in a page to be read."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def line(html: str, number: int) -> str:
    """What a list says of one account."""
    found = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*Company C-{number:06d}.*?</tr>", html, re.DOTALL)
    assert found
    return text(found[0])


def test_a_rep_sees_their_own_accounts_and_no_others(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts")
    assert page.status_code == 200
    assert sorted(shown(page.text)) == [number for number in range(ACCOUNTS) if number % 7 == 1]
    assert "15 accounts" in page.text


def test_a_manager_sees_the_books_of_those_who_report_to_them(signed_in: Signed) -> None:
    client = signed_in("rep0")
    first, second = (client.get("/accounts", params={"page": page}).text for page in (1, 2))
    assert sorted(shown(first) + shown(second)) == [each for each in range(ACCOUNTS) if each % 7 < 4]
    assert len(shown(first)) == 50


def test_search_finds_a_part_of_a_name_in_any_case(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts", params={"search": "COMPANY c-000008"})
    assert shown(page.text) == [8]
    assert "1 account" in text(page.text)
    wild = signed_in("rep1").get("/accounts", params={"search": "%"})
    assert shown(wild.text) == []
    assert "No account of yours is like that." in wild.text


def test_the_order_is_as_asked(signed_in: Signed) -> None:
    client = signed_in("rep1")
    own = [number for number in range(ACCOUNTS) if number % 7 == 1]
    by_chance = sorted(own, key=lambda number: -row(number)["probability"])
    for order, expected in (("at-stake", by_chance), ("chance", by_chance), ("name", own), ("value", own)):
        assert shown(client.get("/accounts", params={"order": order}).text) == expected
    assert client.get("/accounts", params={"order": "rep_id"}).status_code == 422


def test_a_band_is_shown_alone_and_all_are_counted(signed_in: Signed) -> None:
    client = signed_in("rep1")
    page = client.get("/accounts", params={"band": "B"}).text
    expected = [number for number in range(ACCOUNTS) if number % 7 == 1 and number % 4 == 1]
    assert sorted(shown(page)) == expected
    assert f"B: high risk ({len(expected)})" in page
    assert re.search(r'value="B" selected', page)


def test_a_band_is_said_in_words_not_by_colour_alone(signed_in: Signed) -> None:
    assert "Band B: high risk" in line(signed_in("rep1").get("/accounts").text, 1)


def test_a_manager_chooses_a_rep_of_theirs(signed_in: Signed) -> None:
    client = signed_in("rep0")
    page = client.get("/accounts", params={"rep": "R2"}).text
    assert sorted(shown(page)) == [number for number in range(ACCOUNTS) if number % 7 == 2]
    assert re.findall(r'<option value="(R\d)"', page) == ["R0", "R1", "R2", "R3"]
    assert 'value="R2" selected' in page
    assert "Rep 2" in line(page, 2)


def test_another_team_s_rep_is_nobody(signed_in: Signed) -> None:
    client = signed_in("rep0")
    pages = [without_token(client.get("/accounts", params={"rep": rep}).text) for rep in ("R5", "R9")]
    assert pages[0] == pages[1]
    assert shown(pages[0]) == []


def test_a_rep_is_not_asked_to_choose_reps(signed_in: Signed) -> None:
    assert 'name="rep"' not in signed_in("rep1").get("/accounts").text


def test_trends_say_what_became_of_the_chance_since_a_week_ago(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_later(store, tmp_path)
    page = signed_in("rep1").get("/accounts").text
    assert shown(page) == [1, 8, 15, 900]
    assert "Trends are since 1 January 2026." in page
    for number, said in ((1, "up from "), (8, "down from "), (15, "as before"), (900, "not scored before")):
        assert said in line(page, number)


def test_without_earlier_scores_nothing_is_said_of_trends(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts").text
    assert "Trends" not in page
    assert "not scored before" not in page


def test_the_strongest_reason_says_its_direction_to_everybody(signed_in: Signed) -> None:
    said = line(signed_in("rep1").get("/accounts").text, 1)
    assert "raises the risk: Orders on 1 of the last 60 days" in said


def test_amounts_have_the_currency_that_was_published(store: Store, signed_in: Signed) -> None:
    client = signed_in("rep1")
    assert "of 100" in line(client.get("/accounts").text, 1)
    put_beside(store, "C-000001", display='{"currency": "GBP", "horizon_days": 90}')
    assert "of £100" in line(client.get("/accounts").text, 1)


@pytest.mark.parametrize("display", ["", "null", "[]", "{", '{"currency": null, "horizon_days": "x"}'])
def test_a_display_that_says_nothing_is_no_fault(store: Store, signed_in: Signed, display: str) -> None:
    put_beside(store, "C-000001", display=display)
    client = signed_in("rep1")
    assert client.get("/accounts").status_code == 200
    assert client.get("/accounts/C-000001").status_code == 200


def test_accounts_without_a_score_are_counted_and_told(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    publish_later(store, tmp_path)
    client = signed_in("rep1")
    page = client.get("/accounts").text
    assert "1 account could not be scored" in page
    assert 22 not in shown(page)
    told = client.get("/accounts-without-score").text
    assert "revenue is infinite" in line(told, 22)
    assert "Company" not in signed_in("rep2").get("/accounts-without-score").text


def test_values_that_are_missing_come_last_and_break_nothing(
    store: Store, tmp_path: Path, signed_in: Signed
) -> None:
    rows = [bare(1, "C-000001"), mine(8, expected_loss=5.0), bare(15, "C-000015")]
    publish_rows(store, tmp_path, rows, {each["entity_id"]: f"Company {each['entity_id']}" for each in rows})
    client = signed_in("rep1")
    assert shown(client.get("/accounts").text) == [8, 1, 15]
    assert sorted(shown(client.get("/accounts", params={"order": "value"}).text)) == [1, 8, 15]
    assert shown(client.get("/accounts", params={"order": "value"}).text)[0] == 8


def test_without_any_value_the_chance_decides(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    rows = [
        bare(number, f"C-{number:06d}") | {"probability": chance} for number, chance in ((1, 0.1), (8, 0.9))
    ]
    publish_rows(store, tmp_path, rows, {each["entity_id"]: f"Company {each['entity_id']}" for each in rows})
    assert shown(signed_in("rep1").get("/accounts").text) == [8, 1]


def test_whoever_sees_too_many_chooses_a_rep_first(
    monkeypatch: pytest.MonkeyPatch, signed_in: Signed
) -> None:
    monkeypatch.setattr("salesml.web.desk.lists.MOST_ROWS", 50)
    monkeypatch.setattr(counts, "MOST_ROWS", 50)
    client = signed_in("analyst")
    page = client.get("/accounts").text
    assert "Choose a rep to see a list." in page
    assert shown(page) == []
    assert len(shown(client.get("/accounts", params={"rep": "R2"}).text)) == 14


def test_pages_keep_what_was_asked_for(signed_in: Signed) -> None:
    page = signed_in("rep0").get("/accounts", params={"search": "company", "order": "name"}).text
    assert 'href="/accounts?search=company&amp;order=name&amp;page=2"' in page
    beyond = signed_in("rep0").get("/accounts", params={"page": 99})
    assert beyond.status_code == 200
    assert shown(beyond.text) == []


def test_nobody_s_accounts_say_so(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_rows(store, tmp_path, [mine(1)], {"C-000001": "Company"})
    assert "No account of yours was scored." in signed_in("rep2").get("/accounts").text
