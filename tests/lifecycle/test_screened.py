"""The checks before training in a training: refused, insisted on, kept with the run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.cli import main
from salesml.config import Label, Spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.screened import checked_attributes, without
from salesml.lifecycle.train_table import train_table
from salesml.snapshots import Feature, Snapshot

ROWS = 600


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flat table with a copy of the outcome and an attribute to protect."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    usage = rng.normal(size=ROWS)
    left = rng.random(ROWS) < 1 / (1 + np.exp(1 - 1.5 * usage))
    frame = pd.DataFrame(
        {
            "customer": [f"K{i}" for i in range(ROWS)],
            "usage": usage.round(4),
            "spend": np.exp(rng.normal(3, 1, ROWS)).round(2),
            "gender": np.where(usage + rng.normal(0, 0.3, ROWS) > 0, "f", "m"),
            "closed": np.where(left, "C", "A"),
            "churn": left.astype(int),
        }
    )
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def _words(table: Path) -> list[str]:
    return ["train", "m", "--table", str(table), "--id", "customer", "--target", "churn", "--folds", "2"]


def test_a_copy_of_the_outcome_is_refused_before_training(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_words(table)) == 1
    said = capsys.readouterr()
    assert "stop [equals-outcome" in said.out
    assert "Leave it out with --exclude, or insist with --allow" in said.err
    assert not (table.parent / "models").exists()


def test_left_out_it_trains_and_the_run_keeps_what_was_found(table: Path) -> None:
    spec = table.parent / "m.yaml"
    spec.write_text("task: churn\nlabel: {kind: contract}\nprotected: {gender: checked}\nexclude: [closed]\n")
    trained = train_table(
        "m", table, id_column="customer", target="churn", folds=2, spec_path=spec, log=False
    )  # fmt: skip
    assert {feature.name for feature in trained.bundle.features} == {"usage", "spend"}
    kept = json.loads((trained.folder / "findings.json").read_text())
    assert kept["excluded"] == ["closed"]
    (by_gender,) = kept["by_group"]
    assert [part["group"] for part in by_gender["groups"]] == ["f", "m"]
    assert sum(part["rows"] for part in by_gender["groups"]) == ROWS
    assert any(finding["code"] == "proxy" for finding in kept["findings"])
    card = (trained.folder / "model_card.md").read_text()
    assert "## Checks before training" in card
    assert "gender is no feature, but features tell it: usage (AUC 0.9" in card
    assert "### By gender" in card
    assert "Never used, as the spec says: gender" in card


def test_insisted_on_it_trains_and_says_so(table: Path) -> None:
    said: list[str] = []
    trained = train_table(
        "m", table, id_column="customer", target="churn", folds=2, allow=["closed"], log=False,
        say=said.append,
    )  # fmt: skip
    assert trained.verdict.kind == "suspicious"
    assert "You insist on it" in (trained.folder / "model_card.md").read_text()
    assert any("more note" in line for line in said)


def test_unknown_columns_are_named(table: Path) -> None:
    with pytest.raises(UsageError, match=r"exclude names 'close'.*Did you mean 'closed'"):
        train_table("m", table, id_column="customer", target="churn", exclude=["close"], log=False)


def test_repeated_rows_stay_on_one_side_of_the_test(table: Path) -> None:
    frame = pd.read_csv(table).drop(columns="closed")
    noise = np.random.default_rng(2)
    frame["churn"] = noise.integers(0, 2, ROWS)
    frame["a"], frame["b"] = noise.normal(size=ROWS), noise.normal(size=ROWS)
    again = frame.assign(customer=[f"L{i}" for i in range(ROWS)])
    pd.concat([frame, again, again.assign(customer=[f"M{i}" for i in range(ROWS)])]).to_csv(
        table, index=False
    )
    said: list[str] = []
    trained = train_table(
        "m", table, id_column="customer", target="churn", folds=2, log=False, say=said.append
    )  # fmt: skip
    assert any("1,200 rows repeat an earlier row of another account" in line for line in said)
    assert trained.evaluation.accounts == ROWS
    assert trained.evaluation.metrics["auc"].value < 0.6


def test_a_stop_carries_its_column(table: Path) -> None:
    with pytest.raises(DataError) as caught:
        train_table("m", table, id_column="customer", target="churn", log=False)
    assert caught.value.code == "equals-outcome"
    assert caught.value.faults[0].column == "closed"


def test_a_training_from_tables_keeps_its_findings(project) -> None:  # type: ignore[no-untyped-def]
    kept = json.loads((project.trained.folder / "findings.json").read_text())
    assert not [finding for finding in kept["findings"] if finding["severity"] == "stop"]
    assert "## Checks before training" in (project.trained.folder / "model_card.md").read_text()


def _spec(**keys: tuple[str, ...]) -> Spec:
    return Spec(name="m", task="churn", label=Label(kind="contract"), horizon_days=90, **keys)  # type: ignore[arg-type]


def test_features_are_left_out_by_their_own_name_or_their_columns() -> None:
    features = (Feature(name="account_tags", column="tags"), Feature(name="recency"), Feature(name="spend"))
    snapshot = Snapshot(pa.table({}), features, sql="")
    kept = without(snapshot, _spec(exclude=("tags", "spend"))).features
    assert [feature.name for feature in kept] == ["recency"]
    with pytest.raises(UsageError, match="Did you mean 'recency'"):
        without(snapshot, _spec(exclude=("recensy",)))


def test_checked_attributes_of_accounts_are_found_for_each_row(tmp_path: Path) -> None:
    accounts = pd.DataFrame({"id": ["a", "b", "c"], "gender": ["f", "m", None]})
    accounts.to_csv(tmp_path / "accounts.csv", index=False)
    (tmp_path / "crm.yaml").write_text(
        "version: 1\ncurrency: EUR\ntimezone: Europe/Berlin\n"
        "accounts: {source: accounts.csv, id: id, attributes: [gender]}\n"
    )
    crm = CRM.open(tmp_path / "crm.yaml")
    owner = np.array(["b", "a", "b", "z"], dtype=object)
    rows = Rows(pd.DataFrame(index=range(4)), np.zeros(4, np.int8), owner, np.array([]), np.zeros(4))
    found = checked_attributes(crm, _spec(checked=("gender",)), rows)
    assert found is not None
    assert found["gender"].tolist()[:3] == ["m", "f", "m"]
    assert found["gender"].isna().tolist() == [False, False, False, True]
    assert checked_attributes(crm, _spec(), rows) is None
    with pytest.raises(UsageError, match="checks faith, which is no attribute"):
        checked_attributes(crm, _spec(checked=("faith",)), rows)
