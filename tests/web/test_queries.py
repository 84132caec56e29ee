"""Pages ask the store few questions, each by an index, and none about rows that are not theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from tests.web.conftest import Signed
from tests.web.made import publish_later
from tests.web.scorecards import publish_card
from tests.web.test_prospects import listed, publish_list

LARGE = (
    "scores", "reasons", "history", "recent_events", "moves", "similar_accounts", "earlier", "figures",
)  # fmt: skip
"""Tables, and names of tables in queries, that have a row for each account."""

MOST = 12


@pytest.fixture
def asked(store: Store) -> Callable[[], list[tuple[str, Any]]]:
    """Every statement since the last call, with its values."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        heard.append((statement, values))

    sa.event.listen(store.published, "before_cursor_execute", hear)

    def take() -> list[tuple[str, Any]]:
        taken = [each for each in heard if each[0].lstrip().upper().startswith(("SELECT", "WITH"))]
        heard.clear()
        return taken

    return take


@pytest.mark.parametrize("who", ["rep1", "rep0", "analyst"])
@pytest.mark.parametrize(
    "path",
    [
        "/accounts", "/accounts?band=B", "/accounts?search=comp&order=name", "/accounts?order=value&page=2",
        "/accounts?rep=R1", "/accounts/C-000001", "/accounts-without-score",
        "/prospects", "/prospects?search=comp", "/prospects?rep=R1&show=all", "/prospects/C-000001",
        "/prospects-without-score", "/about",
    ],
)  # fmt: skip
def test_every_query_goes_by_an_index(
    store: Store, tmp_path: Path, signed_in: Signed, asked: Callable[[], Any], path: str, who: str
) -> None:
    publish_later(store, tmp_path)
    client = signed_in(who)
    asked()
    assert client.get(path).status_code == 200
    first = asked()
    client.get(path)
    again = asked()
    assert 0 < len(again) <= MOST
    for statement, values in first + again:
        for step in plan(store, statement, values):
            table = re.match(r"SCAN (\w+)", step)
            assert not (table and table[1] in LARGE), f"{step} in {statement}"


@pytest.mark.parametrize("who", ["rep0", "analyst"])
@pytest.mark.parametrize("path", ["/team", "/team/R1"])
def test_the_team_is_read_by_indexes(
    store: Store, tmp_path: Path, signed_in: Signed, asked: Callable[[], Any], path: str, who: str
) -> None:
    publish_card(store, tmp_path)
    client = signed_in(who)
    asked()
    assert client.get(path).status_code == 200
    first = asked()
    client.get(path)
    assert 0 < len(asked()) <= MOST
    for statement, values in first:
        for step in plan(store, statement, values):
            table = re.match(r"SCAN (\w+)", step)
            assert not (table and table[1] in (*LARGE, "scorecard_rows")), f"{step} in {statement}"
    (sums,) = [each for each in first if "sum(" in each[0]]
    led = "(generation_id=? AND rep_id=?)" if who == "rep0" and path == "/team" else ""
    assert any(f"USING COVERING INDEX ix_scores_rep {led}" in step for step in plan(store, *sums))


def test_a_week_is_read_by_indexes(
    store: Store, tmp_path: Path, signed_in: Signed, asked: Callable[[], Any]
) -> None:
    publish_later(store, tmp_path)
    client = signed_in("rep1")
    asked()
    assert client.get("/this-week").status_code == 200
    found = asked()
    assert any("earlier" in statement for statement, _ in found)
    for statement, values in found:
        for step in plan(store, statement, values):
            table = re.match(r"SCAN (\w+)", step)
            assert not (table and table[1] in LARGE), f"{step} in {statement}"


def test_a_rep_s_list_is_read_in_the_order_of_the_index(
    store: Store, signed_in: Signed, asked: Callable[[], Any]
) -> None:
    client = signed_in("rep1")
    asked()
    client.get("/accounts")
    (page,) = [each for each in asked() if "LIMIT" in each[0] and "expected" in each[0]]
    steps = plan(store, *page)
    assert any("ix_scores_rep (generation_id=? AND rep_id=? AND expected>?)" in step for step in steps), steps
    assert any("PART OF ORDER BY" in step or "TERM OF ORDER BY" in step for step in steps), steps


def test_a_book_is_counted_without_reading_its_rows(
    store: Store, signed_in: Signed, asked: Callable[[], Any]
) -> None:
    client = signed_in("rep1")
    asked()
    client.get("/accounts")
    (counted,) = [each for each in asked() if "GROUP BY" in each[0]]
    assert any("USING COVERING INDEX ix_scores_rep" in step for step in plan(store, *counted))


@pytest.mark.parametrize("who", ["rep1", "rep0"])
def test_listed_prospects_are_found_by_an_index_that_has_no_others(
    store: Store, tmp_path: Path, signed_in: Signed, asked: Callable[[], Any], who: str
) -> None:
    taken = {"picked": "rank", "unlisted": None}
    others = [listed(number) for number in range(100, 200)]
    publish_list(store, tmp_path, [listed(1, rank=1, **taken), listed(2, rank=2, **taken), *others])
    client = signed_in(who)
    asked()
    client.get("/prospects")
    (page,) = [each for each in asked() if "LIMIT" in each[0] and "unlisted" in each[0]]
    assert any("INDEX ix_scores_ranked (" in step for step in plan(store, *page)), plan(store, *page)


def test_what_moved_is_read_of_those_that_are_shown(
    store: Store, tmp_path: Path, signed_in: Signed, asked: Callable[[], Any]
) -> None:
    publish_later(store, tmp_path)
    client = signed_in("rep1")
    asked()
    client.get("/this-week")
    (risen,) = [each for each in asked() if "AS first" in each[0]]
    steps = plan(store, *risen)
    assert any("scores USING COVERING INDEX ix_scores_rep" in step for step in steps), steps
    found = next(place for place, step in enumerate(steps) if step.startswith("SCAN first"))
    beside = [place for place, step in enumerate(steps) if re.match("SEARCH (moves|reasons)", step)]
    assert beside
    assert min(beside) > found, steps


@pytest.mark.parametrize("path", ["/accounts", "/accounts?page=2"])
def test_a_manager_s_list_is_made_of_the_first_of_each_book(
    store: Store, signed_in: Signed, asked: Callable[[], Any], path: str
) -> None:
    client = signed_in("rep0")
    asked()
    client.get(path)
    (page,) = [each for each in asked() if "AS first" in each[0]]
    steps = plan(store, *page)
    found = [step for step in steps if "ix_scores_rep (generation_id=? AND rep_id=? AND expected>?)" in step]
    assert len(found) == len([step for step in steps if re.search("SEARCH .*ix_scores_rep", step)]) > 1, steps


def test_what_was_counted_is_kept(signed_in: Signed, asked: Callable[[], Any]) -> None:
    client = signed_in("rep1")
    client.get("/accounts")
    assert any("count(" in statement for statement, _ in asked())
    client.get("/accounts")
    assert not any("count(" in statement for statement, _ in asked())


def plan(store: Store, statement: str, values: Any) -> list[str]:
    """How SQLite finds the rows."""
    with store.published.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return [str(row[3]) for row in rows]
