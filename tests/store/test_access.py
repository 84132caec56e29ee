"""Who may see which rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.store import directory
from salesml.store.access import ADMIN, ANALYST, MANAGER, REP, Person, person
from salesml.store.deputies import appoint, end
from salesml.store.engine import Store
from salesml.store.models import Score
from salesml.store.users import add, change, disable, enable
from tests.store.company import company, rep

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "LASTS", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield store


def of(store: Store, login: str, today: dt.date = TODAY) -> Person:
    found = person(store, login, today)
    assert found
    return found


def test_a_rep_sees_their_own_book(store: Store) -> None:
    company(store, rep("R1", name="Kim", team="North"), rep("R2"))
    kim = of(store, " R1@Example.COM")
    assert (kim.role, kim.name, kim.team, kim.books) == (REP, "Kim", "North", frozenset({"R1"}))
    assert (kim.sees("R1"), kim.sees("R2"), kim.sees(None)) == (True, False, False)
    assert (kim.answers, kim.leads, kim.sees_all) == (True, False, False)


def test_whoever_others_report_to_is_a_manager_of_all_below(store: Store) -> None:
    company(store, rep("R1"), rep("R2", manager_id="R1"), rep("R3", manager_id="R2"), rep("R4"))
    assert of(store, "r1@example.com").role == MANAGER
    assert of(store, "r1@example.com").books == {"R1", "R2", "R3"}
    assert of(store, "r3@example.com").books == {"R3"}


def test_a_manager_sees_figures_of_whom_they_lead_and_of_teams_that_are_theirs_whole(store: Store) -> None:
    reps = [rep("R2", team="North", manager_id="R1"), rep("R3", team="South", manager_id="R1")]
    company(store, rep("R1", team="North"), *reps, rep("R4", team="South"))
    appoint(store, "R4", "R1", TODAY, TODAY, by="admin")
    lead = of(store, "r1@example.com")
    assert lead.books == {"R1", "R2", "R3", "R4"}
    assert lead.led == {"R1", "R2", "R3"}
    assert lead.teams == {"North"}
    mate = of(store, "r2@example.com")
    assert (mate.led, mate.teams) == (frozenset(), frozenset())
    add(store, "ana@example.com", by="admin", role=ANALYST)
    ana = of(store, "ana@example.com")
    assert (ana.led, ana.teams) == (None, None)


def test_what_the_table_calls_a_rep_sees_no_more_although_others_report_to_them(store: Store) -> None:
    company(store, rep("R1", role="Rep"), rep("R2", manager_id="R1"))
    assert of(store, "r1@example.com").books == {"R1"}


def test_an_analyst_sees_all_and_answers_nothing(store: Store) -> None:
    company(store, rep("R1", role="analyst"))
    analyst = of(store, "r1@example.com")
    assert (analyst.role, analyst.sees_all, analyst.answers, analyst.sees(None)) == (
        ANALYST,
        True,
        False,
        True,
    )


def test_the_role_of_a_user_goes_before_that_of_the_table(store: Store) -> None:
    company(store, rep("R1", role="admin"))
    add(store, "r1@example.com", by="test", role="rep")
    assert of(store, "r1@example.com").books == {"R1"}
    change(store, "r1@example.com", by="test", role="")
    assert of(store, "r1@example.com").role == ADMIN


def test_somebody_of_no_book_comes_in_by_a_role_alone(store: Store) -> None:
    company(store)
    add(store, "Ana@example.com", by="test", role="analyst")
    add(store, "bob@example.com", by="test")
    add(store, "lee@example.com", by="test", role="manager")
    assert of(store, "ana@example.com").sees_all
    assert person(store, "bob@example.com", TODAY) is None
    assert of(store, "lee@example.com").books == frozenset()


def test_a_deputy_sees_the_book_on_both_days_and_between(store: Store) -> None:
    company(store, rep("R1"), rep("R2"), rep("R3"))
    appoint(store, "R1", "R2", TODAY, TODAY + DAY, by="test")
    seen = {day: of(store, "r2@example.com", TODAY + day * DAY).books for day in (-1, 0, 1, 2)}
    assert seen == {-1: {"R2"}, 0: {"R1", "R2"}, 1: {"R1", "R2"}, 2: {"R2"}}
    assert of(store, "r2@example.com").standing_in == ("R1",)
    assert of(store, "r3@example.com").books == {"R3"}
    assert of(store, "r1@example.com").books == {"R1"}  # who is stood in for sees no more


def test_a_deputy_of_a_manager_sees_the_managers_own_book_alone(store: Store) -> None:
    company(store, rep("R1"), rep("R2", manager_id="R1"), rep("R3"))
    appoint(store, "R1", "R3", TODAY, TODAY, by="test")
    assert of(store, "r3@example.com").books == {"R1", "R3"}


def test_a_deputy_who_was_ended_sees_no_more(store: Store) -> None:
    company(store, rep("R1"), rep("R2"))
    end(store, appoint(store, "R1", "R2", TODAY, TODAY, by="test"), by="test")
    assert of(store, "r2@example.com").books == {"R2"}


def test_whoever_was_shut_out_is_nobody_until_let_in(store: Store) -> None:
    company(store, rep("R1"))
    disable(store, "r1@example.com", by="test")
    assert person(store, "r1@example.com", TODAY) is None
    enable(store, "r1@example.com", by="test")
    assert of(store, "r1@example.com").epoch == 1


def test_a_rep_who_left_the_table_is_nobody(store: Store) -> None:
    company(store, rep("R1"))
    add(store, "r1@example.com", by="test")
    assert of(store, "r1@example.com")
    company(store, rep("R2"))
    assert person(store, "r1@example.com", TODAY) is None


def test_a_login_of_two_reps_is_nobodys_whatever_its_letters(store: Store) -> None:
    company(store, rep("R1", login="Kim@example.com"), rep("R2", login="kim@EXAMPLE.com"))
    add(store, "kim@example.com", by="test", role="analyst")
    assert person(store, "kim@example.com", TODAY) is None


@pytest.mark.parametrize("text", ["", "   ", "r1\0@example.com", "nobody", "r" * 400])
def test_what_is_no_login_is_nobody(store: Store, text: str) -> None:
    company(store, rep("R1"), rep("R2", login=""), rep("R3", login=" "))
    assert person(store, text, TODAY) is None


def test_the_condition_on_rows_is_the_books_and_nothing_without_any() -> None:
    def sql(books: frozenset[str] | None) -> str:
        condition = Person("a", "a", REP, books=books).may_see(Score.rep_id)
        return str(sa.select(condition).compile(compile_kwargs={"literal_binds": True}))

    assert "IN ('R1', 'R2')" in sql(frozenset({"R2", "R1"}))
    assert "true" in sql(None)
    assert "true" not in sql(frozenset())
