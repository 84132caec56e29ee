"""The ideal customer from tables to a score: train, run folder, score table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from salesml.config import Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle import train
from salesml.lifecycle.ideal import gather_past
from salesml.lifecycle.ideal.gather import ENOUGH, affordable
from salesml.lifecycle.ideal.past import past
from salesml.lifecycle.ideal.similar import ideal_accounts
from salesml.lifecycle.progress import quiet
from salesml.lifecycle.score import How, score
from salesml.lifecycle.training import Trained
from salesml.scoring.batch import Event
from salesml.scoring.similar import SimilarAccounts
from salesml.snapshots import take
from salesml.tracking import load
from tests.lifecycle.ideal.company import companies, day, goodness
from tests.snapshots.won import won_crm


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def trained(company: CRM, said: list[str]) -> Trained:
    return train("fit", company, log=False, say=said.append)


def test_it_finds_what_makes_an_ideal_customer(trained: Trained, said: list[str]) -> None:
    told = "\n".join(said)
    assert "As on 20" in told
    assert "tested on" in told
    assert "industry makers: " in told
    assert trained.evaluation.metrics["auc"].low > 0.6
    assert trained.verdict.kind in ("usable", "weak")  # some 150 rows are tested
    profile = pd.read_csv(trained.folder / "profile.csv")
    lifts = profile[profile["told"] & (profile["times"] > 1)]
    assert "industry makers" in set(lifts["levels"])
    assert lifts["attributes"].isin(["prospect_industry", "prospect_employees"]).sum() >= 2
    assert "prospect_age_days" not in " ".join(profile["attributes"])


def test_few_ideal_accounts_are_learned_from_by_what_they_are(
    company: CRM, trained: Trained, said: list[str]
) -> None:
    told = next(line for line in said if line.startswith("Learning from"))
    names = [feature.name for feature in trained.bundle.features]
    assert set(names) == {"prospect_industry", "prospect_employees", "prospect_plan", "prospect_age_days"}
    assert told.startswith("Learning from 4 features, what a prospect is: all ")
    found = past(read_spec(company.folder / "models" / "fit.yaml"), company).snapshot
    many = len(found.features)
    assert many > 30
    assert affordable(found, ENOUGH * many, quiet).features == found.features
    assert len(affordable(found, ENOUGH * many - 1, quiet).features) == 4


def test_the_folder_holds_what_a_sales_manager_checks(trained: Trained) -> None:
    outcomes = pd.read_csv(trained.folder / "outcomes.csv")
    assert outcomes["composite"].is_monotonic_decreasing
    assert {"prospect", "account", "net_margin", "rank_margin", "composite", "ideal"} <= set(outcomes)
    table = (trained.folder / "composite.txt").read_text()
    card = (trained.folder / "model_card.md").read_text()
    assert "mean of" in table
    assert "net margin" in table
    assert table.strip() in card
    assert "What ideal customers have more often or less often" in card
    assert "drawn as the" in (trained.folder / "split.txt").read_text()
    assert "won_at" in (trained.folder / "outcomes.sql").read_text()
    names = set(outcomes["account"]) | set(outcomes["prospect"])
    for path in trained.folder.rglob("*"):
        if (
            path.is_file()
            and path.name != "outcomes.csv"
            and path.suffix in (".md", ".txt", ".json", ".csv", ".sql")
        ):
            assert not names & set(path.read_text().replace(",", " ").split()), path.name
    run = json.loads((trained.folder / "run.json").read_text())
    assert run["task"] == "fit"
    assert run["params"]["label"] == "ideal"
    first, last = run["params"]["train_as_of"].split(",")
    assert first < last <= min(run["params"]["test_as_of"].split(","))


def test_open_prospects_are_scored_for_what_they_would_become(
    company: CRM, trained: Trained, tmp_path: Path
) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    out = tmp_path / "scores.parquet"
    done = score(spec, company, day(1460), out, model=str(trained.folder / "bundle"), tracking=Tracking())
    table = pq.read_table(out).to_pandas()
    prospects = pq.read_table(company.folder / "prospects.parquet").to_pandas().set_index("id")
    still = prospects[prospects["won"].isna() & prospects["lost"].isna()]
    assert done.rows == len(still)
    assert set(table["entity_id"]) == set(still.index)
    assert set(table["task"]) == {"fit"}
    true = [
        goodness(str(row["industry"]), int(row["employees"]))
        for _, row in still.loc[table["entity_id"]].iterrows()
    ]
    best = table["probability"].to_numpy() >= table["probability"].quantile(0.8)
    assert np.mean(np.array(true)[best]) > np.mean(true) + 0.5


def test_each_prospect_has_the_ideal_accounts_that_it_resembles(
    company: CRM, trained: Trained, tmp_path: Path
) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    out, similar = tmp_path / "scores.parquet", tmp_path / "similar.parquet"
    bundle = str(trained.folder / "bundle")
    score(spec, company, day(1460), out, model=bundle, tracking=Tracking(), similar=similar)
    scores, near = pq.read_table(out).to_pandas(), pq.read_table(similar).to_pandas()
    assert set(near["entity_id"]) == set(scores["entity_id"])
    assert (near.groupby("entity_id")["place"].max() == 20).all()
    outcomes = pd.read_csv(trained.folder / "outcomes.csv")
    best = set(ideal_accounts(spec, company)["account_id"].to_pylist())
    assert set(near["account_id"]) <= best <= set(outcomes["account"])
    industry = pq.read_table(company.folder / "prospects.parquet").to_pandas()
    of_prospect = industry.set_index("id")["industry"]
    of_account = industry.dropna(subset="customer").set_index("customer")["industry"]
    first = near[near["place"] == 1]
    same = of_prospect[first["entity_id"]].to_numpy() == of_account[first["account_id"]].to_numpy()
    assert same[scores.set_index("entity_id").loc[first["entity_id"], "band"] == "A"].mean() > 0.8
    assert any("both" in each["words"] for shared in first["shared"] for each in shared)


def test_similar_accounts_are_those_of_the_snapshot_in_memory(
    company: CRM, trained: Trained, tmp_path: Path
) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    bundle = str(trained.folder / "bundle")
    out, similar = tmp_path / "scores.parquet", tmp_path / "similar.parquet"
    events: list[Event] = []

    def once() -> None:
        score(
            spec, company, day(1460), out, model=bundle, tracking=Tracking(), similar=similar,
            how=How(listener=events.append, chunk=50),
        )  # fmt: skip

    once()
    prospects = take(spec, company, [day(1460)], labels=False).table
    loaded = load(str(trained.folder / "bundle"), Tracking())
    wanted = SimilarAccounts(loaded.bundle, ideal_accounts(spec, company), withheld=spec.used).table(
        prospects
    )
    assert len(prospects) > 50, "several chunks"
    assert pq.read_table(similar).replace_schema_metadata(None).equals(wanted)
    assert any("prospects beside" in event.text for event in events)
    assert len({event.run_id for event in events if event.run_id}) == 1
    names = ["scores.parquet", "scores.parquet.manifest.json", "similar.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    before = similar.stat().st_mtime_ns
    once()
    assert similar.stat().st_mtime_ns == before, "the same job again changes nothing"
    pq.write_table(wanted, similar)
    with pytest.raises(UsageError, match=r"similar\.parquet exists already"):
        once()


def test_similar_accounts_of_another_task_are_refused(company: CRM, tmp_path: Path) -> None:
    spec = replace(read_spec(company.folder / "models" / "fit.yaml"), task="conversion")
    with pytest.raises(UsageError, match="knows no ideal customer") as caught:
        score(spec, company, day(1460), tmp_path / "a.csv", tracking=Tracking(), similar=tmp_path / "b.csv")
    assert caught.value.code == "not-ideal"
    assert not list(tmp_path.iterdir())


def test_the_same_training_twice_is_the_same_model(company: CRM, trained: Trained) -> None:
    spec = read_spec(company.folder / "models" / "fit.yaml")
    gathered = gather_past(spec, company, quiet)
    assert gathered.testing is not None
    probability = load(str(trained.folder / "bundle"), Tracking()).score(
        gathered.snapshot.table.to_pandas().head(5)
    )["probability"]
    assert len(probability) == 5
    again = gather_past(spec, company, quiet)
    assert again.snapshot.table.equals(gathered.snapshot.table)
    assert (again.training.y == gathered.training.y).all()


def project(folder: Path, tables: dict, **label: object) -> CRM:  # type: ignore[type-arg]
    crm = won_crm(folder, tables)
    (folder / "models").mkdir()
    spec = {
        "task": "fit", "label": {"kind": "ideal", "months": 6, **label}, "value": "orders.margin",
        "windows_days": [30],
    }  # fmt: skip
    (folder / "models" / "fit.yaml").write_text(yaml.safe_dump(spec))
    (folder / "mlflow.yaml").write_text("experiment: test\n")
    return crm


@pytest.fixture(scope="module")
def short() -> dict[str, list[dict]]:  # type: ignore[type-arg]
    return companies(500, 700, seed=5)


def test_a_short_history_is_tested_by_folds_each_with_its_own_composite(
    short: dict,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    crm = project(tmp_path, short, weights={"margin": 1, "repeat": 1})
    said: list[str] = []
    trained = train("fit", crm, log=False, say=said.append)
    told = "\n".join(said)
    assert "the history is too short" in told
    assert "tested by folds" in told
    assert "they count margin 50%, repeat 50%" in told
    assert trained.evaluation.rows == len(pd.read_csv(trained.folder / "outcomes.csv"))
    spec = read_spec(tmp_path / "models" / "fit.yaml")
    gathered = gather_past(spec, crm, quiet)
    assert gathered.relabel is not None
    half = np.arange(len(gathered.training)) % 2 == 0
    learned = gathered.relabel(half)
    assert learned[half].mean() == pytest.approx(0.2, abs=0.02)
    assert (learned != gathered.training.y).any()


def test_nobody_won_is_told_before_anything_is_trained(short: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    nobody = [{**row, "won": None, "customer": None} for row in short["prospects"]]
    crm = project(tmp_path, {**short, "prospects": nobody})
    with pytest.raises(DataError) as caught:
        train("fit", crm, log=False)
    assert caught.value.code in ("no-won", "none-won")
    assert "won" in str(caught.value)


def test_all_values_zero_is_told(short: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    tables = {name: rows for name, rows in short.items() if name != "activities"}
    tables["orders"] = [{**row, "margin": 0.0} for row in short["orders"]]
    crm = project(tmp_path, tables, weights={"margin": 1})
    with pytest.raises(DataError) as caught:
        train("fit", crm, log=False)
    assert caught.value.code == "no-outcome"
    assert "margin: it is the same for all accounts (0)" in str(caught.value)


def test_weights_for_parts_without_data_alone_are_refused(short: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    tables = {name: rows for name, rows in short.items() if name != "referrals"}
    crm = project(tmp_path, tables, weights={"referrals": 1})
    with pytest.raises(DataError, match=r"referrals: crm\.yaml has no table of referrals"):
        train("fit", crm, log=False)


def test_months_longer_than_the_data_and_impossible_shares_are_refused(
    short: dict,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    crm = project(tmp_path, short, months=48)
    with pytest.raises(DataError, match=r"nobody has been observed for so long"):
        train("fit", crm, log=False)
    for top in (0, 1):
        (tmp_path / "models" / "fit.yaml").write_text(f"task: fit\nlabel: {{kind: ideal, top: {top}}}\n")
        with pytest.raises(UsageError, match=rf"label\.top is {top}\. It must lie between 0 and 1"):
            train("fit", crm, log=False, tracking=read_tracking(tmp_path / "mlflow.yaml"))
