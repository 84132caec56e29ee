"""What a training left beside its bundle, wherever that is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from salesml.config import Tracking
from salesml.errors import ModelError
from salesml.model.evaluation import Evaluation, evaluate
from salesml.tracking import log_run
from salesml.tracking.tested import RunOf, run_of
from tests.tracking.made import run_folder


def evaluation() -> Evaluation:
    rng = np.random.default_rng(1)
    p = rng.random(300)
    return evaluate((rng.random(300) < p).astype(np.int8), p, seed=0, resamples=20)


def test_a_folder_and_the_registry_say_the_same(store: Tracking, tmp_path: Path) -> None:
    run = run_folder(
        tmp_path / "run", registered_name="salesml-tested", params={"test_as_of": "2025-10-01,2025-11-01"}
    )
    (run / "evaluation.json").write_text(json.dumps(evaluation().as_dict()))
    (run / "spec.yaml").write_text("task: churn\nbands: {A: 0.1, B: 0.3}\nfeatures: {own: {sql: gone.sql}}\n")
    found = run_of(run, store)
    assert found == RunOf(evaluation(), {"A": 0.1, "B": 0.3}, ("2025-10-01", "2025-11-01"))
    logged = log_run(run, store)
    assert run_of(logged.uri, store) == found
    assert run_of("models:/salesml-tested@challenger", store) == found
    assert run_of("models:/salesml-tested/latest", store) == found
    assert run_of(f"runs:/{logged.run_id}/model", store) == found
    assert run_of(run / "bundle", store) == replace(found, registered="salesml-tested/1")


def test_nothing_of_what_is_not_there(store: Tracking, run: Path, tmp_path: Path) -> None:
    assert replace(run_of(run, store), registered="") == RunOf()
    other = run_folder(tmp_path / "other")
    for name, text in {"evaluation.json": "[1", "spec.yaml": "bands: 7", "run.json": "[]"}.items():
        (other / name).write_text(text)
    assert run_of(other, store) == RunOf()
    with pytest.raises(ModelError):
        run_of("models:/salesml-nobody/3", store)
