"""The commands about a store: what they print, and their exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from salesml.cli import main
from salesml.store.engine import Store
from tests.store import made


def test_the_way_of_a_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    made.scores(tmp_path / "scores.parquet", 20)
    store = ["--store", "sqlite:///store.db"]
    assert main(["status", *store]) == 1
    assert "[no-store]" in capsys.readouterr().err
    assert main(["migrate", *store]) == 0
    assert re.fullmatch(
        r"published: from nothing to published_\d{4}\nfeedback: from nothing to feedback_\d{4}\n",
        capsys.readouterr().out,
    )
    assert main(["publish", "--scores", "scores.parquet", *store]) == 0
    assert "Published churn as of 2026-01-01: 20 rows" in capsys.readouterr().out
    assert main(["publish", "--scores", "scores.parquet", *store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] is False
    assert main(["status", *store, "--stale-after", "100000"]) == 0
    assert main(["status", *store, "--json"]) == 3
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["alarming"], said["shown"][0]["rows"]) == (True, 20)
    assert main(["erase", "--account", "C-000007", *store, "--files", "scores.parquet"]) == 0
    assert "Erased from the store: account C-000007" in capsys.readouterr().out


def test_wrong_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 2
    assert "Give the NAME of a model, or --store URL" in capsys.readouterr().err
    assert main(["erase", "--store", "sqlite:///x.db"]) == 2
    assert "Give --account ID or --prospect ID" in capsys.readouterr().err
    assert main(["publish", "--scores", "s", "--store", "mysql://u:pa55word@h/d"]) == 2
    said = capsys.readouterr().err
    assert "[bad-store]" in said
    assert "pa55word" not in said
    assert main(["publish", "--scores", "s", "--store", "sqlite:///x.db", "--keep", "1"]) == 2
    assert "The rule of retention has whole 1. It is 2 or more" in capsys.readouterr().err


def test_a_store_that_is_away_is_code_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Store.__init__.__kwdefaults__, "pauses", ())
    path = made.scores(tmp_path / "s.parquet", 2)
    assert main(["publish", "--scores", str(path), "--store", "postgresql://u@127.0.0.1:9/d"]) == 4
