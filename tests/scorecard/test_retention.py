"""Losses against what was expected: planted reps are found, luck is luck, in sample is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.scorecard.checks.retention import missing, retention
from salesml.scorecard.expected import FILE, add_expected, newest

START = dt.date(2024, 1, 1)


def table(effects: np.ndarray, *, seed: int = 1, accounts: int = 60, months: int = 12) -> pd.DataFrame:
    """Monthly predictions of losses within 90 days; a rep's customers leave ``effects`` times as often."""
    luck = np.random.default_rng(seed)
    rep = np.repeat(np.arange(len(effects)), accounts)
    monthly = luck.uniform(0.005, 0.05, len(rep))
    life = luck.geometric(np.clip(monthly * effects[rep], 0, 1))
    value = np.exp(luck.standard_normal(len(rep)) + 5)
    rows = []
    for month in range(months):
        day = (pd.Timestamp(START) + pd.DateOffset(months=month)).date()
        end = (pd.Timestamp(START) + pd.DateOffset(months=month + 3)).date()
        here = life > month
        gone = life[here] <= month + 3
        p = 1 - (1 - monthly[here]) ** 3
        rows.append(
            pd.DataFrame(
                {
                    "as_of": day,
                    "entity_id": [f"A{number}" for number in np.flatnonzero(here)],
                    "rep_id": [f"R{number:03d}" for number in rep[here]],
                    "probability": p,
                    "value": value[here],
                    "expected_loss": p * value[here],
                    "label": pd.array(gone.astype(int), dtype="Int8"),
                    "value_lost": gone * value[here],
                    "horizon_start": day,
                    "horizon_end": end,
                    "train_until": (pd.Timestamp(day) - pd.DateOffset(months=4)).date(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute('CREATE TABLE owned (account TEXT, start DATE, rep TEXT, "end" DATE)')
    con.execute("CREATE TABLE teams (rep TEXT, start DATE, team TEXT)")
    return con


def made(con: duckdb.DuckDBPyConnection, rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    rows.to_parquet(folder / FILE, index=False)
    add_expected(con, folder / FILE)
    return retention(con, "GBP")


def reps(found: pd.DataFrame, measure: str = "customers") -> pd.DataFrame:
    chosen = (found["measure"] == measure) & (found["kind"] == "all") & (found["level"] == "rep")
    return found[chosen].set_index("id")


def test_horizons_do_not_overlap_and_losses_count_once(con, tmp_path):
    rows = table(np.ones(4))
    rows.to_parquet(tmp_path / FILE, index=False)
    days = add_expected(con, tmp_path / FILE)
    assert [day.month for day in days] == [3, 6, 9, 12]
    twice = con.execute(
        "SELECT count(*) FROM (SELECT account FROM losses WHERE lost > 0 GROUP BY 1 HAVING count(*) > 1)"
    )
    assert twice.fetchone() == (0,)


def test_reps_who_lose_twice_as_many_are_found_and_ranked(con, tmp_path):
    effects = np.array([0.4, 0.4, 1, 1, 1, 1, 2, 2])
    found = reps(made(con, table(effects, accounts=150), tmp_path))
    assert set(found.loc[["R006", "R007"], "verdict"]) == {"worse"}
    assert set(found.loc[["R000", "R001"], "verdict"]) == {"better"}
    assert found.loc["R000", "rank"] <= 2
    assert found.loc["R007", "rank_low"] >= 5
    assert found.loc["R006", "words"].endswith("more than usual here, by more than luck")


def test_alike_reps_bear_no_ranking(con, tmp_path):
    called = 0
    for seed in range(20):
        found = reps(made(con, table(np.ones(10), seed=seed), tmp_path))
        called += bool(found["rank"].notna().any())
    assert called <= 3
    luck = found[found["verdict"] == "luck"]
    assert luck["words"].str.contains("bear no ranking").all()


def test_intervals_hold_the_truth(con, tmp_path):
    held, drawn = [], []
    for seed in range(15):
        effects = np.exp(0.4 * np.random.default_rng(100 + seed).standard_normal(12))
        found = reps(made(con, table(effects, seed=seed), tmp_path)).sort_index()
        held += [(found["low"] <= effects) & (found["high"] >= effects)]
        level = found["observed"].sum() / found["expected"].sum()
        true = effects / level
        drawn += [(found["against_usual_low"] <= true) & (found["against_usual_high"] >= true)]
    assert 0.84 <= np.mean(held) <= 0.955
    assert 0.84 <= np.mean(drawn) <= 0.955


def test_models_that_expect_too_little_of_all_make_nobody_bad(con, tmp_path):
    rows = table(np.ones(6), accounts=200)
    rows["probability"] /= 2
    found = made(con, rows, tmp_path)
    company = found[
        (found["measure"] == "customers") & (found["level"] == "company") & (found["kind"] == "all")
    ]
    assert company["ratio"].item() == pytest.approx(2, abs=0.2)
    assert set(reps(found)["verdict"]) <= {"luck", "same"}


def test_the_rep_is_the_one_of_that_day(con, tmp_path):
    rows = table(np.ones(2)).assign(rep_id=None)
    con.execute(
        "INSERT INTO owned VALUES ('A0', DATE '2024-01-01', 'early', NULL), "
        "('A0', DATE '2024-05-01', 'late', NULL)"
    )
    made(con, rows.astype({"rep_id": "string"}), tmp_path)
    found = con.execute("SELECT day, rep FROM losses WHERE account = 'A0' ORDER BY day").fetchall()
    assert all(rep == ("early" if day < dt.date(2024, 5, 1) else "late") for day, rep in found)
    assert found[0][1] == "early"


def test_in_sample_is_refused(con, tmp_path):
    rows = table(np.ones(2))
    rows["train_until"] = [day - dt.timedelta(days=30) for day in rows["as_of"]]
    rows.to_parquet(tmp_path / FILE, index=False)
    with pytest.raises(DataError) as raised:
        add_expected(con, tmp_path / FILE)
    assert raised.value.code == "in-sample"
    assert "learned from outcomes that were not known on those dates" in str(raised.value)


def test_other_files_are_refused(con, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"no")
    pd.DataFrame({"as_of": [START]}).to_parquet(tmp_path / "y.parquet")
    open_outcomes = table(np.ones(2)).assign(label=pd.array([None], dtype="Int8")[0])
    open_outcomes["label"] = open_outcomes["label"].astype("Int8")
    open_outcomes.to_parquet(tmp_path / "z.parquet")
    for name, code in (("x", "not-expected-losses"), ("y", "not-expected-losses"), ("z", "no-known-outcome")):
        with pytest.raises(DataError) as raised:
            add_expected(con, tmp_path / f"{name}.parquet")
        assert raised.value.code == code


def test_the_newest_backtest_is_taken(tmp_path):
    assert newest(tmp_path) is None
    for name in ("20250101T000000Z", "20260101T000000Z", ".20270101T000000Z.unfinished"):
        (tmp_path / name).mkdir()
        (tmp_path / name / FILE).touch()
    assert newest(tmp_path) == tmp_path / "20260101T000000Z" / FILE


def test_without_a_backtest_one_row_says_so():
    found = missing("churn")
    assert found["verdict"].tolist() == ["missing"]
    assert "`salesml backtest churn`" in found["words"].item()
