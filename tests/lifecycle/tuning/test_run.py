"""Tuning from tables to an answer: what is kept, what goes on, and what is refused."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.tuning import Tuned, tune, under_way
from salesml.lifecycle.tuning.material import Material, of_company
from salesml.lifecycle.tuning.study import Study
from salesml.lifecycle.tuning.tracked import register_study
from salesml.lifecycle.tuning.trial import Trial
from salesml.tracking.store import connected
from tests.lifecycle.tuning.conftest import TRIALS, Shop


def bare(trials: tuple[Trial, ...]) -> list[tuple[Any, ...]]:
    return [(t.number, t.state, t.chosen, t.learner, t.losses) for t in trials]


def again(shop: Shop, folder: Path, **more: Any) -> Tuned:
    return tune("churn", CRM.open(folder / "crm.yaml"), **{"log": False, **more})


@pytest.fixture
def copied(shop: Shop, tmp_path: Path) -> Path:
    """The project with its study, to be changed."""
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder)
    return folder


def test_the_folder_says_all_of_it(shop: Shop) -> None:
    folder = shop.done.folder
    assert folder.parent == shop.folder / "models" / "churn" / "tuning"
    names = {path.name for path in folder.iterdir()}
    assert names >= {"study.json", "trials.jsonl", "result.json", "report.md", "spec.yaml", "losses"}
    report = (folder / "report.md").read_text()
    assert report.startswith("# Tuning of churn\n")
    assert report.count("\n| ") == 1 + TRIALS
    assert "Trials are compared on later dates than they learn from:" in report
    assert "## Checks before training" in report
    result = json.loads((folder / "result.json").read_text())
    assert result["trials"] == TRIALS
    assert result["answer"]["kind"] == shop.done.answer.kind


def test_the_first_trial_is_the_defaults_and_the_spec_stays(shop: Shop) -> None:
    assert shop.done.trials[0].learner == {}
    assert (shop.folder / "models" / "churn.yaml").read_text() == (shop.done.folder / "spec.yaml").read_text()
    assert shop.done.learner["max_trees"] == 15
    text = shop.done.text()
    assert f"{TRIALS} trials in" in text
    assert "beat the defaults" in text


def test_the_test_rows_come_after_everything_that_trials_saw(shop: Shop) -> None:
    material = of_company(read_spec(shop.folder / "models" / "churn.yaml"), shop.crm, lambda text: None)
    spec = material.spec
    reach = np.timedelta64(spec.horizon_days + spec.gap_days, "D")
    assert (material.learning.as_of + reach).max() <= material.testing.as_of.min()
    assert material.folds.way == "dates"


def test_the_same_seed_gives_the_same_study(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder, ignore=shutil.ignore_patterns("tuning"))
    assert bare(again(shop, folder, trials=TRIALS).trials) == bare(shop.done.trials)


def test_a_killed_study_goes_on_to_the_same_end(
    shop: Shop, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = copied / "models" / "churn" / "tuning" / shop.done.folder.name
    lines = (study / "trials.jsonl").read_text().splitlines()
    (study / "trials.jsonl").write_text("\n".join([*lines[:2], lines[2][:30]]))
    (study / "result.json").unlink()
    fitted: list[int] = []
    real = under_way.UnderWay._fit

    def fit(self: Any, number: int, learner: Any, place: int) -> float:
        fitted.append(number)
        return real(self, number, learner, place)

    monkeypatch.setattr(under_way.UnderWay, "_fit", fit)
    done = again(shop, copied, trials=TRIALS, resume=True)
    assert set(fitted) <= {2, 3}
    assert done.folder == study
    assert "4 trials, 2 of them now, in" in done.text()
    assert bare(done.trials) == bare(shop.done.trials)
    assert done.answer == shop.done.answer


def test_mlflow_has_a_run_for_the_study_and_one_nested_for_each_trial(shop: Shop) -> None:
    with connected(shop.tracking) as client:
        parent = client.get_run(shop.done.run_id)
        children = client.search_runs(
            [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
        )
        files = {each.path for each in client.list_artifacts(parent.info.run_id)}
        folds = client.get_metric_history(children[0].info.run_id, "fold_log_loss")
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["kind"] == "tuning"
    assert parent.data.tags["verdict"] == shop.done.answer.kind
    assert files == {"report.md", "result.json", "spec.yaml"}
    assert sorted(int(child.data.tags["salesml.trial"]) for child in children) == list(range(TRIALS))
    by_number = {int(child.data.tags["salesml.trial"]): child for child in children}
    for trial in shop.done.trials:
        child = by_number[trial.number]
        assert child.data.metrics["log_loss"] == pytest.approx(trial.value(shop.done.weights), abs=1e-12)
        assert child.data.tags["state"] == trial.state
        for key, value in trial.learner.items():
            assert child.data.params[f"learner.{key}"] == str(value)
    newest = by_number[int(children[0].data.tags["salesml.trial"])]
    number = int(newest.data.tags["salesml.trial"])
    assert [each.value for each in folds] == list(shop.done.trials[number].losses)


def test_a_study_goes_on_from_mlflow_alone(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder, ignore=shutil.ignore_patterns("tuning"))
    said: list[str] = []
    done = tune(
        "churn", CRM.open(folder / "crm.yaml"), trials=TRIALS, resume=True, tracking=shop.tracking,
        say=said.append,
    )  # fmt: skip
    assert f"Brought {TRIALS} trials of {shop.done.folder.name} from MLflow" in said
    assert done.trials == shop.done.trials
    assert done.folder.name == shop.done.folder.name
    assert done.run_id == shop.done.run_id
    # What each account lost is on the other machine: nothing is said of luck, and the answer stands.
    assert done.answer.luck is None
    assert done.answer.compared == shop.done.answer.compared


def test_an_outage_stops_nothing(shop: Shop, copied: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = replace(shop.tracking, tracking_uri=f"http://127.0.0.1:{taken.getsockname()[1]}")
        said: list[str] = []
        done = again(shop, copied, trials=TRIALS, resume=True, log=True, tracking=away, say=said.append)
    assert bare(done.trials) == bare(shop.done.trials)
    assert sum(line.startswith("MLflow is away; tuning goes on, kept in") for line in said) == 1
    assert "Not all in MLflow" in done.text()
    assert f"salesml register {done.folder}" in done.text()
    # What the text says to do later does it, once.
    runs = {register_study(done.folder, shop.tracking) for _ in range(2)}
    assert runs == {shop.done.run_id}


def test_a_study_of_other_rows_or_settings_does_not_go_on(shop: Shop, copied: Path) -> None:
    path = copied / "models" / "churn.yaml"
    path.write_text(path.read_text().replace("max_trees: 15", "max_trees: 20"))
    with pytest.raises(UsageError) as caught:
        again(shop, copied, trials=TRIALS, resume=True, seed=3)
    assert [fault.code for fault in caught.value.faults] == ["other-study", "other-study"]
    assert "what the spec's learner fixes is something else" in str(caught.value)
    assert "the seed is another (then 0, now 3)" in str(caught.value)


def test_there_must_be_a_study_to_go_on_with(shop: Shop, copied: Path) -> None:
    shutil.rmtree(copied / "models" / "churn")
    with pytest.raises(UsageError) as caught:
        again(shop, copied, trials=TRIALS, resume=True)
    assert caught.value.code == "no-study"
    assert "Leave --resume out" in str(caught.value)


def test_the_spec_s_own_settings_are_the_second_trial(shop: Shop, copied: Path) -> None:
    path = copied / "models" / "churn.yaml"
    path.write_text(path.read_text().replace("max_trees: 15", "max_trees: 15, num_leaves: 6"))
    material = of_company(read_spec(path), CRM.open(copied / "crm.yaml"), lambda text: None)
    first = under_way.first_choices(material)
    assert len(first) == 2
    assert first[0]["own_num_leaves"] is False
    assert first[1]["num_leaves"] == 6


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"trials": 1}, "--trials is 1. At least 2: the first trial is the defaults"),
        ({"minutes": 0.0}, "--minutes is 0. Above 0"),
        ({"minutes": float("nan")}, "--minutes is nan"),
        ({"seed": -1}, "--seed is -1. From 0 to 2147483647"),
    ],
)
def test_limits_that_allow_nothing_are_refused(shop: Shop, limits: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        again(shop, shop.folder, **limits)
    assert caught.value.code == "bad-value"
    assert words in str(caught.value)


def test_too_few_dates_are_refused_in_words(shop: Shop, copied: Path) -> None:
    path = copied / "models" / "churn.yaml"
    path.write_text(path.read_text().replace("horizon_days: 90", "horizon_days: 400"))
    with pytest.raises(DataError) as caught:
        again(shop, copied, trials=TRIALS)
    assert caught.value.code == "too-short"


def test_a_key_that_the_learner_does_not_have_is_refused(shop: Shop, copied: Path) -> None:
    path = copied / "models" / "churn.yaml"
    path.write_text(path.read_text().replace("max_trees: 15", "max_tree: 15"))
    with pytest.raises(UsageError) as caught:
        again(shop, copied, trials=TRIALS)
    assert caught.value.code == "unknown-key"
    assert not list((copied / "models" / "churn" / "tuning").glob(".*"))


def test_one_row_that_differs_makes_another_identity(shop: Shop) -> None:
    material = of_company(read_spec(shop.folder / "models" / "churn.yaml"), shop.crm, lambda text: None)
    was = material.identity(0)
    assert was == Study.newest(shop.done.folder.parent, "churn").identity  # type: ignore[union-attr]
    y = material.learning.y.copy()
    y[0] = 1 - y[0]
    other: Material = replace(material, learning=replace(material.learning, y=y))
    changed = other.identity(0)
    assert {key for key in was if was[key] != changed[key]} == {"data"}
