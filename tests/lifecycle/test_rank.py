"""Ranking a file: the same as from Python, whole rows carried along, and hours from crm.yaml."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.cli import main
from salesml.config.horizons import curve_columns
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.rank import rank_file
from salesml.lifecycle.reps import hours_of_reps
from salesml.scoring import Scorer, rank, write_ranked
from salesml.scoring.rank import METADATA, ranked_schema
from salesml.scoring.table import schema
from tests.scoring.batch.made import DAY, publish
from tests.scoring.made import bundle, rows
from tests.scoring.rank.made import drawn

CONTRACT = """
version: 1
prospects: {source: prospects.csv, id: id, created_at: created_at, rep: rep}
reps: {source: reps.csv, id: id, name: name, hours_per_week: hours}
"""


def scores_file(folder: Path, size: int = 300) -> Path:
    path = folder / "scores.parquet"
    table = pa.Table.from_pandas(drawn(size, 3), schema=schema("conversion"), preserve_index=False)
    pq.write_table(table, path, row_group_size=64)
    return path


def contract(folder: Path, reps: str = "id,name,hours\nann,Ann,30\nbob,Bob,\n", text: str = CONTRACT) -> CRM:
    (folder / "reps.csv").write_text(reps)
    (folder / "prospects.csv").write_text("id,created_at,rep\np000,2025-12-01,ann\n")
    (folder / "crm.yaml").write_text(text)
    return CRM.open(folder / "crm.yaml")


def test_a_file_is_ranked_as_a_frame_is(tmp_path: Path) -> None:
    path = scores_file(tmp_path)
    rank_file(path, tmp_path / "list.parquet", hours_per_rep=20, explore=0.1, seed=5)
    table = pq.read_table(tmp_path / "list.parquet")
    expected = rank(drawn(300, 3), hours_per_rep=20, explore=0.1, seed=5)
    whole = pa.Table.from_pandas(expected, schema=ranked_schema("conversion"), preserve_index=False)
    assert table.replace_schema_metadata(None).equals(whole.replace_schema_metadata(None))
    rules = json.loads((tmp_path / "list.parquet.rules.json").read_text())
    assert rules == expected.attrs["rules"] == json.loads(table.schema.metadata[METADATA.encode()])


def test_curves_come_along_with_their_rows(tmp_path: Path) -> None:
    """From a file and from a frame alike, each beside its own row, before what ranking adds."""
    horizons = (30, 90)
    wanted = schema("churn", horizons=horizons)
    frame = Scorer(bundle(), threads=1).score(rows(50, 1), run_id="test")
    for place, name in enumerate(curve_columns(horizons)):
        frame[name] = frame["probability"] / (place + 2)
    table = pa.Table.from_pandas(frame, schema=wanted, preserve_index=False)
    pq.write_table(table, tmp_path / "scores.parquet")
    rank_file(tmp_path / "scores.parquet", tmp_path / "list.parquet", places_per_rep=5)
    write_ranked(rank(frame, places_per_rep=5), tmp_path / "frame.parquet")
    found = pq.read_table(tmp_path / "list.parquet")
    assert found.schema.names == ranked_schema("churn", horizons).names
    assert found.schema.names[-8:-6] == ["expected_days", "lifetime_days"]
    assert found.equals(pq.read_table(tmp_path / "frame.parquet"))
    read = found.to_pandas()
    assert read["stays_90"].tolist() == pytest.approx((read["probability"] / 3).tolist(), nan_ok=True)


def test_reasons_come_along_with_their_rows(tmp_path: Path) -> None:
    table = Scorer(bundle(), threads=1).table(rows(50, 1), run_id="test")
    pq.write_table(table, tmp_path / "scores.parquet")
    rank_file(tmp_path / "scores.parquet", tmp_path / "list.parquet")
    before = {row["entity_id"]: row for row in table.to_pylist()}
    after = pq.read_table(tmp_path / "list.parquet").to_pylist()
    assert len(after) == 50
    for row in after:
        assert {name: row[name] for name in table.column_names} == before[row["entity_id"]]


def test_each_reps_hours_come_from_the_contract(tmp_path: Path) -> None:
    crm = contract(tmp_path)
    said = rank_file(scores_file(tmp_path), tmp_path / "list.parquet", crm=crm)
    ranked = pd.read_parquet(tmp_path / "list.parquet")
    listed = ranked[ranked["rank"].notna()]
    assert 28 < listed.loc[listed["list"] == "ann", "expected_hours"].sum() <= 30
    assert set(ranked.loc[ranked["list"] == "bob", "unlisted"]) == {"its list has no hours"}
    assert "of 30" in said
    assert "Note: 1 rep without hours above 0: bob. Fill in their hours" in said


def test_a_limit_that_is_given_goes_before_the_contract(tmp_path: Path) -> None:
    crm = contract(tmp_path, "id,name,hours\nann,Ann,30\n")
    said = rank_file(scores_file(tmp_path), tmp_path / "list.parquet", crm=crm, hours_per_rep=5)
    ranked = pd.read_parquet(tmp_path / "list.parquet")
    used = ranked[ranked["rank"].notna()].groupby("list")["expected_hours"].sum()
    assert used["ann"] <= 5
    assert 0 < used["bob"] <= 5
    assert "not among the reps that are known: bob" in said


def test_contracts_that_name_no_hours(tmp_path: Path) -> None:
    without = CONTRACT.replace(", hours_per_week: hours", "")
    with pytest.raises(UsageError, match=r"does not name `hours_per_week`.*give --hours-per-rep"):
        hours_of_reps(contract(tmp_path, text=without))
    assert set(hours_of_reps(contract(tmp_path, text=without), needed=False)) == {"ann", "bob"}
    twice = contract(tmp_path, "id,name,hours\nann,A,30\nann,B,20\n")
    with pytest.raises(DataError, match=r"1 id stands in several rows\. Keep one row for each rep"):
        hours_of_reps(twice)
    nobody = CONTRACT[: CONTRACT.index("reps:")]
    with pytest.raises(UsageError, match="has no table `reps`"):
        hours_of_reps(contract(tmp_path, text=nobody))
    with pytest.raises(UsageError, match="No rep has hours above 0"):
        rank_file(
            scores_file(tmp_path),
            tmp_path / "list.parquet",
            crm=contract(tmp_path, "id,name,hours\nann,A,0\n"),
        )
    assert not (tmp_path / "list.parquet").exists()


def test_scores_without_hours_say_what_to_do(tmp_path: Path) -> None:
    pq.write_table(Scorer(bundle(), threads=1).table(rows(9, 1)), tmp_path / "scores.parquet")
    with pytest.raises(DataError, match="No row says how many hours it takes"):
        rank_file(tmp_path / "scores.parquet", tmp_path / "list.csv", hours_per_rep=5)
    said = rank_file(tmp_path / "scores.parquet", tmp_path / "list.csv", places_per_rep=2)
    assert "2 of 2" in said


def test_a_file_that_breaks_off_or_holds_other_types(tmp_path: Path) -> None:
    path = scores_file(tmp_path)
    table = pq.read_table(path)
    days = pa.array(["some day"] * len(table))
    pq.write_table(
        table.set_column(table.column_names.index("as_of"), "as_of", days), tmp_path / "days.parquet"
    )
    with pytest.raises(UsageError, match="cannot be read as a score table"):
        rank_file(tmp_path / "days.parquet", tmp_path / "list.parquet")
    words = pa.array(["much"] * len(table))
    place = table.column_names.index("expected_hours")
    pq.write_table(table.set_column(place, "expected_hours", words), tmp_path / "words.parquet")
    with pytest.raises(DataError, match="expected_hours holds what is not a number"):
        rank_file(tmp_path / "words.parquet", tmp_path / "list.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "days.parquet",
        "scores.parquet",
        "words.parquet",
    ]


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores_file(tmp_path)
    contract(tmp_path)
    monkeypatch.chdir(tmp_path)
    ask = ["rank", "conversion", "--scores", "scores.parquet", "--out"]
    assert main([*ask, "a.csv", "--hours-per-rep", "12.5", "--explore", "0.05", "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert "of 12.5" in said
    assert "have no rep, and so no limit" in said
    assert main([*ask, "b.csv", "--crm", "crm.yaml"]) == 0
    assert "of 30" in capsys.readouterr().out
    assert main([*ask, "c.csv"]) == 0
    assert "hours used" not in capsys.readouterr().out
    assert main([*ask, "d.csv", "--hours-per-rep", "0", "--explore", "1"]) == 2
    error = capsys.readouterr().err
    assert "[bad-hours] Each rep is to have 0.0 hours" in error
    assert "[bad-share] The share to explore is 1.0" in error
    assert not (tmp_path / "d.csv").exists()
    assert main([*ask, "e.csv", "--explore", "0.1"]) == 2
    assert "Give --hours-per-rep or --places-per-rep as well" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*ask, "f.csv", "--hours-per-rep", "many"])
    assert "'many' is not a number" in capsys.readouterr().err


def dataset(folder: Path, days: tuple[str, ...] = (DAY,)) -> Path:
    """A folder of scores as jobs write it, a row of each that could not be scored."""
    frame = rows(70, 1)
    frame.loc[5, "revenue_90"] = float("inf")
    for day in days:
        publish(folder / "scores", frame, day, quarantine_max=0.1)
    publish(folder / "scores.parquet", frame, quarantine_max=0.1)
    return folder / "scores"


def test_a_date_of_a_dataset_and_a_generation_are_ranked_as_the_file_is(tmp_path: Path) -> None:
    out = dataset(tmp_path)
    partition = out / "task=churn" / f"as_of={DAY}"
    generation = partition.resolve().parent
    assert (generation / "quarantine").is_dir()
    for number, path in enumerate(
        (tmp_path / "scores.parquet", out, partition, generation, generation / "parts")
    ):
        rank_file(path, tmp_path / f"{number}.parquet", name="churn", seed=3)
    lists = [pq.read_table(tmp_path / f"{number}.parquet") for number in range(5)]
    assert len(lists[0]) == 70
    assert all(each.equals(lists[0], check_metadata=True) for each in lists[1:])


def test_one_date_at_a_time(tmp_path: Path) -> None:
    out = dataset(tmp_path, ("2026-01-30", DAY))
    with pytest.raises(UsageError) as caught:
        rank_file(out, tmp_path / "list.parquet")
    assert caught.value.code == "several-dates"
    assert f"Name one of them, such as {out}/task=churn/as_of={DAY}" in str(caught.value)
    rank_file(out / "task=churn" / "as_of=2026-01-30", tmp_path / "list.parquet")
    assert set(pd.read_parquet(tmp_path / "list.parquet")["as_of"].astype(str)) == {"2026-01-30"}


def test_folders_that_hold_no_scores(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "delta" / "_delta_log").mkdir(parents=True)
    for name, words in {
        "none": "does not exist", "empty": "has no Parquet file", "delta": "is a Delta table",
    }.items():  # fmt: skip
        with pytest.raises(UsageError, match=words):
            rank_file(tmp_path / name, tmp_path / "list.parquet")
