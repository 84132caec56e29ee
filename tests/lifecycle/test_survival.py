"""A training that tells when accounts leave: a curve through the probability, judged by dates, in scores."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from pyarrow.csv import read_csv

import salesml
from salesml.config import Tracking, read_spec
from salesml.config.spec import AsOfRule
from salesml.crm import CRM
from salesml.errors import DataError, ModelError, UsageError
from salesml.lifecycle import train
from salesml.lifecycle.display import Trained as Behind
from salesml.lifecycle.display import display
from salesml.lifecycle.score import How, score
from salesml.lifecycle.training import Trained
from salesml.model.bootstrap import Estimate
from salesml.model.bundle import Bundle
from salesml.model.survival.evaluation import CurveEvaluation
from salesml.model.survival.words import calibrated
from salesml.scoring import Scorer, in_spark
from salesml.scoring.table import horizons_in, schema
from salesml.snapshots import take
from salesml.tracking.tested import RunOf

HORIZONS = (30, 60, 90, 180)
COLUMNS = ["stays_30", "stays_60", "stays_90", "stays_180", "expected_days", "lifetime_days"]
START = dt.date(2023, 1, 1)
DAYS = 730


def company(folder: Path, accounts: int = 900) -> CRM:
    """Accounts whose contracts end the sooner the less they use what they pay for; two years of them."""
    rng = np.random.default_rng(5)
    joined = rng.integers(-200, 500, accounts)
    lively = rng.normal(size=accounts)
    ends = joined + rng.exponential(60 + 400 * np.exp(0.9 * lively)).astype(int) + 5
    table = pa.table(
        {
            "id": [f"a{n:04d}" for n in range(accounts)],
            "since": [START + dt.timedelta(days=int(day)) for day in joined],
            "gone": [START + dt.timedelta(days=int(day)) if day < DAYS else None for day in ends],
            "region": rng.choice(["north", "south"], accounts),
        }
    )
    uses = []
    for number in range(accounts):
        first, last = max(int(joined[number]), 0), min(int(ends[number]), DAYS)
        count = rng.poisson(max(last - first, 0) / 14 * np.exp(0.5 * lively[number]))
        days = rng.integers(first, last, count) if last > first else []
        uses += [(f"a{number:04d}", START + dt.timedelta(days=int(day))) for day in days]
    folder.mkdir(parents=True)
    pq.write_table(table, folder / "accounts.parquet")
    pq.write_table(
        pa.table({"id": [u[0] for u in uses], "at": [u[1] for u in uses]}), folder / "uses.parquet"
    )
    contract = {
        "version": 1, "currency": "GBP", "observed_until": START + dt.timedelta(days=DAYS),
        "accounts": {
            "source": "accounts.parquet", "id": "id", "acquired_at": "since", "ended_at": "gone",
            "attributes": ["region"],
        },
        "events": {"uses": {"source": "uses.parquet", "account": "id", "at": "at"}},
    }  # fmt: skip
    (folder / "crm.yaml").write_text(yaml.safe_dump(contract))
    (folder / "models").mkdir()
    (folder / "models" / "churn.yaml").write_text(
        yaml.safe_dump(
            {
                "task": "churn", "label": {"kind": "contract"}, "horizon_days": 90,
                "horizons_days": list(HORIZONS), "windows_days": [30, 90],
                "as_of": {"every": "month", "train": 9, "validate": 0, "test": 1},
            }
        )
    )  # fmt: skip
    (folder / "mlflow.yaml").write_text("tracking_uri: sqlite:///mlflow.db\n")
    return CRM.open(folder / "crm.yaml")


@dataclass(frozen=True)
class Done:
    crm: CRM
    trained: Trained
    said: str


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    crm = company(tmp_path_factory.mktemp("survival") / "company")
    said: list[str] = []
    trained = train("churn", crm, log=False, say=said.append)
    return Done(crm, trained, "\n".join(said))


def rows_of(done: Done) -> pa.Table:
    spec = read_spec(done.crm.folder / "models" / "churn.yaml")
    return take(spec, done.crm, [START + dt.timedelta(days=DAYS)], labels=False).table


def test_the_run_holds_the_model_its_figures_and_its_words(done: Done) -> None:
    folder = done.trained.folder
    assert (folder / "bundle" / "hazard.txt").read_text().startswith("tree\n")
    kept = json.loads((folder / "curves.json").read_text())
    assert kept["horizons"] == list(HORIZONS)
    evaluation = kept["evaluation"]["figures"]
    assert evaluation["ibs_gain"]["low"] > 0
    metrics = json.loads((folder / "run.json").read_text())["metrics"]
    assert metrics["curve_ibs"] == pytest.approx(evaluation["ibs"]["value"])
    card = (folder / "model_card.md").read_text()
    assert "## When accounts leave" in card
    assert "At day 90 the curve is one less the probability, digit for digit." in card
    assert "integrated Brier score" in done.said


def test_pages_may_say_when_accounts_leave_only_where_that_came_true(done: Done) -> None:
    """The bundle carries what the judgement found, and what is published beside scores says so."""
    bundle = done.trained.bundle
    kept = json.loads((done.trained.folder / "curves.json").read_text())["evaluation"]
    found = CurveEvaluation(
        kept["rows"], kept["accounts"], tuple(kept["horizons"]),
        {name: Estimate(**figure) for name, figure in kept["figures"].items()},
    )  # fmt: skip
    assert bundle.survival is not None
    assert bundle.survival.shown is calibrated(found) is True
    assert Bundle.load(done.trained.folder / "bundle").survival.shown is True  # type: ignore[union-attr]
    for shown in (True, False):
        other = replace(bundle, survival=replace(bundle.survival, shown=shown))
        said = display("churn", None, Behind(other, RunOf(), "v"))
        assert ("curves" in said) is shown


def test_what_is_judged_lies_after_all_that_was_learned(done: Done) -> None:
    kept = json.loads((done.trained.folder / "curves.json").read_text())
    until = dt.date.fromisoformat(kept["learned_until"])
    assert min(map(dt.date.fromisoformat, kept["as_of"])) == until
    # The last horizon of the first date judged has been observed to its end.
    assert until + dt.timedelta(days=HORIZONS[-1]) <= START + dt.timedelta(days=DAYS)
    assert kept["evaluation"]["horizons"] == list(HORIZONS)


def test_scores_end_with_the_curve(done: Done) -> None:
    rows = rows_of(done)
    table = Scorer(done.trained.bundle).table(rows)
    assert table.schema == schema("churn", horizons=HORIZONS)
    assert table.column_names[-6:] == COLUMNS
    assert horizons_in(table.column_names) == HORIZONS
    frame = table.drop_columns(["reasons"]).to_pandas()
    stays = frame[[f"stays_{day}" for day in HORIZONS]].to_numpy()
    assert len(stays) > 100
    assert (np.diff(np.column_stack([np.ones(len(stays)), stays]), axis=1) <= 0).all()
    assert (stays[:, 2] == 1.0 - frame["probability"].to_numpy()).all()
    assert (frame["expected_days"] <= 180).all()
    assert (frame["lifetime_days"] > frame["expected_days"]).all()


def test_a_row_alone_has_the_same_curve_bit_by_bit(done: Done) -> None:
    rows = rows_of(done)
    scorer = Scorer(done.trained.bundle)
    whole = scorer.score(rows)[COLUMNS]
    for place in (0, 17, len(rows) - 1):
        alone = scorer.score(rows.slice(place, 1))[COLUMNS]
        assert alone.to_numpy().tobytes() == whole.iloc[[place]].to_numpy().tobytes()
    blocks = pa.Table.from_batches(list(scorer.blocks(rows, rows=50)))
    assert blocks.select(COLUMNS).to_pandas().to_numpy().tobytes() == whole.to_numpy().tobytes()


@pytest.fixture(scope="module")
def wanted(done: Done) -> pa.Table:
    """The curves of the day after the data, as scored in memory."""
    return Scorer(done.trained.bundle).table(rows_of(done)).select(["entity_id", *COLUMNS])


@pytest.mark.parametrize("name", ["scores", "scores.parquet", "scores.csv", "delta:scores"])
def test_every_place_to_write_to_holds_the_curves(
    done: Done, wanted: pa.Table, tmp_path: Path, name: str
) -> None:
    spec = read_spec(done.crm.folder / "models" / "churn.yaml")
    day = START + dt.timedelta(days=DAYS)
    out = str(tmp_path / "scores") if name.startswith("delta:") else tmp_path / name
    out = f"delta:{out}" if name.startswith("delta:") else out
    score(spec, done.crm, day, out, model=str(done.trained.folder), tracking=Tracking(), how=How(chunk=64))
    path = tmp_path / name.removeprefix("delta:")
    if name == "scores":
        found = salesml.read_scores(path, "churn", day.isoformat())
    elif name.startswith("delta:"):
        from deltalake import DeltaTable

        found = DeltaTable(str(path)).to_pyarrow_table().sort_by("entity_id")
    else:
        found = read_csv(path) if name.endswith("csv") else pq.read_table(path)
    for column in wanted.column_names:
        assert found[column].to_pylist() == wanted[column].to_pylist(), column


def test_executors_of_spark_give_the_same_curves(
    done: Done, wanted: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_spark, "_READY", {})
    context = SimpleNamespace(
        broadcast=lambda value: SimpleNamespace(value=value),
        accumulator=lambda *_: SimpleNamespace(add=lambda _: None),
    )
    frame: Any = SimpleNamespace(sparkSession=SimpleNamespace(sparkContext=context))
    shipped = in_spark.ship(Scorer(done.trained.bundle), frame, top=3, run_id="run")
    batches = list(in_spark.ScoreBatches(shipped)(rows_of(done).to_batches(max_chunksize=50)))
    found = pa.Table.from_batches(batches)
    assert found.schema == schema("churn", horizons=HORIZONS)
    assert found.select(wanted.column_names).equals(wanted)


def test_a_row_that_cannot_be_scored_has_no_curve(done: Done) -> None:
    frame: pd.DataFrame = rows_of(done).to_pandas().iloc[:3].copy()
    frame["uses_recency"] = [7.0, np.inf, 9.0]
    scored = Scorer(done.trained.bundle).score(frame)
    assert scored["status"].tolist() == ["scored", "not scored", "scored"]
    assert np.isnan(scored["stays_30"][1])
    assert scored["stays_30"].notna().tolist() == [True, False, True]


def test_the_bundle_comes_back_and_a_changed_text_does_not(done: Done, tmp_path: Path) -> None:
    bundle = done.trained.bundle
    again = Bundle.load(bundle.save(tmp_path / "bundle"))
    assert again.digest == bundle.digest
    assert again.horizons == HORIZONS
    assert bundle.survival is not None
    assert replace(bundle, survival=None).digest != bundle.digest
    path = tmp_path / "bundle" / "hazard.txt"
    path.write_text(path.read_text().replace("leaf_value=", "leaf_value=9", 1))
    with pytest.raises(ModelError, match=r"hazard\.txt of the bundle .* is not as it was written"):
        Bundle.load(tmp_path / "bundle")


def test_curves_of_another_model_are_refused(done: Done) -> None:
    bundle = done.trained.bundle
    training = replace(bundle.training, horizon_days=60)
    with pytest.raises(ModelError, match="another horizon, than the model of whether they do"):
        replace(bundle, training=training)


def test_horizons_beyond_the_data_are_refused_before_anything_is_fitted(done: Done) -> None:
    spec = read_spec(done.crm.folder / "models" / "churn.yaml")
    far = replace(spec, horizons_days=(30, 90, 180, 365, 600))
    said: list[str] = []
    with pytest.raises(DataError) as caught:
        train("churn", done.crm, spec=far, log=False, say=said.append)
    assert "horizons_days asks for 365, 600" in str(caught.value)
    assert "With these dates curves reach to day 180" in str(caught.value)
    assert "Take more training dates (as_of.train)" in str(caught.value)
    assert not any(line.startswith("Fitting") for line in said)


def test_no_curves_of_rows_sampled_by_their_outcome(done: Done) -> None:
    spec = read_spec(done.crm.folder / "models" / "churn.yaml")
    with pytest.raises(UsageError, match="nobody knows when the others left"):
        train("churn", done.crm, spec=replace(spec, learner={"base_rate": 0.1}), log=False)


def test_a_horizon_up_to_which_few_left_is_left_out_and_named(done: Done) -> None:
    spec = read_spec(done.crm.folder / "models" / "churn.yaml")
    few = replace(
        spec, horizons_days=(1, 90), as_of=AsOfRule(every="month", train=1, validate=0, test=1),
        learner={"n_folds": 2, "max_trees": 20},
    )  # fmt: skip
    said: list[str] = []
    trained = train("churn", done.crm, spec=few, log=False, say=said.append)
    assert trained.bundle.horizons == (90,)
    assert any("Day 1 is left out of the curves: only" in line for line in said)
    assert "left out as too few accounts" in (trained.folder / "model_card.md").read_text()
