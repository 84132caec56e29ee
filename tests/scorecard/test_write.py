from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.errors import OutsideError, UsageError
from salesml.scorecard import write
from salesml.scorecard.registry import all_tables
from salesml.scorecard.write import check_free, save
from tests.scorecard.made import tables

OLD = {"figures": pd.DataFrame({"value": [1.0]})}
NEW = {"figures": pd.DataFrame({"value": [2.0]})}


def value(folder: Path) -> float:
    return float(pd.read_parquet(folder / "figures.parquet")["value"].item())


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_each_table_is_there_twice_beside_schema_and_pages(tmp_path: Path) -> None:
    made = tables(3)
    out = save(made, tmp_path / "card", all_tables(), {"report.html": "<p>été"})
    expected = {f"{name}.{ending}" for name in made for ending in ("parquet", "csv")}
    assert set(names(out)) == expected | {"schema.json", "report.html"}
    assert (out / "report.html").read_text(encoding="utf-8") == "<p>été"
    described = json.loads((out / "schema.json").read_text(encoding="utf-8"))
    for name in made:
        assert described[name]["rows"] == len(made[name])
        listed = [(each["name"], each["type"]) for each in described[name]["columns"]]
        written = pq.read_schema(out / f"{name}.parquet")
        assert listed == [(each.name, str(each.type)) for each in written]
        assert all(each["meaning"] for each in described[name]["columns"])


def test_days_are_days_in_csv(tmp_path: Path) -> None:
    out = save(tables(3), tmp_path / "card", all_tables())
    assert (out / "periods.csv").read_text().splitlines()[1] == "quarter,2024-01-01,2024-04-01,2024 Q1,True"


def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(tmp_path: Path) -> None:
    out = save({"people": pd.DataFrame({"name": ["=1+1"]})}, tmp_path / "card")
    assert (out / "people.csv").read_text().splitlines()[1] == "'=1+1"


def test_an_earlier_scorecard_is_replaced_whole(tmp_path: Path) -> None:
    out = save({**OLD, "gone": OLD["figures"]}, tmp_path / "card")
    save(NEW, out)
    assert value(out) == 2.0
    assert names(out) == ["figures.csv", "figures.parquet", "schema.json"]
    assert names(tmp_path) == ["card"]


def test_nothing_else_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError) as error:
        save(NEW, tmp_path / "card")
    assert error.value.code == "folder-exists"
    assert "holds something else than a scorecard" in str(error.value)
    assert (tmp_path / "card" / "letter.txt").read_text() == "mine"


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "card").write_text("mine")
    with pytest.raises(UsageError):
        check_free(tmp_path / "card")


def test_a_failure_in_the_middle_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = save(OLD, tmp_path / "card")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "put", full)
    with pytest.raises(OutsideError) as error:
        save(NEW, out)
    assert error.value.code == "not-written"
    assert "No space left on device" in str(error.value)
    assert value(out) == 1.0
    assert names(tmp_path) == ["card"]


def test_a_failure_between_the_names_gives_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = save(OLD, tmp_path / "card")
    rename = write.rename

    def refuse_new(source: Path, target: Path) -> None:
        if source.name == ".card.new":
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(write, "rename", refuse_new)
    with pytest.raises(OutsideError):
        save(NEW, out)
    assert value(out) == 1.0
    assert names(tmp_path) == ["card"]


def test_a_run_killed_between_the_names_is_mended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = save(OLD, tmp_path / "card")
    out.rename(tmp_path / ".card.old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "put", full)
    with pytest.raises(OutsideError):
        save(NEW, out)
    assert value(out) == 1.0
    monkeypatch.undo()
    save(NEW, out)
    assert value(out) == 2.0
    assert names(tmp_path) == ["card"]
