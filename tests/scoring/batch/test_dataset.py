"""A dataset shows one generation, to every reader; what is old goes when nobody can be at it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import salesml
from salesml.errors import DataError, UsageError
from salesml.scoring import Scorer
from salesml.scoring.batch.dataset import current
from salesml.scoring.batch.places import place_of
from tests.scoring.batch.made import DAY, publish
from tests.scoring.made import bundle, rows


def test_every_reader_sees_the_one_generation(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    for seed in (1, 2, 3):
        publish(out, rows(50 + seed, seed))
    publish(out, rows(20, 9), day="2026-02-28")
    assert len(pd.read_parquet(out)) == 53 + 20
    table = ds.dataset(out, format="parquet", partitioning="hive").to_table()
    assert sorted(set(table["as_of"].to_pylist())) == [DAY, "2026-02-28"]
    found = duckdb.sql(
        f"SELECT task, as_of, count(*) FROM read_parquet('{out}/*/*/*.parquet', hive_partitioning = true) "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert found == [("churn", dt.date(2026, 1, 31), 53), ("churn", dt.date(2026, 2, 28), 20)]


def test_no_glob_meets_a_generation_that_is_not_the_current_one(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    publish(out, rows(30, 1))
    publish(out, rows(40, 2))
    for pattern in ("*/*/*.parquet", "*/*/*"):
        assert duckdb.sql(f"SELECT count(*) FROM read_parquet('{out}/{pattern}')").fetchall() == [(40,)]
    for pattern in ("*/*.parquet", "**/*.parquet"):  # ** does not follow links
        with pytest.raises(duckdb.IOException, match="No files found"):
            duckdb.sql(f"SELECT count(*) FROM read_parquet('{out}/{pattern}')").fetchall()


def test_a_link_to_a_dataset_is_that_dataset(tmp_path: Path) -> None:
    out, link = tmp_path / "disk" / "scores", tmp_path / "latest"
    out.parent.mkdir()
    link.symlink_to(out)  # of a disk whose folder is still to be made
    first = publish(link, rows(30, 1))
    assert publish(out, rows(30, 1)).already
    assert publish(link, rows(30, 1)).manifest == first.manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "latest"]
    assert place_of(link, "churn", DAY) == place_of(out, "churn", DAY)
    assert len(salesml.read_scores(link, "churn", DAY)) == 30


def test_a_link_to_nowhere_names_the_folder_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "scores").symlink_to(tmp_path / "not mounted" / "scores")
    with pytest.raises(UsageError, match="not mounted does not exist"):
        publish(tmp_path / "scores", rows(30, 1))


@pytest.mark.parametrize("inside", ["task=churn", f"task=churn/as_of={DAY}", "task=churn/more.parquet"])
def test_nothing_is_written_into_a_dataset(tmp_path: Path, inside: str) -> None:
    publish(tmp_path / "scores", rows(30, 1))
    with pytest.raises(UsageError, match="within a dataset") as caught:
        publish(tmp_path / "scores" / inside, rows(30, 2))
    assert caught.value.code == "inside-dataset"
    assert f"such as {tmp_path / 'scores'}" in str(caught.value)
    assert len(pd.read_parquet(tmp_path / "scores")) == 30


def test_what_comes_back_is_the_score_table(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    frame = rows(70, 1)
    done = publish(out, frame)
    back = salesml.read_scores(out, "churn", DAY)
    assert back.schema.metadata == {b"salesml.run_id": done.manifest["run_id"].encode()}
    wanted = Scorer(bundle(), threads=1).table(frame, run_id=done.manifest["run_id"])
    assert back.replace_schema_metadata(None).equals(wanted)
    assert isinstance(back, pa.Table)


def test_a_reader_with_an_old_listing_gets_an_error_not_other_rows(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    publish(out, rows(30, 1))
    listing = sorted((out / "task=churn" / f"as_of={DAY}").iterdir())
    publish(out, rows(30, 2))
    for path in listing:
        with pytest.raises(FileNotFoundError):
            path.read_bytes()


def test_two_generations_are_kept_and_the_current_one_always(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    names = [publish(out, rows(20, seed)).manifest["run_id"] for seed in (1, 2, 3, 4)]
    place = place_of(out, "churn", DAY)
    assert {folder.name for folder in place.generations.iterdir()} == set(names[-2:])
    seen = current(place)
    assert seen
    assert seen.name == names[-1]
    # The one before is still whole: the same job turns to it instead of scoring again.
    again = publish(out, rows(20, 3))
    assert again.already
    assert salesml.read_scores(out, "churn", DAY).schema.metadata[b"salesml.run_id"].decode() == names[2]


def test_a_damaged_part_is_no_score(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    publish(out, rows(40, 1))
    part = next((out / "task=churn" / f"as_of={DAY}").iterdir())
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(DataError, match="Run the scoring job again") as caught:
        salesml.read_scores(out, "churn", DAY)
    assert caught.value.code == "changed-file"
    assert not publish(out, rows(40, 1)).already
    assert salesml.read_scores(out, "churn", DAY).num_rows == 40


def test_scores_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no scores of churn for 2026-01-31"):
        salesml.read_scores(tmp_path / "scores", "churn", DAY)


def test_another_model_needs_another_folder(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    publish(out, rows(20, 1))
    manifest = out / "task=churn" / f"as_of={DAY}" / ".." / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**content, "model": {**content["model"], "name": "churn_shops"}}))
    with pytest.raises(UsageError, match="holds scores of the model churn_shops") as caught:
        publish(out, rows(20, 2))
    assert caught.value.code == "other-model"


def test_files_of_others_are_not_replaced(tmp_path: Path) -> None:
    theirs = tmp_path / "scores" / "task=churn" / f"as_of={DAY}"
    theirs.mkdir(parents=True)
    (theirs / "mine.parquet").write_text("mine")
    with pytest.raises(UsageError, match="not a link to scores that salesml wrote"):
        publish(tmp_path / "scores", rows(20, 1))
    assert (theirs / "mine.parquet").read_text() == "mine"


def test_a_dataset_needs_a_date_and_a_folder_above(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no date is given"):
        place_of(tmp_path / "scores", "churn", "")
    with pytest.raises(UsageError, match="does not exist") as caught:
        publish(tmp_path / "nowhere" / "scores", rows(20, 1))
    assert caught.value.code == "missing-folder"
    assert not list(tmp_path.iterdir())
