"""What pages say of all scores: true of the test, plain, and without the name of any feature."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from salesml.lifecycle.display import Trained, display
from salesml.model.bundle import Bundle
from salesml.model.evaluation import Evaluation, evaluate
from salesml.tracking.tested import RunOf, run_of
from tests.lifecycle.conftest import Project
from tests.scoring.made import bundle


@pytest.fixture(scope="module")
def trained(project: Project) -> Trained:
    address = project.trained.folder / "bundle"
    return Trained(Bundle.load(address), run_of(address, project.tracking), "salesml-churn/1")


def of_test(positives: int = 200, rows: int = 2_000, *, drift: float = 0.0) -> Evaluation:
    """A test in which chances are as said, but for a drift."""
    rng = np.random.default_rng(3)
    p = np.clip(rng.beta(1, 8, rows), 0.001, 0.9)
    p *= positives / p.sum()
    y = (rng.random(rows) < p).astype(np.int8)
    return evaluate(y, np.clip(p + drift, 0.001, 0.99), seed=0, resamples=50)


def test_everything_that_is_known(trained: Trained, project: Project) -> None:
    found = display("churn", project.crm, trained)
    own, evaluation = trained.bundle, trained.run.evaluation
    assert evaluation is not None
    assert json.loads(json.dumps(found)) == found
    assert (found["currency"], found["timezone"], found["task"]) == ("GBP", "Europe/London", "churn")
    assert (found["horizon_days"], found["features"], found["version"]) == (
        90, len(own.features), "salesml-churn/1",
    )  # fmt: skip
    assert found["means"] == (
        "A customer counts as gone who has no order within 90 days after the day of the scores."
    )
    assert (found["trained"]["rows"], found["trained"]["outcomes"]) == (
        own.training.rows, own.training.positives,
    )  # fmt: skip
    assert found["trained"]["until"] == max(own.training.as_of)
    assert found["tested"]["dates"] == list(trained.run.tested_on)
    assert found["tested"]["rows"] == evaluation.rows
    assert sum(each["rows"] for each in found["tested"]["bands"].values()) == evaluation.rows
    outcomes = sum(each["rows"] * each["rate"] for each in found["tested"]["bands"].values())
    assert outcomes == pytest.approx(evaluation.positives, abs=1.5)


def test_no_feature_is_named(trained: Trained, project: Project) -> None:
    text = json.dumps(display("churn", project.crm, trained))
    assert not [name for name in trained.bundle.columns if name in text]
    assert "AUC" not in text


def test_bands_are_counted_as_a_loop_would() -> None:
    evaluation = of_test()
    rng = np.random.default_rng(3)
    p = np.clip(rng.beta(1, 8, 2_000), 0.001, 0.9)
    p *= 200 / p.sum()
    y = rng.random(2_000) < p
    found = display_of(evaluation, "Usable. So it is.")["tested"]["bands"]
    order = np.argsort(-p, kind="stable")
    for band, (start, end) in {"A": (0, 100), "B": (100, 400), "C": (400, 1000), "D": (1000, 2000)}.items():
        assert found[band]["rows"] == end - start
        assert found[band]["rate"] == pytest.approx(y[order][start:end].mean())
        assert found[band]["low"] < found[band]["rate"] < found[band]["high"]


def display_of(evaluation: Evaluation | None, verdict: str, **changes: Any) -> dict[str, Any]:
    made = replace(bundle(), verdict=verdict, **changes)
    return display(made.task, None, Trained(made, RunOf(evaluation), "v"))


def test_quality_in_words() -> None:
    test = of_test()
    told = display_of(test, "Usable. So it is.")["quality"]
    assert told[0].startswith("Of 100 customers in band A, about ")
    assert told[0].endswith(" is likely).")
    assert told[1:] == [
        f"Of all customers, about {round(100 * test.observed)} in 100 left.",
        "This was counted on 2,000 customers that the model had not seen before.",
        "In that test the order of the scores was clearly better than chance.",
    ]


def test_a_drift_and_few_outcomes_are_told() -> None:
    high = display_of(of_test(drift=0.05), "Weak. It is.")["quality"]
    assert high[-1].startswith("Chances were too high on average: 15% was said, and ")
    assert "take it as a hint" in high[-2]
    low = display_of(of_test(drift=-0.05), "Weak. It is.")["quality"]
    assert low[-1].startswith("Chances were too low on average: ")
    few = display_of(of_test(12, 300), "Weak. It is.")["quality"]
    assert not any("in band A" in each for each in few)
    assert any(each.endswith("of them left, so that little can be known.") for each in few)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("No usable signal. None.", "was not shown to be better than chance: do not go by it"),
        ("Suspicious. One feature makes it all.", "too good to be believed"),
    ],
)
def test_nothing_is_praised_that_is_of_no_use(verdict: str, words: str) -> None:
    found = display_of(of_test(), verdict)
    assert found["tested"]["bands"] == {}
    assert len(found["quality"]) == 1
    assert words in found["quality"][0]


def test_what_is_not_known_is_left_out(project: Project) -> None:
    assert display("fit", None, None) == {"form": 1, "task": "fit"}
    assert display("churn", project.crm, None) == {
        "form": 1, "task": "churn", "currency": "GBP", "timezone": "Europe/London",
    }  # fmt: skip
    found = display_of(None, "")
    assert not {"tested", "quality", "verdict", "means"} & set(found)
