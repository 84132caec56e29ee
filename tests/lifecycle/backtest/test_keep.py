"""The folder of a backtest is whole or not there; its JSON is what every reader takes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from salesml.errors import OutsideError
from salesml.lifecycle.backtest.keep import keep, plain


def kept(parent: Path, draw: Any) -> Path:
    table = pd.DataFrame({"as_of": [dt.date(2025, 1, 1)], "auc": [0.7]})
    return keep(
        parent, data={"auc": float("nan")}, table=table, tables={}, texts={"report.md": "# x\n"}, draw=draw
    )


def test_everything_is_written(tmp_path: Path) -> None:
    folder = kept(tmp_path / "backtests", lambda path: path.write_bytes(b"png"))
    assert {path.name for path in folder.iterdir()} == {
        "backtest.json", "table.csv", "table.parquet", "report.md", "chart.png",
    }  # fmt: skip
    assert json.loads((folder / "backtest.json").read_text()) == {"auc": None}
    assert (folder / "table.csv").read_text() == "as_of,auc\n2025-01-01,0.7\n"


def test_two_in_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    folders = {kept(tmp_path, lambda path: path.write_bytes(b"png")) for _ in range(3)}
    assert len(folders) == 3


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutsideError) as caught:
        kept(tmp_path, full)
    assert "could not be kept" in str(caught.value)
    assert "No space left on device" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_plain_data() -> None:
    day = dt.date(2025, 1, 1)
    assert plain({"a": (1, float("inf"), None, True), day: [day]}) == {
        "a": [1, None, None, True],
        "2025-01-01": ["2025-01-01"],
    }
