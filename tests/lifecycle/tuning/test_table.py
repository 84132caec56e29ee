"""Tuning on flat tables: by an order, or by accounts, and what is set apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from salesml.config import Label, Spec
from salesml.errors import UsageError
from salesml.lifecycle.ordered import Order
from salesml.lifecycle.tuning.material import Material
from salesml.lifecycle.tuning.table import of_table, tune_table

SPEC = Spec(name="leads", task="conversion", label=Label(kind="won"), horizon_days=1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    return pd.DataFrame(
        {"lead": [f"L{n}" for n in range(600)], "number": rng.permutation(600), "x": x,
         "plan": rng.choice(["a", "b"], 600), "won": (rng.random(600) < 1 / (1 + np.exp(1 - x))).astype(int)}
    )  # fmt: skip


def material(frame: pd.DataFrame, order: Order | None) -> Material:
    return of_table(SPEC, frame, id_column="lead", target="won", order=order)


def test_the_last_rows_of_an_order_are_set_apart(frame: pd.DataFrame) -> None:
    found = material(frame, Order("number", 0.25))
    number = frame.set_index("lead")["number"]
    assert number[found.learning.entity].max() < number[found.testing.entity].min()
    assert len(found.testing) == 150
    assert found.folds.way == "order"
    assert "number" not in found.learning.X
    for fold in found.folds.folds:
        before, after = found.learning.entity[fold.train], found.learning.entity[fold.valid]
        assert number[before].max() < number[after].min()


def test_without_an_order_a_fifth_of_the_accounts_is_set_apart(frame: pd.DataFrame) -> None:
    twice = pd.concat([frame, frame.assign(x=frame["x"] + 1)], ignore_index=True)
    found = material(twice.drop(columns="number"), None)
    assert not set(found.learning.entity) & set(found.testing.entity)
    assert len(found.testing) == pytest.approx(240, abs=4)
    assert found.folds.way == "accounts"


def test_a_table_is_tuned_and_answered(frame: pd.DataFrame, tmp_path: Path) -> None:
    path, spec = tmp_path / "leads.csv", tmp_path / "leads.yaml"
    frame.to_csv(path, index=False)
    spec.write_text("task: conversion\nlabel: {kind: won}\nlearner: {n_folds: 2, max_trees: 10, n_jobs: 1}\n")
    done = tune_table(
        "leads", path, id_column="lead", target="won", order=Order("number"), spec_path=spec, trials=2,
        log=False,
    )  # fmt: skip
    assert done.folder.parent == tmp_path / "leads" / "tuning"
    assert len(done.trials) == 2
    assert done.trials[0].learner == {}
    assert done.learner["max_trees"] == 10
    assert "beat the defaults" in done.text()


def test_a_column_that_is_not_there_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(UsageError) as caught:
        material(frame, Order("numbr"))
    assert caught.value.code == "missing-column"
    assert "number" in str(caught.value)


def test_what_settings_can_mend_is_found_and_shown(tmp_path: Path) -> None:
    """So few trees that the defaults do not learn what only trees can tell: others lose much less."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 3))
    y = rng.random(2_000) < 1 / (1 + np.exp(-3 * np.sign(X[:, 0] * X[:, 1])))
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(
        number=np.arange(2_000), id=[f"L{n}" for n in range(2_000)], won=y.astype(int)
    )
    path, spec = tmp_path / "crossed.csv", tmp_path / "crossed.yaml"
    frame.to_csv(path, index=False)
    spec.write_text("task: churn\nlabel: {kind: contract}\nlearner: {n_folds: 2, max_trees: 2, n_jobs: 1}\n")
    done = tune_table(
        "crossed", path, id_column="id", target="won", order=Order("number"), spec_path=spec, trials=6,
        log=False,
    )  # fmt: skip
    assert done.answer.kind == "beat", done.text()
    assert done.answer.compared is not None
    assert done.answer.compared.gain.low > 0.005
    assert done.answer.luck is not None
    assert done.answer.luck.chance < 0.01
    text = done.text()
    assert "Tuning beat the defaults by more than chance" in text
    (block,) = [line for line in text.splitlines() if line.startswith("learner:")]
    assert yaml.safe_load(block)["learner"] == done.learner
    assert {"n_folds": 2, "max_trees": 2, "n_jobs": 1}.items() < done.learner.items()
    # Whoever looks at the same rows again, with another winner, pays for it.
    spec.write_text(spec.read_text().replace("max_trees: 2", "max_trees: 2, learning_rate: 0.3"))
    again = tune_table(
        "crossed", path, id_column="id", target="won", order=Order("number"), spec_path=spec, trials=2,
        log=False,
    )  # fmt: skip
    assert again.learner["learning_rate"] == 0.3
    assert again.learner != done.learner
    assert again.answer.compared is not None
    assert again.answer.compared.looks == 2
    assert "97.5 % interval" in again.text()
