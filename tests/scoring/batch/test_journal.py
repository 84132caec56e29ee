"""What a job has done is found again, whatever moment it was killed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.scoring.batch.journal import Journal


def test_lines_are_found_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.add({"event": "begun", "at": "now"})
    journal.add({"event": "part", "index": 0})
    journal.add({"event": "part", "index": 1})
    journal.close()
    again = Journal(tmp_path / "journal")
    assert [entry["event"] for entry in again.entries] == ["begun", "part", "part"]
    assert again.last("part") == {"event": "part", "index": 1}
    assert again.last("staged") is None


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_line_is_cut_off_and_written_over(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.add({"event": "begun"})
    whole = len(path.read_bytes())
    journal.add({"event": "part", "index": 1, "sha256": "0" * 64})
    journal.close()
    path.write_bytes(path.read_bytes()[: whole + cut])
    again = Journal(path)
    assert [entry["event"] for entry in again.entries] == ["begun"]
    again.add({"event": "part", "index": 2})
    again.close()
    assert [entry.get("index") for entry in Journal(path).entries] == [None, 2]


def test_what_follows_a_damaged_line_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"event": "begun"}\n[1]\n{"event": "part", "index": 7}\n')
    assert [entry["event"] for entry in Journal(path).entries] == ["begun"]
