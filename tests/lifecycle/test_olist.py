"""Conversion on the leads of a marketplace, as prospects of a crm.yaml: at contact, out of time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.lifecycle import train
from salesml.lifecycle.rows import rows_of
from salesml.snapshots import plan_split, take

CONTRACT = """
version: 1
timezone: America/Sao_Paulo
prospects:
  source: prospects.parquet
  id: mql_id
  created_at: first_contact_date
  won_at: won_date
  attributes: [landing_page_id, origin]
"""


def mondays(first: dt.date, last: dt.date) -> list[str]:
    return [str(first + dt.timedelta(weeks=week)) for week in range((last - first).days // 7 + 1)]


@pytest.fixture(scope="module")
def funnel(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every lead once, in the week of its contact; the model of the spec knows outcomes by April."""
    folder = tmp_path_factory.mktemp("funnel")
    leads = pd.read_csv(data / "olist_funnel" / "olist_marketing_qualified_leads_dataset.csv")
    deals = pd.read_csv(data / "olist_funnel" / "olist_closed_deals_dataset.csv")[["mql_id", "won_date"]]
    leads.merge(deals, on="mql_id", how="left").to_parquet(folder / "prospects.parquet", index=False)
    (folder / "crm.yaml").write_text(CONTRACT)
    (folder / "models").mkdir()
    train_dates = mondays(dt.date(2017, 7, 3), dt.date(2018, 3, 1))
    test_dates = mondays(dt.date(2018, 4, 2), dt.date(2018, 6, 4))
    (folder / "models" / "conversion.yaml").write_text(
        "task: conversion\nlabel: {kind: won, open_days: 7}\nhorizon_days: 30\nwindows_days: [30]\n"
        f"as_of: {{train: [{', '.join(train_dates)}], test: [{', '.join(test_dates)}]}}\n"
    )
    return folder


def test_at_contact_not_worse_than_logistic_regression(funnel: Path) -> None:
    crm = CRM.open(funnel / "crm.yaml")
    spec = read_spec(funnel / "models" / "conversion.yaml")
    split = plan_split(spec, crm)
    snapshot = take(spec, crm, split.dates)
    assert {feature.name for feature in snapshot.features} == {
        "prospect_age_days", "prospect_landing_page_id", "prospect_origin",
    }  # fmt: skip
    early, late = rows_of(snapshot, split.train), rows_of(snapshot, split.test)
    assert len(set(early.entity)) == len(early)
    columns = ["prospect_landing_page_id", "prospect_origin"]
    rival = make_pipeline(
        OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), LogisticRegression(C=1.0)
    )
    rival.fit(early.X[columns].fillna("none"), early.y)
    theirs = roc_auc_score(late.y, rival.predict_proba(late.X[columns].fillna("none"))[:, 1])
    trained = train("conversion", crm, log=False)
    assert trained.evaluation.metrics["auc"].value > theirs - 0.01
    assert trained.verdict.kind in ("weak", "usable")


def test_recent_leads_are_censored_never_lost(funnel: Path) -> None:
    """The last win is of 2018-11-14: a horizon that ends later has no outcome."""
    crm = CRM.open(funnel / "crm.yaml")
    spec = read_spec(funnel / "models" / "conversion.yaml")
    known, censored = dt.date(2018, 10, 16), dt.date(2018, 10, 17)
    snapshot = take(spec, crm, [known, censored])
    assert {each.as_of for each in snapshot.dropped if each.reason == "not-observed"} <= {censored}
    assert set(snapshot.table["as_of"].to_pylist()) <= {known}
