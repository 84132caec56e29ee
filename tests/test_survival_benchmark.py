"""The peers of the benchmark of curves are fitted rightly, and its tables end before they are tested on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from benchmarks.bgnbd import BgNbd
from benchmarks.projects import saas_simulated
from benchmarks.survival import _numbers, compare, cox, drift, marginal, ours
from benchmarks.tables.survival import NAMES, Case, Part, SurvivalTable, _history, load_survival
from scipy.integrate import dblquad
from scipy.stats import beta, gamma

from salesml.model.survival.evaluation import evaluate_curves
from salesml.model.survival.times import Times

TRUTH = BgNbd(r=0.8, alpha=20.0, a=0.6, b=2.5)


def customers(number: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Histories by the model's own story, whether each is there at the end, and silent for 60 days after."""
    rng = np.random.default_rng(seed)
    rows, alive, silent = [], [], []
    for _ in range(number):
        age = float(rng.integers(50, 400))
        rate, goes = rng.gamma(TRUTH.r, 1 / TRUTH.alpha), rng.beta(TRUTH.a, TRUTH.b)
        x, last, at = 0, 0.0, rng.exponential(1 / rate)
        here = True
        while here and at < age:
            x, last = x + 1, at
            here = rng.random() >= goes
            at += rng.exponential(1 / rate)
        rows.append((x, last, age))
        alive.append(here)
        silent.append(not here or at >= age + 60)
    return pd.DataFrame(rows, columns=["x", "t_x", "T"]), np.array(alive), np.array(silent)


def test_the_likelihood_is_that_of_the_story() -> None:
    """Integrated over the rate and the chance to go, as the paper's appendix begins."""
    x, t_x, age = 3, 40.0, 90.0

    def given(chance: float, rate: float) -> float:
        stays = (1 - chance) ** x * rate**x * np.exp(-rate * age)
        went = chance * (1 - chance) ** (x - 1) * rate**x * np.exp(-rate * t_x)
        weight = beta.pdf(chance, TRUTH.a, TRUTH.b) * gamma.pdf(rate, TRUTH.r, scale=1 / TRUTH.alpha)
        return float((stays + went) * weight)

    whole, _ = dblquad(given, 0, 2, 0, 1, epsabs=1e-14)
    found = TRUTH.log_likelihood(np.array([float(x)]), np.array([t_x]), np.array([age]))
    assert found[0] == pytest.approx(np.log(whole), abs=1e-3)


def test_bg_nbd_finds_its_own_parameters_and_who_is_there() -> None:
    table, alive, silent = customers(3_000, 1)
    model = BgNbd.fit(table)
    assert model.r == pytest.approx(TRUTH.r, rel=0.2)
    assert model.alpha == pytest.approx(TRUTH.alpha, rel=0.2)
    assert model.a / (model.a + model.b) == pytest.approx(TRUTH.a / (TRUTH.a + TRUTH.b), rel=0.2)
    said = model.alive(table)
    assert said.mean() == pytest.approx(alive.mean(), abs=0.02)
    quiet = model.silent(table, 60)
    assert quiet.mean() == pytest.approx(silent.mean(), abs=0.02)
    for low, high in ((0.0, 0.5), (0.5, 0.9), (0.9, 1.1)):
        of_it = (quiet >= low) & (quiet < high)
        assert quiet[of_it].mean() == pytest.approx(silent[of_it].mean(), abs=0.05)


def test_who_bought_once_is_always_there() -> None:
    once = pd.DataFrame({"x": [0.0], "t_x": [0.0], "T": [300.0]})
    assert TRUTH.alive(once)[0] == 1.0
    assert 0.5 < TRUTH.silent(once, 60)[0] < 1.0


def test_scores_are_compared_on_the_same_rows() -> None:
    times = Times(np.array([10.0, np.nan, np.nan, 50.0]), np.full(4, 90.0))
    part = Part(pd.DataFrame({"a": np.arange(4.0)}), times, np.arange(4))
    right = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    found = compare({"salesml": right, "Cox": np.full((4, 2), 0.5)}, part, (30, 60))
    assert found["salesml"].value == 0.0
    assert found["over Cox"].value == pytest.approx(0.25 * 0.75)


def test_columns_for_cox_have_no_gaps_and_are_those_of_training() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=200), "b": rng.choice(["x", "y", "z"], 200), "same": 1.0})
    X.loc[::9, "a"] = np.nan
    part = Part(X, Times(np.full(200, np.nan), np.full(200, 9.0)), np.arange(200))
    new = Part(X.assign(b="never seen").iloc[:5], part.times, part.owner)
    train, test = _numbers(part, new)
    assert list(train) == list(test)
    assert train.shape == (200, 4)  # a, whether it is missing, two levels of b
    assert np.isfinite(test.to_numpy()).all()


def test_cox_gives_a_curve_per_row_that_falls() -> None:
    pytest.importorskip("lifelines", reason="lifelines, which wants an older pandas, is not installed")
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"risk": rng.normal(size=600)})
    left = rng.exponential(60 * np.exp(-X["risk"].to_numpy()))
    times = Times(np.where(left < 100, left, np.nan), np.full(600, 100.0))
    part = Part(X, times, np.arange(600))
    curves, _ = cox(SurvivalTable("made", (30, 60, 90), 0, part, part, ""), (30, 60, 90))
    assert (np.diff(curves, axis=1) <= 0).all()
    assert np.corrcoef(curves[:, 0], X["risk"])[0, 1] < -0.8


def test_the_telephone_company(data: object) -> None:
    assert NAMES[-1] == "telco"
    table = load_survival("telco")
    assert "tenure" not in table.train.X
    assert "TotalCharges" not in table.train.X
    assert len(table.train) + len(table.test) == 7043
    gone = ~np.isnan(table.train.times.left)
    assert gone.mean() == pytest.approx(0.2654, abs=0.02)
    assert np.isinf(table.train.times.seen[gone]).all()


def test_curves_of_the_software_company_come_true_within_two_points_or_chance(data: object) -> None:
    """With few features and dates; ``benchmarks.survival`` has all of them."""

    def project(folder: Path) -> tuple[Path, Path]:
        crm_path, spec_path = saas_simulated(folder)
        keys = yaml.safe_load(spec_path.read_text())
        spec_path.write_text(yaml.safe_dump({**keys, "features": {}, "windows_days": [90]}))
        return crm_path, spec_path

    dates = (dt.date(2022, 6, 1), dt.date(2022, 9, 1), dt.date(2022, 12, 1), dt.date(2023, 4, 1))
    table = _history("saas_simulated", Case(project, dates, (30, 60, 90, 180, 270), ""))
    curves, p = ours(table, table.horizons)
    assert p is not None
    assert (np.diff(np.column_stack([np.ones(len(curves)), curves]), axis=1) <= 0).all()
    assert (curves[:, 2] == 1.0 - p).all()
    found = evaluate_curves(
        curves, table.test.times, table.horizons, table.test.owner, of_all=marginal(table, table.horizons)
    )
    assert found.figures["ibs_gain"].low > 0
    away = drift(curves, table.test, table.horizons)
    for day, difference in zip(table.horizons, away, strict=True):
        figure = found.figures[f"drift_{day}"]
        assert figure.value == pytest.approx(difference)
        assert figure.low < 0.02
        assert figure.high > -0.02
