"""What every page has: the menu, the banner, whom one stands in for."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.moments import now
from salesml.store.people import Deputy
from salesml.web import kept
from salesml.web.kept import Kept
from salesml.web.navigation import PLACES
from tests.web.conftest import Signed
from tests.web.test_accounts import text


def menu(page: str) -> list[str]:
    found = re.search(r"<nav aria-label=\"Pages\">.*?</nav>", page, re.DOTALL)
    assert found
    return re.findall(r'href="([^"]+)"', found[0])


def test_the_menu_names_pages_that_are_there_and_theirs(signed_in: Signed) -> None:
    rep, manager = signed_in("rep1"), signed_in("rep0")
    assert "/accounts" in menu(rep.get("/accounts").text)
    assert "/team" not in menu(rep.get("/accounts").text)
    for path in menu(manager.get("/accounts").text):
        assert path in [place.path for place in PLACES]
        assert manager.get(path).status_code == 200


def test_the_menu_says_where_one_is(signed_in: Signed) -> None:
    client = signed_in("rep1")
    assert '<a href="/accounts" aria-current="page">' in client.get("/accounts").text
    assert '<a href="/accounts" aria-current="true">' in client.get("/accounts/C-000001").text


def test_old_scores_are_called_so_on_every_page(signed_in: Signed) -> None:
    client = signed_in("rep1")
    for path in ("/accounts", "/accounts/C-000001"):
        assert "These scores are of 1 January 2026, " in client.get(path).text


def test_a_deputy_is_told_whose_book_they_see(store: Store, signed_in: Signed) -> None:
    today = dt.datetime.now(dt.UTC).date()
    day = dt.timedelta(days=1)
    line = {
        "rep_id": "R2", "deputy_id": "R1", "starts_on": today - day, "ends_on": today + day, "by": "admin",
        "at": now(),
    }  # fmt: skip
    store.write(lambda connection: connection.execute(sa.insert(Deputy).values(**line)), store.feedback)
    client = signed_in("rep1")
    page = text(client.get("/accounts").text)
    assert "You stand in for Rep 2 today" in page
    assert "Rep: Rep 2" in text(client.get("/accounts/C-000002").text)
    assert "You stand in" not in signed_in("rep3").get("/accounts").text


def test_what_is_kept_is_asked_for_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: clock[0])
    asked: list[int] = []
    get = Kept(lambda: asked.append(1) or len(asked), 10)
    assert [get(), get()] == [1, 1]
    clock[0] = 10.5
    assert [get(), get()] == [2, 2]


def test_a_failure_is_not_kept() -> None:
    answers = iter([ValueError("away"), 7])

    def work() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    get = Kept(work, 10)
    with pytest.raises(ValueError, match="away"):
        get()
    assert get() == 7
