"""A training done again from what it recorded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salesml import lifecycle
from salesml.cli import main
from salesml.config import Tracking
from salesml.crm import CRM
from salesml.errors import ModelError, UsageError
from salesml.lifecycle import fit, train
from salesml.lifecycle.ordered import Order
from salesml.lifecycle.reproduce import Reproduced, reproduce
from salesml.lifecycle.train_table import train_table
from salesml.model.bundle import Bundle
from tests.lifecycle.conftest import Project


@pytest.fixture
def shop(project: Project, tmp_path: Path) -> Path:
    """A copy of the project that may be changed."""
    return Path(shutil.copytree(project.folder, tmp_path / "shop"))


def again(project: Project, shop: Path) -> Reproduced:
    return reproduce(project.trained.folder, CRM.open(shop / "crm.yaml"))


def test_a_run_gives_the_same_digest(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    uri = project.trained.logged.uri if project.trained.logged else ""
    options = ["--crm", str(project.folder / "crm.yaml"), "--config", str(project.folder / "mlflow.yaml")]
    before = sorted(project.folder.rglob("*"))
    assert main(["reproduce", uri, *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["same"] is True
    assert found["now"] == found["then"] == project.trained.bundle.digest
    left = [each for each in project.folder.rglob("*") if each not in before and "mlflow.db" not in each.name]
    assert left == []  # nothing is kept, logged or moved


def test_dates_are_those_of_then(project: Project, shop: Path) -> None:
    """Later orders would have the rule choose later dates."""
    orders = pd.read_parquet(shop / "orders.parquet")
    more = orders.tail(40).assign(**{
        column: orders[column].max() + pd.Timedelta(days=200)
        for column in orders.select_dtypes("datetime").columns
    })  # fmt: skip
    pd.concat([orders, more]).to_parquet(shop / "orders.parquet")
    done = again(project, shop)
    assert not done.same
    assert done.differences == (
        (
            "The tables hold other bytes than they did then: rows that came since about days before the "
            "as-of dates were not known to it"
        ),
        "Trees, calibration, features and bands are the same all the same",
    )


def test_a_changed_row_is_named(project: Project, shop: Path) -> None:
    orders = pd.read_parquet(shop / "orders.parquet")
    half = len(orders) // 2
    pd.concat([orders.head(half), orders.tail(half // 2)]).to_parquet(shop / "orders.parquet")
    done = again(project, shop)
    assert not done.same
    assert done.differences[0].startswith("The tables hold other bytes")
    assert done.differences[1].startswith("Of the model differ: the trees")
    assert done.text().startswith(f"Not the same model: its digest was {done.then[:12]} and is")


def test_another_contract_is_named(project: Project, shop: Path) -> None:
    contract = shop / "crm.yaml"
    contract.write_text(contract.read_text().replace("version: 1", "version: 1  # edited", 1))
    assert again(project, shop).differences[0].startswith("crm.yaml is not as it was then")


def test_another_spec_does_not_matter(project: Project, shop: Path) -> None:
    """What the run recorded counts, not what stands in models/ now."""
    (shop / "models" / "churn.yaml").write_text("task: nonsense\n")
    assert again(project, shop).same


def test_another_version_is_named(project: Project, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = {**fit.versions(), "lightgbm": "99.0"}
    monkeypatch.setattr(fit, "versions", lambda: later)
    monkeypatch.setattr(lifecycle.reproduce, "versions", lambda: later)
    was = project.trained.bundle.versions["lightgbm"]
    assert again(project, shop).differences == (
        f"lightgbm was {was} and is 99.0",
        "Nothing else that was recorded differs: look at the machine it was trained on",
    )


def test_what_was_left_out_is_left_out_again(project: Project, shop: Path) -> None:
    """Columns that a command leaves out stand in no spec."""
    crm = CRM.open(shop / "crm.yaml")
    out = project.trained.bundle.columns[0]
    trained = train("churn", crm, spec=replace(project.spec, exclude=(out,)), log=False)
    assert out not in trained.bundle.columns
    assert reproduce(trained.folder, crm).same


@pytest.mark.parametrize("order", [None, Order("place", start="200")])
def test_a_flat_table(order: Order | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"who": range(300), "place": range(300), "left": ["yes", "no", "no"] * 100})
    frame["calls"] = frame["place"] % 7 + 3 * (frame["left"] == "yes") * (frame["place"] % 5 > 0)
    frame.to_csv("table.csv", index=False)
    trained = train_table(
        "plans", Path("table.csv"), id_column="who", target="left", positive="yes", log=False, order=order
    )
    with pytest.raises(UsageError, match="trained from a flat table, and none is given"):
        reproduce(trained.folder)
    assert reproduce(trained.folder, table=Path("table.csv")).same
    assert len(list(Path("models/plans").iterdir())) == 1
    frame.assign(calls=frame["calls"] + 1).to_csv("table.csv", index=False)
    done = reproduce(trained.folder, table=Path("table.csv"))
    assert done.differences[0] == "The table holds other bytes than it did then"


def test_too_little_was_recorded(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"trained from the tables of crm\.yaml, and none is given"):
        reproduce(project.trained.folder)
    run = Path(shutil.copytree(project.trained.folder, tmp_path / "run"))
    (run / "spec.yaml").unlink()
    with pytest.raises(ModelError, match="did not record its spec"):
        reproduce(run, project.crm)
    (run / "run.json").unlink()
    with pytest.raises(ModelError, match=r"no run\.json beside its bundle"):
        reproduce(run, project.crm, tracking=Tracking())
    assert Bundle.load(run / "bundle").digest == project.trained.bundle.digest
