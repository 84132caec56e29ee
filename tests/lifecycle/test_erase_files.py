"""Files are written anew without those who are erased, and searched for what is left."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, UsageError
from salesml.lifecycle.erase import erase_everywhere
from salesml.lifecycle.erase_files import erase_from_files
from salesml.scoring.rank.write import METADATA
from salesml.scoring.table import schema
from salesml.scoring.write import write
from salesml.store.engine import Store
from salesml.store.erase import people
from salesml.store.publish import publish
from tests.conftest import need
from tests.scoring.batch.made import publish as publish_job
from tests.scoring.made import rows
from tests.store import made

GONE = "C-000004"


def table(model: str = "churn") -> pa.Table:
    rows = [made.row(number, model=model) | {"entity_id": f"C-{number:06d}"} for number in range(9)]
    return pa.Table.from_pylist(rows, schema=schema(model))


def ids(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return [str(each) for each in pq.read_table(path)["entity_id"].to_pylist()]
    with path.open(newline="") as file:
        return [row["entity_id"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_rows_go_and_all_others_stay_as_they_were(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"scores.{ending}"
    write(table().to_batches(), schema("churn"), path, metadata={METADATA: "{}"})
    before = path.read_bytes()
    whole = pq.read_table(path) if ending == "parquet" else None
    done = erase_from_files([path], people(accounts=[GONE]))
    assert (done.removed, done.left) == ({str(path): 1}, {})
    assert ids(path) == [f"C-{number:06d}" for number in range(9) if number != 4]
    if whole is not None:
        kept = pq.read_table(path)
        assert kept.equals(pa.concat_tables([whole.slice(0, 4), whole.slice(5)]), check_metadata=True)
        assert GONE.encode() not in path.read_bytes()
    else:
        lines = before.splitlines(keepends=True)
        assert path.read_bytes() == b"".join([*lines[:5], *lines[6:]])


def test_files_without_them_are_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    write(table().to_batches(), schema("churn"), path)
    before = path.stat()
    done = erase_from_files([path], people(prospects=[GONE], accounts=["X-000001"]))
    assert (done.removed, path.stat().st_mtime_ns, path.stat().st_ino) == (
        {},
        before.st_mtime_ns,
        before.st_ino,
    )


def test_the_kind_is_told_by_the_task(tmp_path: Path) -> None:
    for model in ("churn", "conversion"):
        write(table(model).to_batches(), schema(model), tmp_path / f"{model}.csv")
    erase_from_files([tmp_path], people(prospects=[GONE]))
    assert (len(ids(tmp_path / "churn.csv")), len(ids(tmp_path / "conversion.csv"))) == (9, 8)


def test_similar_accounts_lose_both_kinds(tmp_path: Path) -> None:
    path = made.similar(tmp_path / "similar.parquet", 20)
    done = erase_from_files([path], people(accounts=["A-003"], prospects=["F-000007"]))
    kept = pq.read_table(path)
    assert done.removed == {str(path): 60 - kept.num_rows}
    assert "A-003" not in kept["account_id"].to_pylist()
    assert "F-000007" not in kept["entity_id"].to_pylist()


def test_tables_that_name_no_task_and_folders_of_folders(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "churn" / "backtests" / "one"
    folder.mkdir(parents=True)
    pq.write_table(
        pa.table({"entity_id": [GONE, "C-000005"], "expected_loss": [1.0, 2.0]}), folder / "e.parquet"
    )
    (folder / "outcomes.csv").write_text(f"account_id,months\n{GONE},3\nC-000005,4\n")
    done = erase_from_files([tmp_path / "models"], people(accounts=[GONE]))
    assert sorted(done.removed.values()) == [1, 1]
    assert (folder / "outcomes.csv").read_bytes() == b"account_id,months\nC-000005,4\n"


def test_a_dataset_behind_links_and_its_earlier_generations(tmp_path: Path) -> None:
    for generation in ("1", "2"):
        parts = tmp_path / ".out.salesml" / generation
        parts.mkdir(parents=True)
        pq.write_table(pa.table({"entity_id": [GONE, "C-000005"]}), parts / f"{generation}.parquet")
    link = tmp_path / "out" / "task=churn" / "as_of=2026-01-01"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / ".out.salesml" / "2", target_is_directory=True)
    done = erase_from_files([tmp_path / "out"], people(accounts=[GONE]))
    assert (len(done.removed), done.searched, sum(done.removed.values())) == (2, 2, 2)
    assert link.is_symlink()
    assert ids(link / "2.parquet") == ["C-000005"]
    assert ids(tmp_path / ".out.salesml" / "1" / "1.parquet") == ["C-000005"]


def test_what_a_person_must_read_is_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text(f"Account {GONE} left.\nC-0000045 is another.\n")
    pq.write_table(pa.table({"entity_id": ["C-9"], "note": [f"as {GONE} said"]}), tmp_path / "n.parquet")
    done = erase_from_files([tmp_path], people(accounts=[GONE]))
    assert done.removed == {}
    assert sorted(done.left.values()) == [1, 1]
    assert "may still mention them 1 times" in done.text()
    assert "A person must read" in done.text()


def test_what_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing")
    with pytest.raises(DataError) as caught:
        erase_from_files([tmp_path], people(accounts=[GONE]))
    assert "cannot be read, and so not be searched" in str(caught.value)
    with pytest.raises(UsageError) as missing:
        erase_from_files([tmp_path / "none"], people(accounts=[GONE]))
    assert missing.value.code == "missing-file"


def test_numbers_as_ids_are_rows_and_never_words(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("entity_id,orders\n1024,3\n7,1024\n")
    pq.write_table(
        pa.table({"entity_id": [1024, 7], "words": ["1024 orders", "1024 orders"]}), tmp_path / "t.parquet"
    )
    done = erase_from_files([tmp_path], people(accounts=["1024"]))
    assert (sorted(done.removed.values()), done.left) == ([1, 1], {})
    assert (tmp_path / "t.csv").read_bytes() == b"entity_id,orders\n7,1024\n"
    assert pq.read_table(tmp_path / "t.parquet")["entity_id"].to_pylist() == [7]


def test_store_and_files_together(tmp_path: Path) -> None:
    address, path = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "scores.parquet"
    write(table().to_batches(), schema("churn"), path)
    with Store(address) as store:
        publish(store, path)
    done = erase_everywhere([GONE], [], store=address, files=[path])
    assert not done.alarming
    assert done.as_dict()["store"]["removed"]["scores"] == 1
    assert "rows removed: 1" in done.text()
    with pytest.raises(UsageError) as caught:
        erase_everywhere([GONE], [], store=None)
    assert "Give --store URL, --files PATH or both" in str(caught.value)


def dataset(folder: Path) -> Path:
    """A dataset of one date with an earlier generation; a link to it."""
    generations = folder / ".scores.salesml" / "generations" / "task=churn,as_of=2026-01-01"
    for name in ("1", "2"):
        (generations / name).mkdir(parents=True)
        write(table().to_batches(), schema("churn"), generations / name / "parts.parquet")
    (folder / "scores" / "task=churn").mkdir(parents=True)
    (folder / "scores" / "task=churn" / "as_of=2026-01-01").symlink_to(generations / "2")
    (folder / "latest").symlink_to(folder / "scores")
    return generations


@pytest.mark.parametrize("named", ["scores", "latest", "scores/task=churn/as_of=2026-01-01", "."])
def test_earlier_generations_are_found_however_the_dataset_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    generations = dataset(tmp_path)
    monkeypatch.chdir(tmp_path)
    erase_from_files([Path(named)], people(accounts=[GONE]))
    assert [GONE in ids(generations / name / "parts.parquet") for name in ("1", "2")] == [False, False]


def test_with_a_file_goes_what_could_not_be_scored(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    apart = tmp_path / "scores.parquet.quarantine.parquet"
    for each in (path, apart):
        write(table().to_batches(), schema("churn"), each)
    assert erase_from_files([path], people(accounts=[GONE])).removed == {str(path): 1, str(apart): 1}


def test_a_delta_table_stays_one(tmp_path: Path) -> None:
    need(importlib.util.find_spec("deltalake"), "the package deltalake is not installed")
    from deltalake import DeltaTable

    out = Path(f"delta:{tmp_path / 'delta'}")
    first = publish_job(out, rows(40, 1))
    publish_job(out, rows(30, 2), day="2026-02-28")
    done = erase_from_files([tmp_path], people(accounts=["c00004"], prospects=["c00005"]))
    assert done.removed == {str(tmp_path / "delta"): 2}, "on both dates; an account is no prospect"
    found = DeltaTable(str(tmp_path / "delta")).to_pyarrow_table()
    assert found.num_rows == 68
    assert "c00004" not in found["entity_id"].to_pylist()
    assert "c00005" in found["entity_id"].to_pylist()
    kept = [pq.read_table(path)["entity_id"].to_pylist() for path in (tmp_path / "delta").rglob("*.parquet")]
    assert not any("c00004" in ids for ids in kept), "no file of an earlier version is left"
    again = publish_job(out, rows(40, 1))
    assert again.already
    assert not first.already
    assert erase_from_files([tmp_path], people(accounts=["c00004"])).removed == {}
