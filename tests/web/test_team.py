"""Team: books and scorecard of those whom somebody leads."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.scorecard.registry import all_tables
from salesml.scorecard.tables import COMMON
from salesml.store.engine import Store
from salesml.store.models import Rep, Score
from salesml.store.moments import now
from salesml.store.people import Deputy
from salesml.web.desk import books, counts
from salesml.web.routes import team
from tests.store.made import row
from tests.web.conftest import ACCOUNTS, Signed, without_token
from tests.web.made import bare, publish_rows
from tests.web.scorecards import figure, figures, publish_card, tables
from tests.web.test_accounts import text


def links(html: str) -> list[str]:
    """The reps of the page, in its order."""
    return re.findall(r'class="opens" href="/team/([^"]+)"', html)


def stand_in(store: Store, of: str, by: str, **more: object) -> None:
    today = dt.datetime.now(dt.UTC).date()
    day = dt.timedelta(days=1)
    line = {
        "rep_id": of,
        "deputy_id": by,
        "starts_on": today - day,
        "ends_on": today + day,
        "by": "a",
        "at": now(),
    }
    store.write(lambda con: con.execute(sa.insert(Deputy).values(**line | more)), store.feedback)


def test_who_leads_nobody_has_no_team(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_card(store, tmp_path)
    client = signed_in("rep1")
    for path in ("/team", "/team/R1", "/team/R2", "/team/nobody", "/scorecard"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_a_manager_sees_the_books_of_their_reps(signed_in: Signed) -> None:
    page = signed_in("rep0").get("/team").text
    stake = {n: sum(row(each)["expected_loss"] for each in range(n, ACCOUNTS, 7)) for n in range(4)}
    assert links(page) == [f"R{n}" for n in sorted(stake, key=lambda n: -stake[n])]
    of_one = re.search(r"<tr[^>]*>(?:(?!</tr>).)*Rep 2.*?</tr>", page, re.DOTALL)
    assert of_one
    at_risk = sum(each % 4 < 2 for each in range(2, ACCOUNTS, 7))
    assert text(of_one[0]).split() == [
        "Rep", "2", "14", "accounts", str(at_risk), "at", "risk", f"{stake[2]:,.0f}", "at", "stake",
    ]  # fmt: skip


def test_above_the_books_stands_their_sum(signed_in: Signed) -> None:
    page = text(signed_in("rep0").get("/team").text)
    mine = [each for each in range(ACCOUNTS) if each % 7 < 4]
    stake = sum(row(each)["expected_loss"] for each in mine)
    at_risk = sum(each % 4 < 2 for each in mine)
    assert f"{len(mine)} accounts {at_risk} at risk {stake:,.0f} at stake" in page


def test_an_analyst_sees_all_books_and_their_teams(signed_in: Signed) -> None:
    page = signed_in("analyst").get("/team").text
    assert sorted(links(page)) == [f"R{n}" for n in range(7)]
    assert text(page).count("South") == 3
    assert "North" not in signed_in("rep0").get("/team").text


def test_nobody_leads_those_for_whom_they_stand_in(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_card(store, tmp_path)
    stand_in(store, "R5", "R0")
    client = signed_in("rep0")
    assert client.get("/accounts", params={"rep": "R5"}).text.count('class="opens"') > 0
    page = client.get("/team").text
    assert "R5" not in links(page)
    assert client.get("/team/R5").status_code == 404


def test_deputies_are_told_to_who_leads(signed_in: Signed, store: Store) -> None:
    stand_in(store, "R1", "R5")
    stand_in(store, "R2", "R6", ended_at=now(), ended_by="a")
    stand_in(store, "R6", "R3")
    client = signed_in("rep0")
    page = text(client.get("/team").text)
    assert page.count("stands in until") == 1
    assert "Rep 5 stands in until" in page
    assert "Rep 5 stands in until" in text(client.get("/team/R1").text)
    assert "stands in until" not in text(client.get("/team/R2").text)


def test_reps_without_an_account_are_named(signed_in: Signed, store: Store) -> None:
    new = {"rep_id": "R/é?", "name": "<b>Zoë</b>", "manager_id": "R0"}
    store.write(lambda con: con.execute(sa.insert(Rep).values(**new)))
    client = signed_in("rep0")
    page = client.get("/team").text
    assert links(page)[-1] == "R%2F%C3%A9%3F"
    assert "&lt;b&gt;Zoë&lt;/b&gt;" in page
    assert "no account" in text(page)
    one = client.get("/team/R%2F%C3%A9%3F")
    assert one.status_code == 200
    assert "This rep has no account that was scored." in one.text


def test_of_a_rep_the_first_accounts_are_shown(signed_in: Signed) -> None:
    page = signed_in("rep0").get("/team/R2").text
    own = sorted(range(2, ACCOUNTS, 7), key=lambda number: -row(number)["expected_loss"])
    assert [int(each) for each in re.findall(r'href="/accounts/C-(\d+)"', page)] == own[:10]
    assert "The list of all 14 accounts" in page
    assert 'href="/accounts?rep=R2"' in page


def test_another_team_s_rep_is_as_one_who_is_not_there(signed_in: Signed) -> None:
    client = signed_in("rep0")
    pages = [client.get(f"/team/{rep}") for rep in ("R5", "R99")]
    assert [each.status_code for each in pages] == [404, 404]
    assert without_token(pages[0].text.replace("R5", "R99")) == without_token(pages[1].text)


def test_where_there_is_too_much_to_count_only_sums_are_shown(
    signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "MOST_ROWS", 50)
    page = signed_in("analyst").get("/team").text
    assert "At risk</th>" not in page
    assert "At stake</th>" in page


def test_values_that_are_missing_break_nothing(store: Store, tmp_path: Path, signed_in: Signed) -> None:
    publish_rows(store, tmp_path, [bare(1, "C-000001")], {"C-000001": "شركة الأمل"})
    page = signed_in("rep0").get("/team").text
    assert links(page)[0] == "R1"
    assert "شركة الأمل" in signed_in("rep0").get("/team/R1").text


def test_without_a_scorecard_it_says_how_to_get_one(signed_in: Signed) -> None:
    client = signed_in("rep0")
    assert "No scorecard was published." in client.get("/team").text
    assert "Figures" not in text(client.get("/team/R1").text)


def test_a_manager_sees_figures_of_the_company_and_their_own(
    signed_in: Signed, store: Store, tmp_path: Path
) -> None:
    publish_card(store, tmp_path)
    client = signed_in("rep0")
    page = text(client.get("/team").text)
    for there in (
        "company of the year.",
        "North of the year.",
        "Customers lost: worse.",
        "Calling early works.",
    ):
        assert there in page
    assert "R2 wins, better than all by more than luck." in page
    assert "Rep 1: 8 of 10 hours." in page
    for other in ("South", "Rep 5", "R5", "Rep 6", "R6", "of the quarter", "of a month"):
        assert other not in page, other
    one = text(client.get("/team/R2").text)
    assert "R2 of the year." in one
    assert "company of the year." in one
    assert "Between 1% and 4%, nine times in ten." in one
    assert "R1 of the year" not in one


def test_what_to_do_is_said_without_names_to_who_does_not_see_all(
    signed_in: Signed, store: Store, tmp_path: Path
) -> None:
    publish_card(store, tmp_path)
    mine, all_of_them = (text(signed_in(who).get("/team").text) for who in ("rep0", "analyst"))
    assert "Ask why the largest customers lost have left" in mine
    assert "No single figure tells this of the whole company." in mine
    assert "Ask why. Ask Rep 5 how they do it." in all_of_them
    assert "Rep 6 spends hours below their worth." in all_of_them
    assert "Rep 6 did it." in all_of_them


def test_a_check_that_could_not_be_made_is_told_without_options_of_commands(
    signed_in: Signed, store: Store, tmp_path: Path
) -> None:
    words = "Not computed, for want of scores (option --scores)."
    check = {"check": 2, "title": "They resemble", "verdict": "missing", "words": words, "act": ""}
    publish_card(store, tmp_path, summary=[check])
    mine, all_of_them = (text(signed_in(who).get("/team").text) for who in ("rep0", "analyst"))
    assert "This cannot be told yet" in mine
    assert "--scores" not in mine
    assert words in all_of_them


def test_of_a_rep_what_differs_comes_first(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_card(store, tmp_path)
    client = signed_in("rep0")
    first, second = (
        text(client.get(f"/team/{rep}").text).partition("All figures, by check")[0] for rep in ("R2", "R1")
    )
    assert "Prospects won, 2025: R2 wins, better than all by more than luck." in first
    assert "figures differs from those of all" in second
    assert "better" not in second


def test_an_old_scorecard_is_told_where_it_is_shown(
    signed_in: Signed, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_card(store, tmp_path)
    client = signed_in("rep0")
    age = (dt.datetime.now(dt.UTC).date() - dt.date(2026, 1, 1)).days
    told = "days ago. What happened since is not in it."
    for path, there in (("/team", True), ("/team/R1", True), ("/accounts", False)):
        monkeypatch.setattr(team, "CARD_STALE_AFTER", age - 1)
        assert (f"This scorecard ended {age:,} {told}" in client.get(path).text) is there
        monkeypatch.setattr(team, "CARD_STALE_AFTER", age)
        assert told not in client.get(path).text


def test_verdicts_are_said_in_words(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_card(store, tmp_path)
    page = text(signed_in("rep0").get("/team").text)
    assert "Customers are kept worse" in page
    assert "Outcomes, not activity may be chance" in page


def test_the_newest_whole_period_of_the_company_is_the_one_of_all(
    signed_in: Signed, store: Store, tmp_path: Path
) -> None:
    rows = figures()
    for each in rows:
        if each["kind"] == "year" and each["metric"] == "defection":
            each["complete"] = False
    publish_card(store, tmp_path, figures=rows)
    page = text(signed_in("rep0").get("/team/R1").text)
    assert "R1 of the quarter." in page
    assert "of the year" not in page
    assert "2025 Q4" in page


def test_a_figure_that_lacks_something_gives_way_to_one_that_does_not(
    signed_in: Signed, store: Store, tmp_path: Path
) -> None:
    rows = [
        figure("company", "company", words="of the year"),
        figure("company", "company", start=dt.datetime(2026, 1, 1), words="too young", lacks="half of it"),
        figure("company", "company", start=dt.datetime(2024, 1, 1), words="too old"),
    ]
    publish_card(store, tmp_path, figures=rows)
    page = text(signed_in("rep0").get("/team").text)
    assert "of the year" in page
    assert "too young" not in page
    assert "too old" not in page


@pytest.mark.parametrize("left_out", ["definitions", "summary", "brief"])
def test_a_scorecard_that_lacks_a_table_is_shown_as_far_as_it_goes(
    signed_in: Signed, store: Store, tmp_path: Path, left_out: str
) -> None:
    publish_card(store, tmp_path, **{left_out: None})
    client = signed_in("rep0")
    assert client.get("/team").status_code == 200
    assert client.get("/team/R1").status_code == 200


def test_of_many_teams_those_are_shown_that_stand_out(
    signed_in: Signed, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "MOST_TEAMS", 1)
    rows = figures()
    for each in rows:
        if each["id"] == "South" and each["metric"] == "winning":
            each |= {"verdict": "worse", "words": "South wins less."}
    publish_card(store, tmp_path, figures=rows)
    page = text(signed_in("analyst").get("/team").text)
    assert "South wins less." in page
    assert "North wins." not in page
    assert "Of the teams, those are shown that differ from all by more than luck." in page


def test_the_whole_report_is_for_those_who_see_all(signed_in: Signed, store: Store, tmp_path: Path) -> None:
    publish_card(store, tmp_path)
    answer = signed_in("analyst").get("/scorecard")
    assert "Rep 5 is better" in answer.text
    policy = answer.headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(b"p { margin: 0 }").digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "unsafe" not in policy
    assert 'href="/scorecard"' in signed_in("analyst").get("/team").text
    assert signed_in("rep0").get("/scorecard").status_code == 404
    assert 'href="/scorecard"' not in signed_in("rep0").get("/team").text


def test_what_was_counted_is_kept_and_counted_again(
    signed_in: Signed, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("salesml.web.desk.books.time.monotonic", lambda: clock[0])
    client = signed_in("rep0")
    client.get("/team")
    store.write(lambda con: con.execute(sa.delete(Score).where(Score.entity_id == "C-000001")))
    assert "Rep 1 15 accounts" in text(client.get("/team").text)
    clock[0] = counts.SECONDS + 1
    assert "Rep 1 14 accounts" in text(client.get("/team").text)


def test_tables_of_these_tests_have_the_columns_that_the_scorecard_writes() -> None:
    declared = {each.name: {column.name for column in each.columns} for each in (*COMMON, *all_tables())}
    for name, rows in tables().items():
        assert set().union(*rows) <= declared[name], name
