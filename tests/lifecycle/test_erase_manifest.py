"""After an erasure a job is still done: nobody comes back because it is run again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import salesml
from salesml.errors import OutsideError
from salesml.lifecycle import erase_locks
from salesml.lifecycle.erase import erase_everywhere
from salesml.lifecycle.erase_files import erase_from_files
from salesml.scoring.batch import Teller, carry_out, dataset
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.places import place_of
from salesml.store.erase import people
from tests.scoring.batch.made import DAY, ignored, job
from tests.scoring.made import rows

GONE = "c00004"
BAD = "c00001"


def frame() -> pd.DataFrame:
    found = rows(60, 1)
    found.loc[1, "revenue_90"] = np.inf
    return found


def again(out: Path) -> Any:
    """The same job once more: what it says, and how much it scored."""
    own = job(out, frame(), quarantine_max=0.1)
    done = carry_out(own, Teller(own.identity.run_id, ignored))
    return done, own.stage.calls  # type: ignore[attr-defined]


def ids(out: Path) -> list[str]:
    if out.is_dir():
        return [str(each) for each in salesml.read_scores(out, "churn", DAY)["entity_id"].to_pylist()]
    read = pd.read_parquet if out.suffix == ".parquet" else pd.read_csv
    return list(read(out)["entity_id"])


@pytest.mark.parametrize("name", ["scores", "scores.parquet", "scores.csv"])
def test_the_job_says_nothing_to_do(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    first, _ = again(out)
    band = {row["entity_id"]: row["band"] for row in _rows(tmp_path)}[GONE]
    erase_from_files([tmp_path], people(accounts=[GONE]))
    done, calls = again(out)
    assert (done.already, calls) == (True, 0)
    assert GONE not in ids(out)
    assert len(ids(out)) == 59
    was, now = first.manifest, done.manifest
    assert [now[key] for key in ("rows", "scored", "unscored", "erased")] == [59, 58, 1, 1]
    assert now["bands"].get(band, 0) == was["bands"][band] - 1
    assert now["problems"] == was["problems"]
    erase_from_files([tmp_path], people(accounts=[BAD]))
    done, calls = again(out)
    assert (done.already, calls, done.manifest["erased"]) == (True, 0, 2)
    assert (done.manifest["unscored"], done.manifest["problems"]) == (0, {})
    assert not {GONE, BAD} & set(ids(out))


def _rows(folder: Path) -> list[dict[str, Any]]:
    """What the job makes, from a place of its own."""
    apart = folder.with_name(folder.name + "-apart")
    apart.mkdir()
    again(apart / "s.parquet")
    return pd.read_parquet(apart / "s.parquet").to_dict("records")


@pytest.mark.parametrize("name", ["scores", "scores.parquet"])
def test_an_erasure_that_is_killed_before_the_file_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    again(tmp_path / name)

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(sys.modules["salesml.scoring.write"], "_name", refuse)
        with pytest.raises(OutsideError):
            erase_from_files([tmp_path], people(accounts=[GONE]))
    assert GONE in ids(tmp_path / name), "it was not erased, and nobody was told that it was"
    assert again(tmp_path / name)[0].already
    erase_from_files([tmp_path], people(accounts=[GONE]))
    done, calls = again(tmp_path / name)
    assert (done.already, calls, done.manifest["rows"], done.manifest["erased"]) == (True, 0, 59, 1)
    assert GONE not in ids(tmp_path / name)


def test_a_damaged_file_is_not_called_whole(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    again(out)
    parts = dataset.current(place_of(out, "churn", DAY))
    assert parts is not None
    path = sorted((parts / "parts").iterdir())[0]
    table = pd.read_parquet(path)
    table["probability"] = 0.5
    table.to_parquet(path)
    manifest = json.loads((parts / "manifest.json").read_text())
    erase_from_files([out], people(accounts=[GONE]))
    assert json.loads((parts / "manifest.json").read_text()) == manifest
    done, calls = again(out)
    assert not done.already
    assert calls > 0


@pytest.mark.parametrize("name", ["scores", "scores.parquet"])
@pytest.mark.parametrize("named", ["itself", "the folder above"])
def test_nobody_is_erased_while_a_job_would_write_them_again(tmp_path: Path, name: str, named: str) -> None:
    out = tmp_path / name
    again(out)
    files = [out if named == "itself" else tmp_path]
    with alone(place_of(out, "churn", DAY)), pytest.raises(OutsideError) as caught:
        erase_everywhere([GONE], [], store=None, files=files)
    assert caught.value.code == "job-running"
    assert GONE in ids(out)
    assert not erase_everywhere([GONE], [], store=None, files=files).alarming


def test_the_partition_alone_is_locked_too(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    again(out)
    partition = out / "task=churn" / f"as_of={DAY}"
    with alone(place_of(out, "churn", DAY)), pytest.raises(OutsideError):
        erase_everywhere([GONE], [], store=None, files=[partition])
    with erase_locks.nobody_scoring([partition]), pytest.raises(OutsideError) as caught:
        again(out)
    assert caught.value.code == "job-running"
