"""Real won leads of a marketplace: what tells which of them will ever sell anything, honestly."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesml.lifecycle import train_table
from salesml.lifecycle.training import Trained

AT_CONTACT = ["origin", "landing_page_id"]
NOTED = [
    "business_segment",
    "lead_type",
    "lead_behaviour_profile",
    "business_type",
    "declared_monthly_revenue",
]
"""Columns that reps fill in while they talk with a lead, so until it is won."""


@pytest.fixture(scope="module")
def won(data: Path) -> pd.DataFrame:
    """The won leads, and whether they ever sold anything."""
    folder = data / "olist_funnel"
    deals = pd.read_csv(folder / "olist_closed_deals_dataset.csv")
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    sellers = pd.read_csv(folder / "seller_performance_delivered.csv")["seller_id"]
    table = deals.merge(leads, on="mql_id")
    return table.assign(sells=table["seller_id"].isin(sellers).astype(int))


def trained(won: pd.DataFrame, columns: list[str], folder: Path) -> Trained:
    won[["seller_id", "sells", *columns]].to_csv(folder / "won.csv", index=False)
    return train_table(
        "fit", folder / "won.csv", id_column="seller_id", target="sells",
        spec_path=spec(folder), log=False,
    )  # fmt: skip


def spec(folder: Path) -> Path:
    path = folder / "fit.yaml"
    path.write_text("task: fit\nlabel: {kind: ideal}\n")
    return path


def test_what_is_known_at_contact_tells_next_to_nothing(won: pd.DataFrame, tmp_path: Path) -> None:
    found = trained(won, AT_CONTACT, tmp_path)
    auc = found.evaluation.metrics["auc"]
    assert found.evaluation.rows == 842
    assert found.evaluation.positives == 376
    assert auc.low < 0.55
    assert found.verdict.kind == "no usable signal"


def test_the_profile_of_sellers_has_intervals(won: pd.DataFrame, tmp_path: Path) -> None:
    """Of all 842: those won last had no time to sell, and what was noted of them only says so."""
    found = trained(won, [*AT_CONTACT, *NOTED], tmp_path)
    auc = found.evaluation.metrics["auc"]
    assert 0.58 < auc.low < auc.value < auc.high < 0.75
    table = pd.read_csv(found.folder / "profile.csv")
    assert len(table) > 25
    assert ((table["low"] <= table["times"]) & (table["times"] <= table["high"])).all()
    told = table[table["told"]]
    assert ((told["low"] > 1) | (told["high"] < 1)).all()
    raw = won[won["lead_type"] == "online_big"]["sells"]
    row = table[table["levels"] == "lead type online_big"].iloc[0]
    assert (row["accounts"], row["ideal"]) == (len(raw), raw.sum())
    assert row["told"]
    text = (found.folder / "profile.md").read_text()
    assert "Of 842 accounts 376 are ideal: 44.7% on average." in text
    assert "lead type online_big: 1.4 times the average (" in text
    assert text.split("\n\n", 1)[1].strip() in (found.folder / "model_card.md").read_text()


def test_with_time_to_sell_the_signal_is_weak_and_it_is_said(won: pd.DataFrame, tmp_path: Path) -> None:
    """Orders end in August 2018: of those won by May each had three months."""
    found = trained(won[won["won_date"] < "2018-06"], [*AT_CONTACT, *NOTED], tmp_path)
    auc = found.evaluation.metrics["auc"]
    assert found.evaluation.rows == 665
    assert 0.55 < auc.low < auc.value < 0.68
    assert found.verdict.kind == "weak"
    told = pd.read_csv(found.folder / "profile.csv").query("told")["levels"]
    assert "lead type online_big" in set(told)
    assert not told.str.contains("declared").any()
