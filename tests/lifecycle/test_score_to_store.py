"""From a dataset of scores to the store and out of both again."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import salesml
from salesml.cli import main
from salesml.store.engine import Store, reading
from salesml.store.models import Score
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
