"""A scorecard is published as scores are: whole, once, under a pointer of its own."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from salesml.cli import main
from salesml.errors import Fault, OutsideError, UsageError
from salesml.store import card_source, cards
from salesml.store.engine import Store, reading
from salesml.store.erase import erase, people
from salesml.store.generations import current
from salesml.store.migrate import forms, migrate
from salesml.store.models import Generation, ScorecardRow
from salesml.store.publish import publish
from salesml.store.publish_card import publish_scorecard
from salesml.store.retention import Retention
from salesml.store.status import status
from tests.store import made

UNTIL = dt.date(2026, 1, 1)


def folder(path: Path, *, until: dt.date = UNTIL, reps: int = 5, report: str = "<p>Fine</p>") -> Path:
    """A scorecard's folder: one metric of some reps, whose names need care."""
    path.mkdir()
    ids = ["company", *(f"R{number}" for number in range(reps))]
    start = pd.Timestamp(until) - pd.DateOffset(years=1)
    figures = pd.DataFrame(
        {
            "metric": "defection", "kind": "year", "start": start,
            "level": ["company", *["rep"] * reps], "id": ids,
            "value": [0.1 * number for number in range(reps + 1)],
            "low": [float("nan"), *[0.0] * reps], "words": 'He said "no"\nand left; 名前',
        }
    )  # fmt: skip
    figures.to_parquet(path / "figures.parquet")
    periods = pd.DataFrame(
        {
            "kind": ["year", "month"],
            "start": [start, pd.Timestamp(until)],
            "end": [pd.Timestamp(until), pd.Timestamp(until) + pd.DateOffset(months=1)],
            "complete": [True, False],
        }
    )
    periods.to_parquet(path / "periods.parquet")
    pd.DataFrame({"account": ["A1"], "words": ["Miller Ltd"]}).to_parquet(path / "handover.parquet")
    (path / "report.html").write_text(report, encoding="utf-8")
    return path


def shown(store: Store, part: str = "figures", **which: str) -> list[dict[str, Any]]:
    with reading(store.published) as connection:
        now = cards.scorecard(connection)
        return cards.rows(connection, now.id, part, **which) if now else []


def test_every_row_is_there_and_the_report(store: Store, tmp_path: Path) -> None:
    done = publish_scorecard(store, folder(tmp_path / "card"))
    assert done.text().splitlines() == [
        "Published scorecard as of 2026-01-01: 9 rows, as generation 1",
        "Left out, as they are about single customers: handover",
    ]
    rows = shown(store)
    assert [row["id"] for row in rows] == ["company", "R0", "R1", "R2", "R3", "R4"]
    assert rows[0]["low"] is None
    assert rows[1]["low"] == 0.0
    assert rows[3] == {
        "metric": "defection", "kind": "year", "start": "2025-01-01", "level": "rep", "id": "R2",
        "value": pytest.approx(0.3), "low": 0.0, "words": 'He said "no"\nand left; 名前',
    }  # fmt: skip
    assert shown(store, level="company") == rows[:1]
    assert shown(store, level="rep", subject="R2") == [rows[3]]
    with reading(store.published) as connection:
        assert cards.parts(connection, 1) == {"figures": 6, "periods": 2}
        assert cards.report(connection, 1) == "<p>Fine</p>"


def test_the_same_again_changes_nothing_and_another_takes_its_place(store: Store, tmp_path: Path) -> None:
    publish_scorecard(store, folder(tmp_path / "one"))
    again = publish_scorecard(store, tmp_path / "one")
    assert (again.changed, again.generation) == (False, 1)
    other = publish_scorecard(store, folder(tmp_path / "two", report="<p>Better</p>"))
    assert (other.changed, other.generation) == (True, 2)
    with reading(store.published) as connection:
        now = cards.scorecard(connection)
        assert now is not None
        assert cards.report(connection, now.id) == "<p>Better</p>"


def test_scores_and_scorecards_do_not_touch_each_other(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "s.parquet", 10))
    publish_scorecard(store, folder(tmp_path / "card"))
    publish(store, made.scores(tmp_path / "t.parquet", 10, day=UNTIL + dt.timedelta(days=1)))
    with reading(store.published) as connection:
        churn, card = current(connection, "churn"), current(connection, "scorecard")
    assert churn is not None
    assert card is not None
    assert (churn.id, churn.rows, card.id, card.rows) == (3, 10, 2, 9)
    assert len(shown(store)) == 6


def test_an_earlier_scorecard_does_not_take_the_place_of_a_later_one(store: Store, tmp_path: Path) -> None:
    publish_scorecard(store, folder(tmp_path / "new"))
    early = folder(tmp_path / "old", until=dt.date(2025, 12, 1))
    with pytest.raises(Exception, match="as of 2026-01-01 is published already"):
        publish_scorecard(store, early)
    assert publish_scorecard(store, early, older=True).as_of == "2025-12-01"


def test_old_scorecards_go(store: Store, tmp_path: Path) -> None:
    for month in range(1, 6):
        path = folder(tmp_path / str(month), until=dt.date(2026, month, 1))
        publish_scorecard(store, path, retention=Retention(whole=2))
    with reading(store.published) as connection:
        query = sa.select(ScorecardRow.generation_id).distinct().order_by(ScorecardRow.generation_id)
        assert connection.execute(query).scalars().all() == [4, 5]
        assert len(connection.execute(sa.select(Generation.id)).all()) == 5


def test_a_load_that_stops_shows_nothing_and_goes_on(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_scorecard(store, folder(tmp_path / "old", until=dt.date(2025, 12, 1)))
    monkeypatch.setattr(card_source, "BATCH", 7)
    path = folder(tmp_path / "new", reps=40)
    real, calls = card_source.Prepared.insert, []

    def stops(self: Any, connection: Any) -> None:
        calls.append(self.count)
        if len(calls) == 4:
            raise OutsideError(Fault(code="gone", found="the power is gone"))
        real(self, connection)

    monkeypatch.setattr(card_source.Prepared, "insert", stops)
    with pytest.raises(OutsideError, match="the power is gone"):
        publish_scorecard(store, path)
    assert len(shown(store)) == 6
    assert "did not end" in status(store, today=UNTIL).text()
    done = publish_scorecard(store, path)
    assert (done.changed, len(shown(store))) == (True, 41)
    assert sum(calls) - calls[3] == done.rows  # nothing was written twice


def test_a_scorecard_is_stale_after_a_month_and_a_half(store: Store, tmp_path: Path) -> None:
    publish_scorecard(store, folder(tmp_path / "card"))
    assert status(store, today=UNTIL + dt.timedelta(days=45)).banner == ""
    late = status(store, today=UNTIL + dt.timedelta(days=46))
    assert late.banner == (
        "This scorecard ends on 1 January 2026, 46 days ago. What happened since is not in it."
    )
    assert late.banner_of_scores == ""


def test_erasing_finds_who_is_mentioned(store: Store, tmp_path: Path) -> None:
    table = [made.row(1) | {"entity_id": "A-MILLER"}]
    publish(store, made.write_rows(tmp_path / "s.parquet", table))
    publish_scorecard(store, folder(tmp_path / "card", report="<p>A-MILLER left</p>"))
    done = erase(store, people(accounts=["A-MILLER"]))
    assert (done.left, done.mentioned) == ({}, {"scorecard_rows.row": 1})


def test_a_store_of_the_first_form_keeps_its_scores(tmp_path: Path) -> None:
    from alembic import command

    from salesml.store import migrate as module

    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        real = command.upgrade
        with pytest.MonkeyPatch.context() as patch:
            first = {"published": "published_0001", "feedback": "head"}
            patch.setattr(
                module.command, "upgrade",
                lambda config, _: real(config, first[Path(config.get_main_option("version_locations")).name]),
            )  # fmt: skip
            migrate(store)
        assert forms(store)[0].revision == "published_0001"
        generation = {
            "name": "churn", "task": "churn", "model_version": "1", "as_of": UNTIL, "scoring_run_id": "r",
            "digest": "d", "state": "whole", "loaded": 1, "rows": 1, "unscored": 0, "similar": 0, "erased": 0,
            "published_by": "me", "started_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        }  # fmt: skip
        store.write(lambda connection: connection.execute(sa.insert(Generation).values(**generation)))
        migrate(store)
        assert forms(store)[0].revision == forms(store)[0].wanted != "published_0001"
        assert publish_scorecard(store, folder(tmp_path / "card")).generation == 2


def test_what_is_no_scorecard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        with pytest.raises(UsageError) as caught:
            publish_scorecard(store, tmp_path / "empty")
        assert caught.value.code == "not-a-scorecard"
        assert "the tables figures and periods are not both there" in str(caught.value)
        assert "Run `salesml scorecard` first" in str(caught.value)
        broken = folder(tmp_path / "broken")
        (broken / "figures.parquet").write_text("no")
        with pytest.raises(UsageError, match=r"figures\.parquet cannot be read"):
            publish_scorecard(store, broken)
    assert not (tmp_path / "store.db").exists()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", f"sqlite:///{tmp_path / 'store.db'}"]
    path = str(folder(tmp_path / "card"))
    assert main(["publish", "--scorecard", path, *store]) == 0
    assert "Published scorecard as of 2026-01-01: 9 rows" in capsys.readouterr().out
    assert main(["publish", "--scorecard", path, *store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] is False
    assert main(["publish", "--scorecard", path, *store, "--crm", "crm.yaml"]) == 2
    assert "--crm was given with --scorecard" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["publish", *store])
    assert "one of the arguments --scores --scorecard is required" in capsys.readouterr().err
