"""What is shown, how old it is, what did not end, and what pages say."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from salesml.errors import DataError
from salesml.store.engine import Store
from salesml.store.generations import begin
from salesml.store.migrate import migrate
from salesml.store.publish import publish
from salesml.store.source import ScoreTable
from salesml.store.status import status
from salesml.store.turn import turn
from tests.store import made

DAY = dt.timedelta(days=1)


def test_fresh_scores_need_no_word(store: Store, tmp_path: Path) -> None:
    publish(store, made.write_rows(tmp_path / "s.parquet", [made.row(1), made.unscored(2)]))
    found = status(store, today=made.DAY + 2 * DAY)
    assert (found.banner, found.alarming) == ("", False)
    assert (
        "churn: as of 2026-01-01 (2 days ago), 2 rows, 1 not scored, salesml-churn/3, published "
        in found.text()
    )


def test_stale_scores_are_told(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "s.parquet", 3))
    found = status(store, today=made.DAY + 3 * DAY)
    assert found.alarming
    assert found.banner == (
        "These scores are of 1 January 2026, 3 days ago. What customers did since is not in them."
    )
    assert status(store, stale_after=3, today=made.DAY + 3 * DAY).banner == ""
    told = json.loads(json.dumps(found.as_dict()))
    assert (told["shown"][0]["stale"], told["shown"][0]["as_of"], told["alarming"]) == (
        True,
        "2026-01-01",
        True,
    )


def test_a_load_that_did_not_end_is_told(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "1.parquet", 3))
    later = made.scores(tmp_path / "2.parquet", 3, day=made.DAY + DAY)
    about = ScoreTable(later).about
    with turn(store) as writer:
        writer.write(lambda connection: begin(connection, about, "digest", by="test", summary=None))
        going = status(store, today=made.DAY)
    assert (going.banner, going.partial[0].going_on) == ("", True)
    assert "churn as of 2026-01-02 is being loaded since" in going.text()
    assert "Being written by process" in going.text()
    stopped = status(store, today=made.DAY)
    assert (
        stopped.banner == "The latest load of scores did not end; those shown are the ones before, and whole."
    )
    assert "did not end. No reader sees it" in stopped.text()
    publish(store, later)
    assert status(store, today=made.DAY + DAY).banner == ""


def test_an_empty_store_and_none(store: Store) -> None:
    with pytest.raises(DataError) as caught:
        status(store)
    assert caught.value.code == "no-store"
    migrate(store)
    assert status(store).banner == "There are no scores yet."
