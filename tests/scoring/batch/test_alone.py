"""One job at a time writes to a place; a dead one is in nobody's way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from salesml.errors import OutsideError
from salesml.scoring.batch import read_scores
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.places import place_of
from tests.scoring.batch.made import DAY, publish
from tests.scoring.made import bundle, rows


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


def test_sixteen_jobs_at_once(tmp_path: Path) -> None:
    """One of them writes; each other is told to wait, or finds the work done."""
    out, frame = tmp_path / "scores", rows(60, 1)
    bundle()  # trained before the children start
    children = []
    for _ in range(16):
        child = os.fork()
        if child == 0:
            code = 99
            try:
                code = 10 if publish(out, frame).already else 0
            except OutsideError as error:
                code = 4 if error.code == "job-running" else 98
            finally:
                os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes.count(0) == 1
    assert set(codes) <= {0, 4, 10}
    assert publish(out, frame).already
    assert read_scores(out, "churn", DAY).num_rows == 60
