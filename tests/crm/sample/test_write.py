"""The simulated company as files: repeatable, whole or not there, a block at a time."""

from __future__ import annotations

import hashlib
import inspect
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

import salesml
from salesml.cli import main
from salesml.crm import validate
from salesml.crm.sample import sample, streams, write
from salesml.crm.sample.block import Plan, make_plan, simulate
from salesml.crm.sample.calendar import END, calendar_of
from salesml.errors import OutsideError, UsageError


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        salesml.sample(tmp_path / name, size=1000, seed=seed, days=365)
    one, again, other = (_digests(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one.keys() == other.keys()
    same = {name for name in one if one[name] == other[name]}
    assert same == {name for name in one if name.endswith(".yaml")} | {"truth/effects.parquet"}


def test_a_larger_company_begins_with_the_smaller(folder: Path, tmp_path: Path) -> None:
    sample(tmp_path / "half", size=2000, seed=5)
    for path in sorted((tmp_path / "half").rglob("*.parquet")):
        small, large = pq.read_table(path), pq.read_table(folder / path.relative_to(tmp_path / "half"))
        assert large.slice(0, len(small)).equals(small), path.name


def test_a_block_can_be_had_alone(folder: Path) -> None:
    second = simulate(make_plan(4000, 5, calendar_of(730)), 1).prospect_truth["p_observable"]
    written = pq.read_table(folder / "truth/prospects.parquet")["p_observable"].to_numpy()
    assert (written[-len(second) :] == second).all()


def test_how_rows_are_grouped_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample(tmp_path / "few", size=4000, seed=1, days=365)
    monkeypatch.setattr(streams, "ROWS", 700)
    sample(tmp_path / "many", size=4000, seed=1, days=365)
    for path in sorted((tmp_path / "few").rglob("*.parquet")):
        many = tmp_path / "many" / path.relative_to(tmp_path / "few")
        assert pq.read_table(many).equals(pq.read_table(path)), path.name
    assert pq.ParquetFile(tmp_path / "many/orders.parquet").num_row_groups > 50


def test_no_more_is_kept_than_a_group_and_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks_held: list[weakref.ref[Any]] = []
    rows_held: list[int] = []
    real_blocks, real_add = write.blocks, streams.Streams.add

    class Tables(dict[str, Any]):
        """Which can be watched."""

    def watched(plan: Plan) -> Iterator[dict[str, Any]]:
        for tables in real_blocks(plan):
            assert not [each for each in blocks_held[:-1] if each() is not None]
            kept = Tables(tables)
            blocks_held.append(weakref.ref(kept))
            yield kept
            del kept, tables

    def add(self: streams.Streams, name: str, table: Any) -> None:
        real_add(self, name, table)
        rows_held.append(self.waiting)

    monkeypatch.setattr(streams, "ROWS", 5_000)
    monkeypatch.setattr(write, "blocks", watched)
    monkeypatch.setattr(streams.Streams, "add", add)
    sample(tmp_path / "company", size=8000, days=365)
    assert len(blocks_held) == 4
    assert 0 < max(rows_held) < 5_000
    assert inspect.isgeneratorfunction(real_blocks)


def test_nothing_stays_of_a_run_that_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = write.simulate

    def breaks(plan: Plan, number: int) -> Any:
        if number:
            raise OSError("the disk is full")
        return real(plan, number)

    monkeypatch.setattr(streams, "ROWS", 1_000)
    monkeypatch.setattr(write, "simulate", breaks)
    with pytest.raises(OutsideError, match="company could not be written: the disk is full"):
        sample(tmp_path / "company", size=4000, days=365)
    assert not list((tmp_path / "company").iterdir())


def test_a_place_that_is_no_folder_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["sample", str(tmp_path / "file"), "--size", "1000", "--days", "365"]) == 4
    assert "[not-written]" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_wrong_with_a_request_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text("version: 1")
    with pytest.raises(UsageError) as error:
        sample(tmp_path, size=10, seed=-1, days=30)
    assert [fault.code for fault in error.value.faults] == [*["bad-value"] * 3, "file-exists"]
    text = str(error.value)
    assert "size is 10. It must lie between 1,000 and 10,000,000." in text
    assert "days is 30. It must lie between 365 and 3,653." in text
    assert "already has crm.yaml. Take another folder, or move those files away." in text
    assert [path.name for path in tmp_path.iterdir()] == ["crm.yaml"]


def test_a_table_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").write_text("mine")
    with pytest.raises(UsageError, match=r"already has orders\.parquet"):
        sample(tmp_path, size=1000, days=365)
    assert (tmp_path / "orders.parquet").read_text() == "mine"


def test_validate_finds_nothing_fatal(folder: Path) -> None:
    report = validate(folder / "crm.yaml", END)
    assert not report.fatal
    assert not report.faults, [str(fault) for fault in report.faults]


def test_the_contract_leaves_the_truth_alone(folder: Path) -> None:
    contract = (folder / "crm.yaml").read_text(encoding="utf-8")
    sources = [line for line in contract.splitlines() if "source:" in line]
    assert sources
    assert not [line for line in sources if "truth" in line]
    assert yaml.safe_load(contract)["exclude"] == ["prospects.call_result"]
    assert "all but tells the outcome" in contract


def test_the_models_look_from_the_first_of_a_month(folder: Path) -> None:
    for name, trained in (("churn", 6), ("conversion", 12)):
        as_of = yaml.safe_load((folder / f"models/{name}.yaml").read_text(encoding="utf-8"))["as_of"]
        assert len(as_of["train"]) == trained
        assert {each.day for dates in as_of.values() for each in dates} == {1}
        assert str(as_of["train"][-1]) == "2025-04-01"
        assert str(as_of["validate"][0]) == "2025-07-01"
        assert str(as_of["test"][0]) == "2025-10-01"


def test_all_that_is_written_is_looked_for_beforehand(folder: Path) -> None:
    assert set(_digests(folder)) == {*write.TABLES, *write.PROJECT}


def test_sizes_are_about_what_was_asked_for(folder: Path) -> None:
    accounts = pq.ParquetFile(folder / "accounts.parquet").metadata.num_rows
    assert accounts == pytest.approx(4000, rel=0.2)
    assert pq.ParquetFile(folder / "prospects.parquet").metadata.num_rows == 8000


@pytest.mark.parametrize(("size", "sizes"), [(1000, [1000]), (2999, [2999]), (3100, [2000, 1100])])
def test_no_block_is_small(size: int, sizes: list[int]) -> None:
    assert list(make_plan(size, 0, calendar_of(730)).sizes) == sizes


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "company"
    assert main(["sample", str(folder), "--size", "1000", "--seed", "2", "--days", "365"]) == 0
    said = capsys.readouterr().out
    assert f"wrote {folder / 'crm.yaml'}" in said
    assert "salesml train conversion" in said
    assert main(["sample", str(folder), "--size", "1000"]) == 2
    assert "[file-exists]" in capsys.readouterr().err
