"""`promote` and `revert` as commands: their codes, their JSON, their errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from salesml.cli import main
from salesml.lifecycle import promotion
from salesml.lifecycle.promotion.judged import Judgement
from salesml.lifecycle.promotion.lines import Line
from salesml.lifecycle.promotion.report import Promoted
from salesml.lifecycle.promotion.revert import Reverted
from salesml.lifecycle.promotion.shown import Turned
from tests.company import make_project

LINE = Line(gate="auc_worse", passed=False, found="AUC 0.8", allowed="At least 0.9", value=0.8)
JUDGED = Judgement(
    lines=(LINE,), as_of=("2025-10-03",), rows=10, accounts=9, positives=3, against="the champion"
)  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_project(tmp_path / "shop", customers=5)
    monkeypatch.chdir(folder)
    return folder


def promoted(outcome: str) -> Promoted:
    return Promoted(
        name="churn", registered="salesml-churn", version=2, champion=1, outcome=outcome, judgement=JUDGED,
        by="ann", at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("promoted", 0), ("forced", 0), ("refused", 1), ("allowed", 0), ("champion already", 0)],
)
def test_what_came_of_it_is_the_code(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], outcome: str, code: int
) -> None:
    asked: dict[str, Any] = {}

    def judged(name: str, version: str, crm: object, **how: Any) -> Promoted:
        asked.update(how, name=name, version=version)
        return promoted(outcome)

    monkeypatch.setattr(promotion, "promote", judged)
    command = ["promote", "churn", "2", "--force", "--reason", "why", "--by", "ann", "--as-of", "2025-10-03"]
    assert main([*command, "--json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["moved"]) == (outcome, outcome in ("promoted", "forced"))
    assert said["judgement"]["gates"][0]["gate"] == "auc_worse"
    assert (asked["name"], asked["version"], asked["force"]) == ("churn", "2", True)
    assert (asked["reason"], asked["by"], str(asked["as_of"][0])) == ("why", "ann", "2025-10-03")
    assert main(command) == code
    text = capsys.readouterr().out
    assert "FAILED  auc_worse: AUC 0.8. At least 0.9." in text
    assert "Version 2 of salesml-churn" in text


@pytest.mark.parametrize(("done", "code"), [(True, 0), (False, 3)])
def test_scores_that_could_not_be_turned_back_are_an_alarm(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], done: bool, code: int
) -> None:
    turned = Turned("sqlite:///s.db", done, done, "what became of it")
    found = Reverted(
        name="churn", registered="salesml-churn", version=1, was=2, moved=True, by="ann", turned=(turned,)
    )
    asked: dict[str, Any] = {}

    def reverted(name: str, **how: Any) -> Reverted:
        asked.update(how)
        return found

    monkeypatch.setattr(promotion, "revert", reverted)
    command = ["revert", "churn", "--to", "1", "--store", "sqlite:///s.db", "--out", "scores"]
    assert main([*command, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["turned"][0]["text"] == "what became of it"
    assert (asked["to"], asked["store"], asked["folders"]) == ("1", "sqlite:///s.db", [Path("scores")])
    assert main(command) == code
    assert "Version 1 of salesml-churn is the champion again" in capsys.readouterr().out


def test_a_gate_that_is_none_is_named_with_the_nearest(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "mlflow.yaml").write_text("gates: {logloss_gain: 0.1, confidence: 2, auc_worse: much}\n")
    assert main(["promote", "churn", "2"]) == 2
    said = capsys.readouterr().err
    assert "mlflow.yaml: gates has the unknown key 'logloss_gain'. Did you mean 'log_loss_gain'?" in said
    assert "mlflow.yaml: gates.confidence is 2. It must be 0.5 to 0.9999." in said
    assert "mlflow.yaml: gates.auc_worse is 'much'. It must be a number." in said


def test_force_without_a_reason(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "churn", "2", "--force"]) == 2
    assert "[missing-reason]" in capsys.readouterr().err


def test_mlflow_that_is_away(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main(["promote", "churn", "2"]) == 4
    assert main(["revert", "churn", "--json"]) == 4
    both = capsys.readouterr()
    assert "[tracking-away]" in both.err
    assert json.loads(both.out)["faults"][0]["code"] == "tracking-away"
