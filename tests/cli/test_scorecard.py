from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from salesml.cli import main
from tests.scorecard.small import company, tables

# The statistics are tested where they are: here they only cost time.
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    from salesml.scorecard import luck

    monkeypatch.setattr(luck, "DEALS", 9)


def without_orders_of(accounts: int, since: str) -> dict[str, pd.DataFrame]:
    """The company whose first accounts buy nothing from a day on."""
    given = tables(60)
    names = sorted(given["accounts"]["id"])[:accounts]
    orders = given["orders"]
    given["orders"] = orders[~(orders["account"].isin(names) & (orders["day"] >= since))]
    return given


def test_a_scorecard_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = company(tmp_path / "company", tables())
    assert main(["scorecard", "--crm", str(path), "--out", str(tmp_path / "card"), "--threads", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "reading what happened: customers, money, wins, work"
    assert any(
        line.startswith("Customers are kept: Customers lost, per month, 2025 Q4: 0%") for line in lines
    )
    assert lines[-1] == f"wrote {tmp_path / 'card' / 'report.html'}"
    assert (tmp_path / "card" / "report.html").exists()


def test_what_got_worse_is_an_alarm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = company(tmp_path / "company", without_orders_of(40, "2025-07-16"))
    out = tmp_path / "card"
    code = main(["scorecard", "--crm", str(path), "--out", str(out), "--threads", "1", "--json"])
    heard = capsys.readouterr()
    told = json.loads(heard.out)
    assert code == 3
    assert set(told) == {"format", "first", "until", "checks", "alarms", "data_notes", "out"}
    assert [each["check"] for each in told["checks"]] == [1, 2, 3, 4, 5, 6, 7]
    assert "defection" in {each["metric"] for each in told["alarms"]}
    assert "computing" in heard.err
    assert told["alarms"][0]["words"] in (out / "report.html").read_text(encoding="utf-8")


def test_a_folder_of_somebody_else_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "letter.txt").write_text("mine")
    assert main(["scorecard", "--crm", "nowhere.yaml", "--out", str(tmp_path / "card")]) == 2
    assert "[folder-exists]" in capsys.readouterr().err
