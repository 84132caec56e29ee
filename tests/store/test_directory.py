"""Who reports to whom."""

from __future__ import annotations

import pytest

from salesml.store import directory
from salesml.store.directory import Directory, Member
from salesml.store.engine import Store
from tests.store.company import company, rep


def member(rep_id: str, manager: str | None = None, team: str | None = None) -> Member:
    return Member(rep_id, None, team, f"{rep_id}@example.com", None, manager)


def test_whoever_reports_through_others_is_below() -> None:
    found = Directory([member("A"), member("B", "A"), member("C", "B"), member("D")])
    assert found.below(found.by_id["A"]) == {"B", "C"}
    assert found.below(found.by_id["D"]) == frozenset()


def test_managers_in_a_circle_end_the_search() -> None:
    found = Directory([member("A", "C"), member("B", "A"), member("C", "B"), member("D", "D")])
    assert found.below(found.by_id["A"]) == {"A", "B", "C"}
    assert (found.leads("A"), found.leads("D")) == (True, False)


def test_without_managers_a_team_is_whoever_is_in_it() -> None:
    found = Directory([member("A", team="North"), member("B", team="North"), member("C", team="South"),
                       member("D"), member("E")])  # fmt: skip
    assert found.below(found.by_id["A"]) == {"A", "B"}
    assert found.below(found.by_id["D"]) == frozenset()  # no team is not a team


def test_with_managers_a_team_gives_nothing() -> None:
    found = Directory([member("A", team="North"), member("B", team="North"), member("C", "D"), member("D")])
    assert found.below(found.by_id["A"]) == frozenset()


def test_a_login_of_two_reps_is_told() -> None:
    found = Directory([Member("A", None, None, "Kim@example.com", None, None),
                       Member("B", None, None, "kim@example.com ", None, None), member("C")])  # fmt: skip
    assert found.twice == ("kim@example.com",)
    assert [each.rep_id for each in found.of_login("kim@example.com")] == ["A", "B"]


def test_reps_are_read_again_after_some_seconds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(directory.time, "monotonic", lambda: clock[0])
    company(store, rep("R1"))
    assert set(directory.directory(store).by_id) == {"R1"}
    company(store, rep("R2"))
    assert set(directory.directory(store).by_id) == {"R1"}
    clock[0] += directory.LASTS
    assert set(directory.directory(store).by_id) == {"R2"}


def test_people_are_called_by_name_where_their_login_is_one_reps() -> None:
    def named(rep_id: str, name: str | None, login: str) -> Member:
        return Member(rep_id, name, None, login, None, None)

    found = Directory([
        named("A", "Kim Lee", "Kim@example.com"), named("B", None, "b@example.com"),
        named("C", "Sam", "two@example.com"), named("D", "Eve", "two@example.com"),
    ])  # fmt: skip
    logins = ("kim@example.com", "b@example.com", "two@example.com", "nobody@example.com")
    assert [found.name_of(login) for login in logins] == ["Kim Lee", *logins[1:]]
