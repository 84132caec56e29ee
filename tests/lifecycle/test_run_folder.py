"""A run's folder appears whole, under a name of its own, or not at all."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from salesml.lifecycle import run_folder
from salesml.lifecycle.run_folder import RunFolder
from salesml.model.calibration import Calibration
from salesml.pictures.shap_plots import Sample


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


def drawing(tested: Any) -> RunFolder:
    """A run that can do nothing but draw."""
    run = RunFolder.__new__(RunFolder)
    bundle = SimpleNamespace(features=(), coding=None)
    for name, value in {"tested": tested, "bundle": bundle, "test_as_of": ("2026-01-01",)}.items():
        object.__setattr__(run, name, value)
    return run


def test_a_picture_that_cannot_be_drawn_costs_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise IndexError("shap is at its end")

    tested = SimpleNamespace(sample=Sample(np.ones((1, 1)), np.ones((1, 2))), calibration=None)
    monkeypatch.setattr(run_folder, "draw_shap", fails)
    drawing(tested)._draw_shap(tmp_path)
    assert "shap is at its end" in (tmp_path / "shap_not_drawn.txt").read_text()


def test_pictures_are_of_the_published_calibration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[Sample, str]] = []
    monkeypatch.setattr(run_folder, "draw_shap", lambda sample, *_, rows: found.append((sample, rows)))
    sample = Sample(np.ones((1, 1)), np.array([[1.0, 2.0]]))
    own = SimpleNamespace(calibration_=Calibration(2.0, 0.5))
    for published in (None, Calibration(1.0, 0.0)):
        drawing(SimpleNamespace(sample=sample, calibration=published, classifier=own))._draw_shap(tmp_path)
    assert [each.contributions.tolist() for each, _ in found] == [[[1.0, 2.0]], [[0.5, 1.0]]]
    assert {rows for _, rows in found} == {"rows of the test"}
    drawing(SimpleNamespace(sample=None, calibration=None))._draw_shap(tmp_path)
    assert len(found) == 2
