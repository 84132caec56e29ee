"""The command line: exit codes, and messages that help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from salesml import __version__
from salesml.cli import main
from tests.company import make_project


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_as_a_module_with_its_exit_code() -> None:
    told = subprocess.run([sys.executable, "-m", "salesml.cli", "--version"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, f"salesml {__version__}\n")
    silent = subprocess.run([sys.executable, "-m", "salesml.cli"], capture_output=True, text=True)
    assert silent.returncode == 2
    assert silent.stdout.startswith("usage: salesml [-h]")


def test_init_then_validate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_project(tmp_path / "shop", customers=60)
    monkeypatch.chdir(tmp_path / "shop")
    assert main(["validate", "--today", "2026-01-01"]) == 0
    assert "events.orders" in capsys.readouterr().out
    assert main(["validate", "--today", "2026-06-01", "--json"]) == 1
    assert [fault["code"] for fault in json.loads(capsys.readouterr().out)["faults"]] == ["stale"]


def test_a_missing_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "churn"]) == 2
    said = capsys.readouterr().err
    assert "does not exist" in said
    assert "salesml init DIR" in said


def test_a_missing_option_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_project(tmp_path / "shop", customers=60)
    monkeypatch.chdir(tmp_path / "shop")
    assert main(["snapshot", "churn", "--as-of", "2026-01-01"]) == 2
    assert "--out is missing" in capsys.readouterr().err


def test_a_date_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["score", "churn", "--as-of", "tomorrow", "--out", "x.csv"])
    assert caught.value.code == 2
    assert "'tomorrow' is not a date such as 2026-01-31" in capsys.readouterr().err


def test_a_place_without_a_name_is_not_the_working_directory(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["score", "churn", "--as-of", "2026-01-01", "--out", ""])
    assert caught.value.code == 2
    assert "is a variable of the script not set?" in capsys.readouterr().err


def test_snapshot_as_sql_and_as_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_project(tmp_path / "shop", customers=60)
    monkeypatch.chdir(tmp_path / "shop")
    assert main(["snapshot", "churn", "--as-of", "2026-01-01", "--sql"]) == 0
    assert "SELECT" in capsys.readouterr().out
    assert main(["snapshot", "churn", "--as-of", "2026-01-01", "--out", "features.parquet"]) == 0
    assert "features to features.parquet" in capsys.readouterr().out
