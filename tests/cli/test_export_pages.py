"""`salesml export-pages`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from salesml.cli import main
from salesml.store.engine import Store
from salesml.store.publish import publish
from tests.store.made import row, write_rows


@pytest.fixture
def address(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as store:
        publish(store, write_rows(tmp_path / "churn.parquet", [row(number) for number in range(10)]))
    return address


def test_files_are_written_and_counted(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export-pages", "--store", address, "--out", str(out)]) == 0
    assert f"Wrote 7 files to {out}" in capsys.readouterr().out
    assert len(list(out.glob("*.html"))) == 7


def test_another_program_reads_what_was_done(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--out", str(tmp_path / "out"), "--rep", "R3", "--rows", "1", "--json"]
    assert main(["export-pages", "--store", address, *given]) == 0
    done = json.loads(capsys.readouterr().out)
    assert [(each["rep_id"], each["accounts"]) for each in done["written"]] == [("R3", 1)]
    assert done["removed"] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--rep", "R99"], "[unknown-rep] 'R99' has no accounts and no prospects"),
        (["--zone", "Mars/Base"], "[bad-zone] 'Mars/Base' is no time zone"),
    ],
)
def test_wrong_usage_is_named(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    assert main(["export-pages", "--store", address, "--out", str(tmp_path / "out"), *given]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_store_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"sqlite:///{tmp_path / 'nowhere.db'}"
    assert main(["export-pages", "--store", nowhere, "--out", str(tmp_path / "out")]) == 1
    assert "[no-store]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
