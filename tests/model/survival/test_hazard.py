"""Learning when accounts leave: near the truth, the same however scored, and safe to load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesml.errors import ModelError
from salesml.model.coding import Coding
from salesml.model.survival import fit
from salesml.model.survival.evaluation import evaluate_curves
from salesml.model.survival.fit import fit_hazards
from salesml.model.survival.hazard import HazardModel
from salesml.model.survival.intervals import Periods
from tests.model.survival.made import HORIZONS, made


@pytest.fixture(scope="module")
def fitted() -> HazardModel:
    rows = made(1_500, 1)
    coding = Coding.learn(rows.X)
    return fit_hazards(coding.encode(rows.X), coding, rows.times, rows.owner, HORIZONS, anchor=90)


def test_curves_are_near_the_truth_and_calibrated(fitted: HazardModel) -> None:
    later = made(3_000, 2, seen=(200,))
    stays = fitted.stays(later.X.to_numpy())
    assert np.abs(stays - later.stays).mean() < 0.06
    found = evaluate_curves(
        stays, later.times, HORIZONS, later.owner, of_all=made(1_500, 1).stays.mean(axis=0), resamples=100
    )
    assert found.figures["ibs_gain"].low > 0
    for day in HORIZONS:
        assert abs(found.figures[f"drift_{day}"].value) < 0.03


def test_what_raises_one_interval_alone_is_found(fitted: HazardModel) -> None:
    rows = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    plain, renewal = fitted.hazards(rows)
    assert renewal[1] > 2.5 * plain[1]
    assert renewal[0] < 1.7 * plain[0]


def test_no_curve_rises_and_each_row_is_scored_alike(fitted: HazardModel) -> None:
    X = made(3_000, 4, seen=(200,)).X.to_numpy().copy()
    X[::7, 0] = np.nan
    probability = np.random.default_rng(0).random(len(X))
    stays = fitted.stays(X, probability)
    assert (np.diff(np.column_stack([np.ones(len(X)), stays]), axis=1) <= 0).all()
    assert (stays[:, 2] == 1.0 - probability).all()
    one, fortran = fitted.stays(X[[700]], probability[[700]]), np.asfortranarray(X)
    assert one[0].tobytes() == stays[700].tobytes()
    assert fitted.stays(fortran, probability, threads=1).tobytes() == stays.tobytes()


def test_the_same_again_from_its_text_and_its_numbers(fitted: HazardModel) -> None:
    again = HazardModel.from_dict(fitted.as_dict(), fitted.texts)
    X = made(100, 8, seen=(200,)).X.to_numpy()
    assert again.hazards(X).tobytes() == fitted.hazards(X).tobytes()
    columns = again.columns(X, np.full(100, 0.2))
    names = ["stays_30", "stays_60", "stays_90", "stays_180", "expected_days", "lifetime_days"]
    assert list(columns) == names
    assert (columns["lifetime_days"] > columns["expected_days"]).all()
    assert fitted.stays(X[:0]).shape == (0, 4)


def test_of_more_rows_than_fit_some_accounts_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made(400, 12, rate=0.2)
    periods = Periods.of(rows.times, HORIZONS, np.ones(len(rows.times)))
    assert fit._drawn(periods, rows.owner, 4, 0) is periods
    monkeypatch.setattr(fit, "MOST_CELLS", 2 * len(periods.row))
    drawn = fit._drawn(periods, rows.owner, 4, 0)
    accounts = np.unique(rows.owner[drawn.row])
    assert len(accounts) == 200
    assert len(drawn.row) == np.isin(rows.owner[periods.row], accounts).sum(), "all rows of each"


def test_threads_change_nothing() -> None:
    rows = made(200, 11, rate=0.2)
    coding = Coding.learn(rows.X)
    coded = coding.encode(rows.X)
    one, two = (
        fit_hazards(coded, coding, rows.times, rows.owner, HORIZONS, threads=threads) for threads in (1, 2)
    )
    assert one == two
    assert one.booster == two.booster


@pytest.mark.parametrize(
    "changed",
    [
        {"horizons": (30, 90, 60, 180)},
        {"horizons": (30, 60, 90)},
        {"anchor": 45},
        {"features": 7},
        {"booster": "tree\n"},
    ],
)
def test_numbers_and_texts_that_cannot_be_are_refused(
    fitted: HazardModel, changed: dict[str, object]
) -> None:
    with pytest.raises(ModelError):
        replace(fitted, **changed)
