"""The scorecard of real companies: what their tables bear, and no more."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesml.crm import CRM
from salesml.scorecard.luck import LEVEL, difference
from salesml.scorecard.run import Scorecard, scorecard
from tests.scorecard import real

CALLED_REAL = {"better", "worse", "higher", "lower", "same"}


@pytest.fixture(scope="module")
def pipeline(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scorecard, Path]:
    folder = tmp_path_factory.mktemp("pipeline")
    return scorecard(CRM.open(real.pipeline(data, folder)), threads=1), folder


@pytest.fixture(scope="module", params=["sr_id", "sdr_id"])
def funnel(
    request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Scorecard, str]:
    folder = tmp_path_factory.mktemp("funnel")
    return scorecard(CRM.open(real.funnel(data, folder, request.param)), threads=1), request.param


def _of_reps(card: Scorecard) -> pd.DataFrame:
    figures = card.tables["figures"]
    return figures[(figures["level"] == "rep") & (figures["kind"] == "all")]


def _missing(card: Scorecard) -> dict[str, str]:
    table = card.tables["definitions"]
    return dict(zip(table["metric"], table["missing"], strict=True))


def test_agents_win_by_luck_and_no_rate_ranks_them(pipeline: tuple[Scorecard, Path]) -> None:
    card, folder = pipeline
    deals = pd.read_parquet(folder / "opportunities.parquet")
    decided = deals[deals["close_date"].notna()]
    codes, agents = pd.factorize(decided["sales_agent"])
    assert len(agents) == 30
    chance = difference(
        codes, decided["won_at"].notna().to_numpy(float), pd.Series(1.0, decided.index).to_numpy()
    )
    assert chance > LEVEL
    reps = _of_reps(card)
    rates = reps[reps["metric"] == "win_rate"]
    assert len(rates) == 30
    assert set(rates["verdict"]) == {"luck"}
    assert rates["words"].str.contains("by no more than luck").all()
    assert rates["shrunk"].max() - rates["shrunk"].min() < 0.5 * (rates["value"].max() - rates["value"].min())


def test_agents_differ_in_what_they_leave_open(pipeline: tuple[Scorecard, Path]) -> None:
    """Half of them leave a quarter of their deals undecided: counted as losses, that would rank them."""
    reps = _of_reps(pipeline[0])
    assert {"better", "worse"} <= set(reps[reps["metric"] == "left_open"]["verdict"])
    in_time = reps[reps["metric"] == "won_in_time"]
    assert set(in_time["verdict"]) & CALLED_REAL


def test_agents_differ_in_what_they_sell(pipeline: tuple[Scorecard, Path]) -> None:
    """How many deals they have, and of which products, is no luck."""
    card, _ = pipeline
    reps = _of_reps(card)
    assert set(reps[reps["metric"] == "new_accounts"]["verdict"]) & CALLED_REAL
    worth = reps[reps["metric"] == "value_of_a_win"]
    assert {"better", "worse"} <= set(worth["verdict"])
    assert (worth["shrunk_low"] < worth["shrunk"]).all()
    assert (worth["shrunk"] < worth["shrunk_high"]).all()
    spread = worth["value"].max() - worth["value"].min()
    assert worth["shrunk"].max() - worth["shrunk"].min() < spread


def test_customers_of_whom_nobody_says_when_they_leave_are_not_said_to_stay(
    pipeline: tuple[Scorecard, Path], funnel: tuple[Scorecard, str]
) -> None:
    for card, _ in (pipeline, funnel):
        missing = _missing(card)
        for metric in ("defection", "early_defection"):
            assert "accounts.ended_at" in missing[metric]
            assert metric not in set(card.tables["figures"]["metric"])


def test_what_the_tables_lack_is_named(funnel: tuple[Scorecard, str]) -> None:
    missing = _missing(funnel[0])
    assert "costs" in missing["cost_of_revenue"]
    assert "targets" in missing["attainment"]
    assert missing["new_accounts"] == ""
    assert "prospects.lost_at" in missing["win_rate"]
    assert missing["days_to_win"] == ""
    speed = _of_reps(funnel[0]).query("metric == 'days_to_win'")
    assert speed["low"].lt(speed["high"])[speed["count"] > 1].all()


def test_what_sellers_bring_once_won_is_told_of_who_won_them(
    data: Path, funnel: tuple[Scorecard, str]
) -> None:
    """Of those won six months before the end of the records: half of them never sold anything."""
    card, who = funnel
    deals = pd.read_csv(data / "olist_funnel/olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    sold = pd.read_csv(data / "olist_funnel/seller_performance_delivered.csv")
    deals = deals.merge(sold[["seller_id", "product_revenue"]], on="seller_id", how="left").fillna(
        {"product_revenue": 0}
    )
    everything = next(each for each in card.asked.periods if each.kind == "all")
    day = deals["won_date"].dt.normalize()
    known = (day >= pd.Timestamp(everything.start)) & (
        day + pd.DateOffset(months=6) <= pd.Timestamp(everything.end)
    )
    true = deals[known].groupby(who)["product_revenue"].agg(["sum", "size"])
    reps = _of_reps(card)
    found = reps[reps["metric"] == "first_revenue"].set_index("id").loc[list(true.index)]
    assert found["numerator"].tolist() == pytest.approx(true["sum"].tolist())
    assert found["count"].tolist() == true["size"].tolist()
    assert len(true) > 10
    drawn = found[found["shrunk"].notna()]
    assert drawn["shrunk"].max() - drawn["shrunk"].min() < drawn["value"].max() - drawn["value"].min()
    assert (drawn["shrunk_low"] < drawn["shrunk_high"]).all()
    assert not set(found["verdict"]) & {"not compared"}


def test_people_of_the_marketplace_are_shrunk_and_counted(data: Path, funnel: tuple[Scorecard, str]) -> None:
    card, who = funnel
    deals = pd.read_csv(data / "olist_funnel/olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    everything = next(each for each in card.asked.periods if each.kind == "all")
    first, until = pd.Timestamp(everything.start), pd.Timestamp(everything.end)
    counted = deals[(deals["won_date"] >= first) & (deals["won_date"] < until)]
    reps = _of_reps(card)
    wins = reps[reps["metric"] == "new_accounts"].set_index("id")
    assert set(wins.index) == set(counted[who])
    assert wins["numerator"].sum() == len(counted)
    drawn = wins[wins["shrunk"].notna()]
    assert len(drawn) > 10
    assert (drawn["shrunk"].max(), -drawn["shrunk"].min()) < (drawn["value"].max(), -drawn["value"].min())
    assert (drawn["shrunk_high"] - drawn["shrunk_low"]).min() > 0
