"""My accounts."""

from __future__ import annotations

import re

from tests.web.conftest import ACCOUNTS, Signed


def test_a_rep_sees_their_own_accounts_and_no_others(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts")
    assert page.status_code == 200
    shown = {int(each) for each in re.findall(r"Company C-(\d+)", page.text)}
    assert shown == {number for number in range(ACCOUNTS) if number % 7 == 1}


def test_a_manager_sees_the_books_of_those_who_report_to_them(signed_in: Signed) -> None:
    page = signed_in("rep0").get("/accounts", params={"page": 2})
    first = signed_in("rep0").get("/accounts")
    shown = {int(each) for each in re.findall(r"Company C-(\d+)", first.text + page.text)}
    assert shown == {number for number in range(ACCOUNTS) if number % 7 < 4}


def test_search_finds_a_part_of_a_name_in_any_case(signed_in: Signed) -> None:
    page = signed_in("rep1").get("/accounts", params={"search": "COMPANY c-000008"})
    assert re.findall(r"Company C-(\d+)", page.text) == ["000008"]
