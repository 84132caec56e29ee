"""What the desk makes of the store's texts and dates."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from salesml.store.access import Person
from salesml.store.engine import Store, reading
from salesml.store.models import GONE, HISTORY, WHOLE, Generation
from salesml.web.desk import Desk
from salesml.web.desk.account import lately
from salesml.web.desk.display import Display
from salesml.web.desk.earlier import Earlier, earlier, trend
from salesml.web.desk.plain import mapping, mappings
from salesml.words.drawing.timeline import Then
from tests.store.made import DAY as SCORED_ON

DAY = dt.date(2026, 1, 31)


@pytest.mark.parametrize("text", [None, "", "{", "null", "7", '"a"'])
def test_what_holds_nothing_is_empty(text: str | None) -> None:
    assert mapping(text) == {}
    assert mappings(text) == []


def test_plain_data_is_read() -> None:
    assert mapping('{"a": 1}') == {"a": 1}
    assert mappings('[{"a": 1}, 2, {"b": null}]') == [{"a": 1}, {"b": None}]
    assert mapping("[]") == {}
    assert mappings("{}") == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (None, 0.5, "new"), (0.5, None, "new"), (0.10, 0.105, "same"), (0.10, 0.115, "up"),
        (0.10, 0.085, "down"), (0.50, 0.54, "same"), (0.50, 0.56, "up"), (0.001, 0.009, "same"),
    ],
)  # fmt: skip
def test_a_trend_needs_a_point_and_a_tenth(before: float | None, now: float | None, said: str) -> None:
    assert trend(before, now) == said


def test_the_scores_of_about_a_week_before_are_compared_with() -> None:
    days = (1, 2, 8, 15, 46)
    course = [Then(DAY - dt.timedelta(days=each), 0.1) for each in reversed(days)] + [Then(DAY, 0.3)]
    then, way = lately(course, DAY)
    assert then == Then(DAY - dt.timedelta(days=8), 0.1)
    assert way == "up"
    assert lately(course[:1] + course[-1:], DAY) == (None, "new")


@pytest.mark.parametrize("days", [0, -1, "90", None, 1.5])
def test_a_horizon_is_a_number_of_days_or_not_known(days: object) -> None:
    assert Display.read(json.dumps({"horizon_days": days})).horizon_days is None


def test_attributes_are_called_as_the_company_says() -> None:
    shown = Display.read('{"words": {"employees": "number of people", "b": 7}, "currency": "GBP"}')
    assert [shown.label(each) for each in ("employees", "b", "annual_revenue", "_")] == [
        "Number of people", "B", "Annual revenue", "_",
    ]  # fmt: skip
    assert (shown.currency, shown.horizon_days) == ("GBP", None)


def test_a_list_is_compared_with_the_latest_scores_of_about_a_week_before(store: Store) -> None:
    def add(connection: sa.Connection) -> None:
        whole = connection.execute(sa.select(Generation).where(Generation.name == "churn")).mappings().one()
        for key, days, state in (
            (70, 2, WHOLE), (71, 8, HISTORY), (72, 8, WHOLE), (73, 20, WHOLE), (74, 7, GONE), (75, 60, WHOLE),
        ):  # fmt: skip
            older = dict(whole) | {"id": key, "as_of": SCORED_ON - dt.timedelta(days=days), "state": state}
            connection.execute(sa.insert(Generation).values(**older))

    store.write(add)
    with reading(store.published) as connection:
        desk = Desk(connection, Person("a", "A", "admin", books=None), SCORED_ON)
        now = desk.of_task("churn")
        assert now
        assert earlier(desk, now) == Earlier(72, SCORED_ON - dt.timedelta(days=8), WHOLE)
    store.write(lambda con: con.execute(sa.delete(Generation).where(Generation.id.in_((70, 71, 72, 73)))))
    with reading(store.published) as connection:
        assert earlier(Desk(connection, desk.person, SCORED_ON), now) is None
