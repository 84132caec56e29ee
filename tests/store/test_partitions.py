"""Which files a table has, and what their folders say."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest

from salesml.errors import UsageError
from salesml.store.partitions import column_of, parts_of


def file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def found(path: Path) -> list[tuple[str, dict[str, str]]]:
    return [(part.path.name, dict(part.values)) for part in parts_of(path)]


def generation(folder: Path, name: str = "run") -> Path:
    """As `salesml score` leaves it beside a dataset."""
    made = folder / ".scores.salesml" / "generations" / "task=churn,as_of=2026-01-31" / name
    file(made / "parts" / f"part-{name}.parquet")
    file(made / "quarantine" / f"part-{name}.parquet")
    (made / "manifest.json").write_text(json.dumps({"task": "churn", "as_of": "2026-01-31"}))
    return made


def test_hidden_files_belong_to_no_table(tmp_path: Path) -> None:
    for name in (
        "b.parquet",
        "a.parquet",
        ".c.parquet",
        "_d.parquet",
        "e.txt",
        "_f/g.parquet",
        "h/i.parquet",
    ):
        file(tmp_path / name)
    assert [name for name, _ in found(tmp_path)] == ["a.parquet", "b.parquet", "i.parquet"]
    assert found(tmp_path / "nothing") == []


def test_folders_say_what_their_names_do(tmp_path: Path) -> None:
    path = file(tmp_path / "task=churn" / "as_of=2026-01-31" / "city=New%20York" / "x.parquet")
    wanted = {"task": "churn", "as_of": "2026-01-31", "city": "New York"}
    assert found(tmp_path) == found(path) == found(path.parent) == [("x.parquet", wanted)]


def test_a_generation_says_it_in_its_manifest_and_its_quarantine_is_no_part(tmp_path: Path) -> None:
    made = generation(tmp_path)
    link = tmp_path / "scores" / "task=churn" / "as_of=2026-01-31"
    link.parent.mkdir(parents=True)
    link.symlink_to(made / "parts")
    wanted = [("part-run.parquet", {"task": "churn", "as_of": "2026-01-31"})]
    for path in (made, made / "parts", link, tmp_path / "scores"):
        assert found(path) == wanted


def test_a_link_that_turns_meanwhile_mixes_nothing(tmp_path: Path) -> None:
    first, second = generation(tmp_path, "one"), generation(tmp_path, "two")
    link = tmp_path / "as_of=2026-01-31"
    link.symlink_to(first / "parts")
    (part,) = parts_of(link)
    link.unlink()
    link.symlink_to(second / "parts")
    assert part.path.is_file(), "it is the file of the generation that was looked up"
    assert part.path.name == "part-one.parquet"


def test_links_in_a_ring_end(tmp_path: Path) -> None:
    file(tmp_path / "a.parquet")
    (tmp_path / "again").symlink_to(tmp_path)
    assert [name for name, _ in found(tmp_path)] == ["a.parquet"]


def test_a_delta_table_is_refused(tmp_path: Path) -> None:
    file(tmp_path / "delta" / "a.parquet")
    (tmp_path / "delta" / "_delta_log").mkdir()
    with pytest.raises(UsageError, match="holds files that no longer count") as caught:
        parts_of(tmp_path)
    assert caught.value.code == "delta-table"


def test_values_become_dates_or_texts() -> None:
    assert column_of("2026-01-31", 2).to_pylist() == [dt.date(2026, 1, 31)] * 2
    assert column_of("churn", 1).type == pa.string()
