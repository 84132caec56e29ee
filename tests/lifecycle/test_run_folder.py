"""A run's folder appears whole, under a name of its own, or not at all."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from salesml.lifecycle import run_folder
from salesml.lifecycle.run_folder import RunFolder


class _Stopped(dt.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> _Stopped:
        return cls(2026, 1, 1, tzinfo=tz)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run without contents, in a second that never ends."""
    monkeypatch.setattr(run_folder.dt, "datetime", _Stopped)
    return RunFolder.__new__(RunFolder)


def test_two_in_the_same_second(run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=30)

    def fill(self: RunFolder, aside: Path, name: str) -> None:
        both.wait()
        (aside / "name").write_text(name)

    monkeypatch.setattr(RunFolder, "_fill", fill)
    with ThreadPoolExecutor(2) as pool:
        folders = sorted(pool.map(lambda _: run.write(tmp_path), range(2)))
    assert [folder.name for folder in folders] == ["20260101T000000Z", "20260101T000000Z-2"]
    assert [(folder / "name").read_text() for folder in folders] == [folder.name for folder in folders]
    assert sorted(tmp_path.iterdir()) == folders


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_nothing_is_left_of_one_that_failed(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def fill(self: RunFolder, aside: Path, name: str) -> None:
        (aside / "half").write_text("x")
        raise stop

    monkeypatch.setattr(RunFolder, "_fill", fill)
    with pytest.raises(stop):
        run.write(tmp_path)
    assert not list(tmp_path.iterdir())
