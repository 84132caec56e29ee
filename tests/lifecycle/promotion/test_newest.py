"""The rows that models are judged on: the newest that none has learned from."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from salesml.config import Spec, read_spec
from salesml.config.spec import AsOfRule
from salesml.errors import DataError, ModelError, UsageError
from salesml.lifecycle.promotion.newest import newest_rows
from salesml.model.bundle import Bundle
from tests.lifecycle.conftest import Project

DAY = dt.date


def learned(bundle: Bundle, *dates: str) -> Bundle:
    return replace(bundle, training=replace(bundle.training, as_of=dates))


def test_the_newest_ripe_date_by_rule(project: Project) -> None:
    newest = newest_rows(project.spec, project.crm, {"the challenger": project.trained.bundle})
    assert newest.as_of == (DAY(2025, 10, 3),)
    assert {str(day) for day in np.unique(newest.rows.as_of)} == {"2025-10-03"}
    assert newest.key == "2025-10-03"
    assert len(newest.rows) == newest.snapshot.table.num_rows > 100


def several(spec: Spec, number: int) -> Spec:
    return replace(spec, as_of=AsOfRule(every="month", train=6, validate=1, test=number))


def test_of_several_dates_only_those_that_no_model_has_seen(project: Project) -> None:
    spec = several(project.spec, 3)
    early = learned(project.trained.bundle, "2025-01-01")
    late = learned(project.trained.bundle, "2025-01-01", "2025-05-20")
    assert newest_rows(spec, project.crm, {"a": early}).as_of == (
        DAY(2025, 8, 3), DAY(2025, 9, 3), DAY(2025, 10, 3),
    )  # fmt: skip
    assert newest_rows(spec, project.crm, {"a": early, "b": late}).as_of == (
        DAY(2025, 9, 3), DAY(2025, 10, 3),
    )  # fmt: skip


def test_the_day_on_which_the_last_outcome_was_known_is_late_enough(project: Project) -> None:
    just = learned(project.trained.bundle, "2025-07-05")  # and 90 days
    assert newest_rows(project.spec, project.crm, {"a": just}).as_of == (DAY(2025, 10, 3),)
    over = learned(project.trained.bundle, "2025-07-06")
    with pytest.raises(ModelError) as caught:
        newest_rows(project.spec, project.crm, {"the champion": over, "the challenger": just})
    (fault,) = caught.value.faults
    assert fault.code == "seen-rows"
    assert "The champion learned from outcomes up to 2025-10-04" in fault.found
    assert "2025-10-04 or later" in fault.allowed


def test_dates_that_are_asked_for_must_all_be_unseen(project: Project) -> None:
    bundle = learned(project.trained.bundle, "2025-05-01")
    asked = [DAY(2025, 9, 1), DAY(2025, 8, 1)]
    assert newest_rows(project.spec, project.crm, {"a": bundle}, as_of=asked).as_of == tuple(sorted(asked))
    with pytest.raises(ModelError, match="learned from outcomes up to 2025-07-30"):
        newest_rows(project.spec, project.crm, {"a": bundle}, as_of=[*asked, DAY(2025, 7, 29)])


def test_dates_whose_outcome_is_not_known(project: Project) -> None:
    with pytest.raises(DataError, match="a date may be at most 2025-10-03"):
        newest_rows(project.spec, project.crm, {"a": project.trained.bundle}, as_of=[DAY(2025, 10, 4)])


def test_a_gap_counts_as_well(project: Project) -> None:
    own = project.trained.bundle.training
    bundle = replace(
        project.trained.bundle, training=replace(own, as_of=("2025-07-05",), gap_days=1)
    )  # fmt: skip
    with pytest.raises(ModelError, match="up to 2025-10-04"):
        newest_rows(project.spec, project.crm, {"a": bundle})


def test_ideal_customers_have_no_date_in_common(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "fit.yaml"
    path.write_text("task: fit\nlabel: {kind: ideal}\nvalue: orders.revenue\n")
    with pytest.raises(UsageError):
        newest_rows(read_spec(path), project.crm, {"a": project.trained.bundle})
