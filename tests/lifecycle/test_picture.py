"""The picture of an account, through the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from salesml.cli import main
from salesml.scoring import Scorer, rank, write, write_ranked
from salesml.scoring.table import schema
from tests.pictures.made import texts
from tests.scoring.made import bundle, rows


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A score table of two dates, with a row that cannot be scored."""
    frame = rows(5, 1)
    frame.loc[4, "recency"] = float("inf")
    scorer = Scorer(bundle(), threads=1)
    tables = [scorer.table(frame), scorer.table(frame.iloc[:1].assign(as_of=dt.date(2026, 3, 1)))]
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    write(pa.concat_tables(tables).to_batches(), schema("churn"), path)
    return path


def told(arguments: list[str], capsys: pytest.CaptureFixture[str], code: int = 2) -> str:
    assert main(["picture", *arguments]) == code
    said = capsys.readouterr()
    return said.err if code else said.out


def test_one_account(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c1.svg"
    assert told([str(scores), "--entity", "c00001", "--out", str(out)], capsys, 0) == f"Wrote {out}\n"
    assert texts(out.read_text("utf-8"), "title")[0].startswith("c00001: ")
    assert "exists already" in told([str(scores), "--entity", "c00001", "--out", str(out)], capsys)


def test_one_of_several_dates(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c0.svg"
    asked = [str(scores), "--entity", "c00000", "--out", str(out)]
    assert "as of 2026-01-31, 2026-03-01" in told(asked, capsys)
    assert "has no row of 'c00000' as of 2025-01-01" in told([*asked, "--as-of", "2025-01-01"], capsys)
    told([*asked, "--as-of", "2026-03-01"], capsys, 0)
    assert "before 1 March 2026" in " ".join(texts(out.read_text("utf-8")))


def test_of_a_ranked_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ranked, out = tmp_path / "list.parquet", tmp_path / "c2.svg"
    write_ranked(rank(Scorer(bundle(), threads=1).score(rows(5, 1))), ranked)
    told([str(ranked), "--entity", "c00002", "--out", str(out)], capsys, 0)
    assert out.is_file()


def test_what_is_wrong_is_said(scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "x.svg")
    assert "has no row of 'nobody'" in told([str(scores), "--entity", "nobody", "--out", out], capsys)
    said = told([str(scores), "--entity", "c00004", "--out", out], capsys)
    assert "'c00004' could not be scored: recency is infinite" in said
    assert "does not exist" in told([str(tmp_path / "no.parquet"), "--entity", "x", "--out", out], capsys)
    text = tmp_path / "scores.csv"
    text.write_text("entity_id\nc00001\n")
    assert "in CSV reasons are text only" in told([str(text), "--entity", "c00001", "--out", out], capsys)
    other = tmp_path / "other.parquet"
    write([pa.record_batch({"a": [1]})], pa.schema([("a", pa.int64())]), other)
    assert "it lacks task, entity_id" in told([str(other), "--entity", "x", "--out", out], capsys)
    said = told([str(scores), "--entity", "c00001", "--out", str(tmp_path / "no" / "x.png")], capsys)
    assert "A picture is written as .svg" in said
    assert "does not exist" in said
    assert not Path(out).exists()
