"""Options that would have no effect beside each other are refused."""

from __future__ import annotations

import pytest

from salesml.cli import main


@pytest.mark.parametrize("option", ["--dry-run", "--json", "--memory=2GB", "--threads=1"])
def test_options_of_one_machine_are_refused_beside_spark(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run would write all the same."""
    command = ["score", "churn", "--as-of", "2026-01-01", "--out", "folder", "--engine", "spark", option]
    assert main(command) == 2
    said = "".join(capsys.readouterr())  # --json tells faults on the standard output
    assert f"--engine spark and {option.partition('=')[0]} are both given" in said
