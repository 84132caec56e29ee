from __future__ import annotations

import numpy as np
import pytest

from salesml.model.sample_size import auc_error, needed_rows


def test_the_error_is_that_of_simulated_aucs() -> None:
    rng = np.random.default_rng(0)
    yes, no = rng.normal(0.74, size=(3000, 40, 1)), rng.normal(size=(3000, 1, 160))
    aucs = (yes > no).mean(axis=(1, 2))
    assert auc_error(float(aucs.mean()), 40, 160) == pytest.approx(aucs.std(), rel=0.1)


def test_rarer_outcomes_need_more_rows() -> None:
    assert needed_rows(0.02) > 3 * needed_rows(0.2) > 300


def test_the_rows_needed_are_enough_and_not_too_many() -> None:
    rows = needed_rows(0.1)
    assert 1.96 * auc_error(0.7, round(rows * 0.1), rows - round(rows * 0.1)) <= 0.05
    fewer = int(rows * 0.9)
    assert 1.96 * auc_error(0.7, round(fewer * 0.1), fewer - round(fewer * 0.1)) > 0.05


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_an_unknown_rate_still_gives_a_number(rate: float) -> None:
    assert needed_rows(rate) < 100_000
