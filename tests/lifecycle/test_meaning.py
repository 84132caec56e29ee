"""A model scores only rows that mean what they meant in training."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from salesml.cli import main
from salesml.crm.contract import EventLog
from salesml.errors import ModelError
from salesml.lifecycle.meaning import meaning, refuse_other_meaning
from salesml.model.bundle import Bundle
from tests.lifecycle.conftest import Project


def refused(project: Project, *, label: int = 0, **log: object) -> str:
    """What is said of the project with another label, or another log of orders."""
    spec, contract = project.spec, project.crm.contract
    trained = meaning(spec, contract)
    if label:
        spec = replace(spec, label=replace(spec.label, inactive_days=label))
    orders: EventLog = replace(contract.events["orders"], **log)  # type: ignore[arg-type]
    with pytest.raises(ModelError) as caught:
        refuse_other_meaning(trained, spec, replace(contract, events={"orders": orders}))
    assert caught.value.code == "other-meaning"
    return str(caught.value)


def test_the_bundle_keeps_it(project: Project) -> None:
    kept = Bundle.load(project.trained.folder / "bundle").meaning
    assert kept == meaning(project.spec, project.crm.contract)
    refuse_other_meaning(kept, project.spec, project.crm.contract)


def test_another_label(project: Project) -> None:
    said = refused(project, label=17)
    assert "label is not as in training: trained with" in said
    assert '"inactive_days": 17' in said
    assert "Train again, or score with the spec" in said


def test_another_meaning_of_a_log(project: Project) -> None:
    assert "events.orders.where is not as in training" in refused(project, where="quantity > 3")
    assert "events.orders.id is not" in refused(project, id="")
    assert "events.orders.measures.revenue" in refused(project, measures={"revenue": "7 * unit_price"})


def test_sql_is_kept_as_a_digest_only(project: Project) -> None:
    contract = project.crm.contract
    orders = replace(contract.events["orders"], where="customer_id <> 'Mrs Smith'")
    kept = meaning(project.spec, replace(contract, events={"orders": orders}))
    assert "Smith" not in str(kept)


def test_places_words_and_blanks_do_not_matter(project: Project) -> None:
    contract = project.crm.contract
    log = contract.events["orders"]
    moved = replace(
        log,
        source=replace(log.source, files="elsewhere.parquet"),
        words="purchase",
        measures={name: f" {sql} " for name, sql in log.measures.items()} | {"more": "1"},
    )
    changed = replace(contract, events={"orders": moved, "visits": replace(log, name="visits")})
    refuse_other_meaning(meaning(project.spec, contract), project.spec, changed)


def test_the_command_refuses(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    other, out = tmp_path / "churn.yaml", tmp_path / "scores.csv"
    shutil.copy("models/churn.yaml", other)
    text = other.read_text()
    other.write_text(text.replace("windows_days: [", "windows_days: [7, ", 1))
    assert other.read_text() != text
    words = ["--as-of", "2026-01-01", "--out", str(out), "--spec", str(other)]
    assert main(["score", "churn", *words]) == 1
    assert "windows_days is not as in training" in capsys.readouterr().err
    assert not out.exists()
