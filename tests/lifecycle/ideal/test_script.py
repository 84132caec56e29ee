"""The script and the command of the ideal customer run in a project."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from salesml.cli import main
from tests.lifecycle.ideal.company import day, make

ROOT = Path(__file__).resolve().parents[3]


def test_the_training_script_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(folder, prospects=300, days=700, seed=5)
    monkeypatch.chdir(folder)
    runpy.run_path(str(ROOT / "training" / "train_fit.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "won prospects have an outcome" in said
    assert "mean of" in said
    assert "Registered as models:/salesml-fit/1" in said


def test_the_commands_train_score_and_say_why_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(folder, prospects=300, days=700, seed=5)
    monkeypatch.chdir(folder)
    assert main(["train", "fit"]) == 0
    assert "The best" in capsys.readouterr().out.replace("the best", "The best")
    run = next(path for path in (folder / "models" / "fit").iterdir() if path.is_dir())
    scored = [
        "score",
        "fit",
        "--as-of",
        str(day(700)),
        "--out",
        "scores.parquet",
        "--model",
        str(run / "bundle"),
    ]
    assert main(scored) == 0
    assert "Scoring" in capsys.readouterr().out
    assert main(["snapshot", "fit", "--as-of", str(day(600)), "--out", "rows.parquet"]) == 0
    assert main(["backtest", "fit"]) == 2
    said = capsys.readouterr()
    assert "fit.yaml has the label 'ideal', which is not of an as-of date" in said.err
    assert "label looks at" not in said.out
