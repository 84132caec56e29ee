"""One job at a time writes to a place; a dead one is in nobody's way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from salesml.errors import OutsideError
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.places import place_of


def test_a_second_job_is_told_to_wait(tmp_path: Path) -> None:
    place = place_of(tmp_path / "scores", "churn", "2026-01-01")
    with alone(place):
        with pytest.raises(OutsideError, match="Another job is writing") as caught, alone(place):
            pass
        assert caught.value.code == "job-running"
        assert "as_of=2026-01-01" in str(caught.value)
        with alone(place_of(tmp_path / "scores", "churn", "2026-01-02")):
            pass  # another date is another place
    with alone(place):
        pass


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    place = place_of(tmp_path / "scores.csv", "churn", "")
    ready, gone = os.pipe()
    child = os.fork()
    if child == 0:
        with alone(place):
            os.write(gone, b"x")
            os.kill(os.getpid(), 9)
    assert os.read(ready, 1) == b"x"
    os.waitpid(child, 0)
    with alone(place):
        pass


def test_nothing_is_left_beside_a_file(tmp_path: Path) -> None:
    with alone(place_of(tmp_path / "scores.csv", "churn", "")):
        assert [path.name for path in tmp_path.iterdir()] == [".scores.csv.salesml"]
    assert not list(tmp_path.iterdir())
