"""`salesml tune`: its options, what it prints, and how it ends."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from salesml.cli import main
from salesml.lifecycle import tuning
from salesml.lifecycle.tuning import Tuned
from salesml.lifecycle.tuning import table as flat
from salesml.lifecycle.tuning.answer import judge
from tests.lifecycle.backtest.conftest import quick_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quick_project(tmp_path_factory.mktemp("cli") / "shop", customers=150)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the verbs were given, instead of their work."""
    found: dict[str, Any] = {}

    def verb(*arguments: Any, **more: Any) -> Tuned:
        found.update(more, arguments=arguments)
        more["say"]("a step")
        answer = judge(None, None, others=2, tested_on="2025-10-03")
        return Tuned(
            name="churn", folder=Path("models/churn/tuning/x"), learner={"n_folds": 2}, answer=answer,
            trials=(), weights=(1.0,), minutes=0.5,
        )  # fmt: skip

    monkeypatch.setattr(tuning, "tune", verb)
    monkeypatch.setattr(flat, "tune_table", verb)
    return found


def test_options_reach_the_verb(
    shop: Path, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    words = [
        "tune",
        "churn",
        "--minutes",
        "2.5",
        "--trials",
        "9",
        "--seed",
        "4",
        "--resume",
        "--exclude",
        "x",
    ]
    assert main(words) == 0
    assert (given["minutes"], given["trials"], given["seed"], given["resume"]) == (2.5, 9, 4, True)
    assert given["spec"].exclude == ("x",)
    said = capsys.readouterr().out
    assert "Tuning did not beat the defaults: on the folds none of 2 other settings lost less." in said
    assert "every trial is in report.md" in said


def test_json_is_alone_on_the_output(
    shop: Path, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert main(["tune", "churn", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["answer"]["kind"], told["block"]) == ("defaults", "learner: {n_folds: 2}")
    assert "a step" in err
    assert (given["minutes"], given["trials"], given["resume"]) == (None, None, False)


def test_a_flat_table_has_the_options_of_training(shop: Path, given: dict[str, Any]) -> None:
    words = ["tune", "leads", "--table", "leads.csv", "--id", "lead", "--target", "won", "--order-by", "day"]
    assert main([*words, "--test-last", "0.2", "--config", str(shop / "mlflow.yaml")]) == 0
    assert given["arguments"] == ("leads", Path("leads.csv"))
    assert (given["id_column"], given["target"]) == ("lead", "won")
    assert (given["order"].column, given["order"].share) == ("day", 0.2)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--order-by", "day"], "needs-table"),
        (["--base-rate", "0.1", "--weight", "w"], "needs-table"),
        (["--trials", "1"], "bad-value"),
        (["--minutes", "-1"], "bad-value"),
        (["--table", "leads.csv", "--id", "lead"], "missing-option"),
        (["--resume"], "no-study"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    shop: Path,
    words: list[str],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shop)
    assert main(["tune", "churn", *words]) == 2
    assert f"[{code}]" in capsys.readouterr().err


def test_without_optuna_it_says_how_to_get_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    assert main(["tune", "churn"]) == 2
    assert "pip install 'salesml[tune]'" in capsys.readouterr().err


def test_the_script_to_copy_runs(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop, folder)
    monkeypatch.chdir(folder)
    script = runpy.run_path(str(ROOT / "training" / "tune.py"))
    real = script["salesml"].tune
    # As many trials as a test needs, however slow the machine is.
    monkeypatch.setattr(
        script["salesml"], "tune", lambda *a, minutes, **more: real(*a, trials=2, log=False, **more)
    )
    script["main"]()
    said = capsys.readouterr().out
    assert "Trials are compared on later dates than they learn from:" in said
    assert "the defaults: log loss 0." in said
    assert "2 trials in" in said


def test_a_study_that_was_kept_is_registered(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.json").write_text("{}")
    assert main(["register", str(tmp_path), "--config", str(shop / "mlflow.yaml")]) == 2
    said = capsys.readouterr().err
    assert "[not-a-study]" in said
    assert "salesml tune NAME --resume" in said
