"""A commit is told, a token never."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from salesml.tracking.git import git_facts, without_secrets


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://user:token@host.org/a.git", "https://host.org/a.git"),
        ("https://token@host.org/a.git", "https://host.org/a.git"),
        ("https://host.org/a.git?access_token=x#y", "https://host.org/a.git"),
        ("ssh://git@host.org/a.git", "ssh://host.org/a.git"),
        ("git@host.org:a/b.git", "git@host.org:a/b.git"),
        ("postgresql+psycopg://me:p%40ss@db/x failed", "postgresql+psycopg://db/x failed"),
        ("http://u:p@a b http://v:q@c", "http://a b http://c"),
        ("https://u:p@ss@host/x", "https://host/x"),
        ("postgresql://me:p/a?s#s@host/db", "postgresql://host/db"),
        ("url: 'pg://a:b@c/d', mail: 'x@y.z'", "url: 'pg://c/d', mail: 'x@y.z'"),
        ("sqlite:////tmp/mlflow.db", "sqlite:////tmp/mlflow.db"),
        ("plain words", "plain words"),
    ],
)
def test_secrets_are_left_out(text: str, clean: str) -> None:
    assert without_secrets(text) == clean


def test_long_texts_are_quick() -> None:
    started = time.monotonic()
    for text in ("x" * 200_000, "a." * 100_000, "http://" + "x" * 200_000):
        assert without_secrets(text) == text
    assert time.monotonic() - started < 2


def test_facts_of_a_repository(tmp_path: Path) -> None:
    assert git_facts(tmp_path) == {}
    git(tmp_path, "init", "-q")
    assert git_facts(tmp_path) == {}
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "a")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@host.org/a.git")
    facts = git_facts(tmp_path)
    assert facts["git.remote"] == "https://host.org/a.git"
    assert len(facts["git.commit"]) == 40
    assert "git.changed" not in facts
    (tmp_path / "a").write_text("2")
    assert git_facts(tmp_path)["git.changed"] == "true"


def test_no_git_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_facts(tmp_path) == {}
