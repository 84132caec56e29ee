"""From a dataset of scores to the store and out of both again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

import salesml
from salesml.cli import main
from salesml.store.engine import Store, reading
from salesml.store.models import Generation, Reasons, Recent, Score
from tests.faults.made import small
from tests.lifecycle.conftest import Project

AS_OF = "2026-01-01"


def shown(url: str) -> set[str]:
    with Store(url) as store, reading(store.published) as connection:
        return set(connection.execute(sa.select(Score.entity_id)).scalars())


def test_what_was_scored_is_published_and_can_be_erased(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, url = tmp_path / "scores", f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.chdir(project.folder)
    bundle = str(project.trained.folder / "bundle")
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out), "--model", bundle]) == 0
    publish = ["publish", "--scores", str(out), "--crm", "crm.yaml", "--store", url]
    assert main(publish) == 0
    scores = salesml.read_scores(out, "churn", AS_OF)
    everyone = set(scores["entity_id"].to_pylist())
    assert shown(url) == everyone
    assert main(publish) == 0
    assert "Already published" in capsys.readouterr().out
    gone = sorted(everyone)[3]
    assert main(["erase", "--account", gone, "--store", url, "--files", str(out)]) == 0
    assert shown(url) == everyone - {gone}
    left = salesml.read_scores(out, "churn", AS_OF)["entity_id"].to_pylist()
    assert sorted(left) == sorted(everyone - {gone})
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and gone.encode() in path.read_bytes()]


def test_a_store_as_the_place_to_score_to(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    command = ["score", "churn", "--as-of", AS_OF, "--out", url]
    assert main([*command, "--dry-run"]) == 0
    assert f"Would score accounts with salesml-churn/1 to {url}" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
    assert main([*command, "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (events[0]["out"], events[-1]["event"]) == (url, "done")
    assert len({event["run_id"] for event in events}) == 1
    loading = [event for event in events if event["event"] == "progress"][-1]
    assert loading["done"] == loading["rows"] == 2 * events[-1]["rows"], "rows, and their latest events"
    assert sorted(path.name for path in tmp_path.iterdir() if "feedback" not in path.name) == ["store.db"]
    with Store(url) as store, reading(store.published) as connection:
        line = connection.execute(sa.select(Generation)).one()
    assert (line.scoring_run_id, line.rows) == (events[0]["run_id"], events[-1]["rows"])
    told = json.loads(line.display)
    assert (told["currency"], told["horizon_days"], told["verdict"]) == ("GBP", 90, "usable")
    assert json.loads(line.summary)["model"]["version"] == line.model_version == "salesml-churn/1"
    assert main([*command, "--dry-run"]) == 0
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Nothing would be done" in said
    assert f"Nothing to do: {url} holds the {line.rows} rows" in said


def test_what_the_store_shows_is_what_publish_shows(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    bundle = ["--model", str(project.trained.folder / "bundle")]
    direct, apart = (f"sqlite:///{tmp_path / name}.db" for name in ("direct", "apart"))
    assert main(["score", "churn", "--as-of", AS_OF, "--out", direct, *bundle]) == 0
    out = str(tmp_path / "scores.parquet")
    assert main(["score", "churn", "--as-of", AS_OF, "--out", out, *bundle]) == 0
    publish = ["publish", "--scores", out, "--crm", "crm.yaml", "--store", apart]
    assert main([*publish, *bundle]) == 0
    found = []
    for url in (direct, apart):
        with Store(url) as store, reading(store.published) as connection:
            rows = connection.execute(sa.select(*Score.__table__.c).order_by(Score.id)).all()
            said = connection.execute(sa.select(*Reasons.__table__.c).order_by(Reasons.score_id)).all()
            events = connection.execute(sa.select(*Recent.__table__.c).order_by(Recent.id)).all()
            told = connection.execute(sa.select(Generation.display)).scalar_one()
        found.append((rows, said, events, told))
    assert found[0] == found[1]
    assert len(found[0][0]) > 100


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--out", "mysql://u:pa55word@h/d"], "The store is a database of kind mysql"),
        (["--out", "postgresql://u:$NOBODY_SET_THIS@h/d"], "NOBODY_SET_THIS, which is not set"),
        (["--out", "s3://bucket/scores"], "an address (s3:). Scores are written to disks of this machine"),
        (["--out", "delta:s3://bucket/scores"], "The Delta table is at an address (s3:)"),
        (["--out", "delta:abfss://k@a.dfs.core.windows.net/t"], "at an address (abfss:)"),
        (["--out", "scores.parquet", "--work", "."], "--work is given, and --out is no store"),
        (["--out", "sqlite:///no/such/folder/s.db"], "does not exist"),
        (["--out", "sqlite:///s.db", "--similar", "s.parquet"], "--similar is given, and --out is a store"),
        (["--out", "sqlite:///s.db", "--engine", "spark"], "Spark writes a folder of Parquet files"),
    ],
)
def test_wrong_use(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    more: list[str], words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(project.folder)
    assert main(["score", "churn", "--as-of", AS_OF, *more]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "pa55word" not in said
    assert not (project.folder / "s.db").exists()


def test_a_flat_table_needs_a_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small(tmp_path)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    command = ["score", "churn", "--table", str(folder / "new.parquet"), "--id", "customer", "--out", url]
    command += ["--model", str(folder / "bundle"), "--config", str(Path("mlflow.yaml").absolute())]
    assert main(command) == 2
    assert "A store holds scores of one date each. Add --as-of" in capsys.readouterr().err
    assert main([*command, "--as-of", AS_OF]) == 0
    assert len(shown(url)) == 120
