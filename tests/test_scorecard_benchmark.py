"""What judges the scorecard is right itself: about intervals that are, and about some that are not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from benchmarks import scorecard_found, scorecard_report, scorecard_scale, scorecard_truth
from benchmarks.scorecard import Company, companies

from salesml.crm.sample import laws
from salesml.crm.sample.block import MARKET_LAG

COMPANIES, REPS = 60, 30


def _figures(reach: float = 1.645, seed: int = 0) -> pd.DataFrame:
    """Ratios of sums with standard errors of 1 around their truth, in two worlds of different truths."""
    rng = np.random.default_rng(seed)
    parts = []
    for company in range(COMPANIES):
        world = company % 2
        value = 10 * np.arange(REPS) + 100 * world + rng.standard_normal(REPS)
        for year in (2024, 2025):
            parts.append(
                pd.DataFrame(
                    {
                        "metric": "m", "kind": "year", "start": pd.Timestamp(year, 1, 1), "level": "rep",
                        "id": [f"R{rep}" for rep in range(REPS)], "value": value, "low": value - reach,
                        "high": value + reach, "numerator": 50 * value, "denominator": 50.0,
                        "shrunk_low": value - 0.5, "shrunk_high": value + 0.5, "trend_low": -1.0,
                        "trend_high": 1.0, "verdict": "luck", "world": world, "company": company,
                    }
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _covered(figures: pd.DataFrame) -> dict[str, float]:
    return {str(each["interval"]): float(each["covered"]) for each in scorecard_truth.coverage(figures)}


def test_right_intervals_cover_nine_times_in_ten_whatever_the_world() -> None:
    found = _covered(_figures())
    assert found["value"] == pytest.approx(0.9, abs=0.02)
    # 0.38 with a truth that is known exactly.
    assert found["shrunk"] == pytest.approx(0.435, abs=0.02)
    assert found["trend"] == 1.0


def test_intervals_half_as_wide_are_found_out() -> None:
    (value, *_) = scorecard_truth.coverage(_figures(reach=0.82))
    assert value["covered"] == pytest.approx(0.59, abs=0.03)
    assert scorecard_report.outside(value)


def test_what_is_called_too_few_does_not_count() -> None:
    figures = _figures()
    figures.loc[figures["id"] == "R0", ["verdict", "low", "high"]] = ["too few", 1e6, 1e7]
    assert _covered(figures)["value"] == pytest.approx(0.9, abs=0.02)


def test_the_truth_of_a_company_does_not_know_the_company() -> None:
    figures = _figures()
    one = figures["company"] == 0
    truth = scorecard_truth.with_truth(figures).set_index(["company", "start", "id"])["truth"]
    figures.loc[one, ["value", "numerator"]] *= 1000
    again = scorecard_truth.with_truth(figures).set_index(["company", "start", "id"])["truth"]
    pd.testing.assert_series_equal(truth.loc[0], again.loc[0])
    assert not np.allclose(truth.loc[2], again.loc[2])


def test_a_company_is_counted_once_however_much_differs() -> None:
    figures = _figures()
    figures.loc[(figures["company"] < 3) & (figures["id"] == "R1"), "verdict"] = "better"
    figures.loc[figures["id"] == "R2", "verdict"] = "not compared"
    found = scorecard_truth.differences(figures)
    assert found["companies"] == COMPANIES
    assert found["rep"] == {"any": 3, "by_metric": {"m": 3}}
    assert found["team"]["any"] == 0


def test_an_answer_is_judged_within_reps() -> None:
    """A rep who always wins and answers often makes answers look good; nothing comes of it here."""
    answered = pd.DataFrame(
        {
            "rep_id": ["good", "good", "poor", "poor"], "answered": [True, False] * 2,
            "sum": [80, 20, 2, 18], "count": [80, 20, 20, 180],
        }
    )  # fmt: skip
    sums = answered.groupby("answered")[["sum", "count"]].sum()
    assert sums["sum"][True] / sums["count"][True] > sums["sum"][False] / sums["count"][False] + 0.5
    assert scorecard_found.within_reps(answered) == pytest.approx(0.0)


def test_companies_are_dealt_to_worlds_and_their_seeds_are_their_own(tmp_path: Path) -> None:
    them = companies(6, 1000, 2, tmp_path)
    usual = [each for each in them if not each.alike]
    assert [each.seed for each in usual] == [*range(1000, 1006)]
    assert sorted({each.world for each in usual}) == [1000, 1001]
    assert len({each.folder for each in them}) == 12
    assert isinstance(them[0], Company)


def test_the_large_company_has_the_rows_that_are_said(tmp_path: Path) -> None:
    scorecard_scale.write(tmp_path / "company", 2000, 3, anybody=False)
    with duckdb.connect() as con:
        rows = {
            name: con.execute(f"SELECT count(*) FROM '{tmp_path}/company/{name}.parquet'").fetchall()[0][0]
            for name in scorecard_scale.tables(2000, 3, anybody=False)
        }
        days = con.execute(
            f"SELECT count(*) FROM '{tmp_path}/company/prospects.parquet' WHERE won_at < created_at"
        ).fetchall()
        own = con.execute(
            f"SELECT avg((a.owner = p.owner)::INTEGER) FROM '{tmp_path}/company/activities.parquet' AS a "
            f"JOIN '{tmp_path}/company/prospects.parquet' AS p USING (prospect_id)"
        ).fetchall()
        scored = con.execute(
            "SELECT count(DISTINCT as_of), count(*) = count(DISTINCT (task, entity_id, as_of)) "
            f"FROM '{tmp_path}/company/scores/*.parquet'"
        ).fetchall()
    assert own[0][0] == pytest.approx(0.93, abs=0.02)
    assert scored == [(11, True)]
    assert rows["activities"] == 100_000
    assert rows["orders"] == 40_000
    assert rows["reps"] == 3
    assert days == [(0,)]


def test_what_wins_owe_to_the_market_at_the_delay_planted_is_the_law() -> None:
    rng = np.random.default_rng(3)
    index = pd.Series(100 + 5 * rng.standard_normal(40), pd.date_range("2022-09-01", periods=40, freq="MS"))
    found = scorecard_found._market_truth(index, MARKET_LAG)
    spread = float(index.iloc[: 40 - MARKET_LAG].std())
    assert found == pytest.approx(laws.WIN_MARKET * spread / 5)
    assert abs(scorecard_found._market_truth(index, 0)) < found


def test_a_line_counts_what_was_given_and_how_sure_that_is() -> None:
    table = pd.DataFrame({"company": range(20), "inside": True, "given": True, "seen": False})
    table.loc[[0, 1], "inside"] = False
    table.loc[19, "given"] = False
    line = scorecard_found._line("x", table, 25)
    assert (line["companies"], line["given"], line["covered"]) == (19, 19 / 25, 17 / 19)
    assert line["low"] < 17 / 19 < line["high"] < 1


def test_intervals_against_others_widen_by_what_those_are_unsure_of() -> None:
    rng = np.random.default_rng(4)
    value = rng.standard_normal(4000) + 3
    table = pd.DataFrame(
        {"world": np.arange(4000) // 2, "company": range(4000), "value": value, "low": value - 1.645,
         "high": value + 1.645}
    )  # fmt: skip
    assert scorecard_found.against_others(table)["inside"].mean() == pytest.approx(0.9, abs=0.02)
    assert not scorecard_found.against_others(table.iloc[:1])["given"].any()


def test_a_run_that_was_stopped_has_judged_the_first_seeds(tmp_path: Path) -> None:
    seeds = [each.seed for each in companies(6, 1000, 2, tmp_path)]
    assert seeds == sorted(seeds)
    assert len(seeds) == 12
