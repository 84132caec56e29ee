"""What moved scores, as it is published: only what agrees with the scores of both dates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.cli import main
from salesml.errors import DataError
from salesml.lifecycle.publish import publish
from salesml.model.bundle import Bundle
from salesml.store.engine import Store, reading
from salesml.store.models import Moved, Score
from salesml.store.publish import publish as publish_table
from tests.lifecycle.conftest import Project

AS_OF, SINCE = "2026-01-01", "2025-12-01"


@dataclass(frozen=True)
class Made:
    """Scores of two dates, and what moved them."""

    before: Path
    now: Path
    changes: Path


@pytest.fixture(scope="module")
def made(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("moves")
    files = Made(*(folder / f"{name}.parquet" for name in ("before", "now", "changes")))
    bundle = ["--model", str(project.trained.folder / "bundle")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        for day, path in ((SINCE, files.before), (AS_OF, files.now)):
            assert main(["score", "churn", "--as-of", day, "--out", str(path), *bundle]) == 0
        dates = ["--as-of", AS_OF, "--since", SINCE]
        assert main(["changes", "churn", *dates, "--out", str(files.changes), *bundle]) == 0
    return files


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.db'}")


def moved(store: Store) -> dict[str, dict[str, Any]]:
    with reading(store.published) as connection:
        rows = connection.execute(sa.select(Moved.entity_id, Moved.moved))
        return {row.entity_id: json.loads(row.moved) for row in rows}


def test_what_is_said_is_what_changes_said(made: Made, store: Store) -> None:
    publish_table(store, made.before)
    done = publish(store, made.now, changes=made.changes)
    table = {row["entity_id"]: row for row in pq.read_table(made.changes).to_pylist()}
    compared = {key for key, row in table.items() if row["status"] == "compared"}
    found = moved(store)
    assert set(found) == compared
    assert done.moves == len(compared) > 100
    for key, told in found.items():
        row = table[key]
        assert (told["since"], told["before"], told["now"]) == (
            SINCE, row["probability_before"], row["probability"],
        )  # fmt: skip
        assert told["text"] == row["words"]
        assert row["words"].startswith(told["headline"] + " ")
        assert [each["words"] for each in told["data"]] == [each["words"] for each in row["data_reasons"]]
        assert (told["model"], told["model_changed"]) == ([], False)
    assert {key for told in found.values() for each in told["data"] for key in each} == {
        "words", "direction", "strength",
    }  # fmt: skip
    with reading(store.published) as connection:
        chances = dict(map(tuple, connection.execute(sa.select(Score.entity_id, Score.probability))))
    assert all(chances[key] == told["now"] for key, told in found.items())


def test_a_chance_that_was_not_the_published_one_is_not_told(
    made: Made, store: Store, tmp_path: Path
) -> None:
    table = pq.read_table(made.before)
    first = table["entity_id"][0].as_py()
    chances = table["probability"].to_pylist()
    altered = pa.array([min(chances[0] + 0.3, 0.99), *chances[1:-1], None])
    left = table.set_column(table.schema.get_field_index("probability"), "probability", altered)
    pq.write_table(left.slice(0, len(left) - 1), tmp_path / "before.parquet")
    publish_table(store, tmp_path / "before.parquet")
    done = publish(store, made.now, changes=made.changes)
    last = table["entity_id"][len(table) - 1].as_py()
    everyone = set(
        pq.read_table(made.changes).filter(pa.compute.field("status") == "compared")["entity_id"].to_pylist()
    )
    assert set(moved(store)) == everyone - {first, last}
    (note,) = done.notes
    assert note.startswith(f"Of {len(everyone & {first, last})} rows it is not said what moved them: ")
    assert "is not the one that was published then" in note


def change(row: dict[str, Any]) -> dict[str, Any]:
    return dict(row["data_reasons"][0])


def with_first(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The row with another first reason."""
    return lambda row: {"data_reasons": [change(row) | values, *row["data_reasons"][1:]]}


@pytest.mark.parametrize(
    ("alter", "code", "words"),
    [
        (lambda row: {"probability": row["probability"] + 1e-6}, "other-scores", "has other chances than"),
        (lambda _: {"model_version": "other/1"}, "other-scores", "has other/1 in the column model_version"),
        (lambda row: {"data_change": row["data_change"] + 1e-3}, "not-traced", "parts, signs or sentences"),
        (lambda row: {"data_other": row["data_other"] - 1e-3}, "not-traced", "parts, signs or sentences"),
        (lambda row: {"log_odds_before": row["log_odds_before"] + 1e-3}, "not-traced", "do not come to"),
        (lambda row: {"words": "Risk of leaving: up. " + row["words"]}, "not-traced", "do not come to"),
        (with_first(direction="sideways"), "not-traced", "do not come to"),
        (
            lambda row: with_first(
                direction={"raises": "lowers", "lowers": "raises"}[change(row)["direction"]]
            )(row),
            "not-traced",
            "do not come to",
        ),
        (with_first(contribution=7.0), "not-traced", "do not come to"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_agree_is_refused(
    made: Made, store: Store, tmp_path: Path,
    alter: Callable[[dict[str, Any]], dict[str, Any]], code: str, words: str,
) -> None:  # fmt: skip
    table = pq.read_table(made.changes)
    rows = table.to_pylist()
    at = next(
        at for at, row in enumerate(rows)
        if row["status"] == "compared" and row["data_reasons"] and change(row)["direction"] == "raises"
    )  # fmt: skip
    rows[at] |= alter(rows[at])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "c.parquet")
    with pytest.raises(DataError) as caught:
        publish(store, made.now, changes=tmp_path / "c.parquet")
    assert caught.value.code == code
    assert words in str(caught.value)
    assert not store.address.files[0].exists()


def test_changes_of_another_date_are_refused(made: Made, store: Store) -> None:
    with pytest.raises(DataError) as caught:
        publish(store, made.before, changes=made.changes)
    assert f"has {AS_OF} in the column as_of" in str(caught.value)


def test_through_the_command(
    made: Made, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(project.folder)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    bundle = str(project.trained.folder / "bundle")
    command = ["publish", "--scores", str(made.now), "--changes", str(made.changes), "--store", url]
    assert main([*command, "--crm", "crm.yaml", "--model", bundle]) == 0
    assert "rows have what moved their score" in capsys.readouterr().out
    own = Bundle.load(bundle)
    other = replace(own, quarantine_max=0.5).save(tmp_path / "other")
    assert main([*command, "--model", str(other)]) == 2
    said = capsys.readouterr().err
    assert "What pages say of a model is of the one that made the scores" in said
