"""The benchmark of monitoring goes on from years that are finished, if they are of the same change."""

from __future__ import annotations

import json
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks import monitoring
from benchmarks.monitoring import BY_KIND, Task, run


@pytest.fixture
def pool() -> Executor:
    return ThreadPoolExecutor(1)


def test_finished_years_are_not_run_again(
    tmp_path: Path, pool: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Task] = []

    def once(task: Task) -> object:
        asked.append(task)
        return task[1] % 3 or None if task[0] else ["scores"]

    monkeypatch.setattr(monitoring, "one", once)
    kept = tmp_path / "years.jsonl"
    first: list[Task] = [("", 1), ("unit", 3)]
    assert run(first, pool, kept) == [["scores"], None]
    more: list[Task] = [("unit", 4), ("", 1), ("unit", 3)]
    assert run(more, pool, kept) == [1, ["scores"], None]
    assert asked == [*first, ("unit", 4)]


def test_years_of_another_size_do_not_count(
    tmp_path: Path, pool: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "one", lambda task: 2)
    kept = tmp_path / "years.jsonl"
    kept.write_text(json.dumps(["unit", BY_KIND["unit"].size / 2, 7, 1]) + "\n")
    assert run([("unit", 7)], pool, kept) == [2]
