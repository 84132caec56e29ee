"""Options that would have no effect beside each other are refused."""

from __future__ import annotations

import pytest

from salesml.cli import main


@pytest.mark.parametrize("option", ["--memory=2GB", "--threads=1"])
def test_options_of_one_machine_are_refused_beside_spark(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They would have no effect, without a word."""
    command = ["score", "churn", "--as-of", "2026-01-01", "--out", "folder", "--engine", "spark", option]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert f"--engine spark and {option.partition('=')[0]} are both given" in said


@pytest.mark.parametrize("out", ["sqlite:///s.db", "postgresql://sales@db/sales", "delta:scores"])
def test_spark_writes_a_folder_and_nothing_else(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", "churn", "--as-of", "2026-01-01", "--out", out, "--engine", "spark"]
    assert main(command) == 2
    assert "--out is a store or a Delta table" in capsys.readouterr().err
