"""Flat tables that are refused before anything is learned, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.cli import main
from salesml.errors import DataError, SalesmlError, UsageError
from salesml.lifecycle.flat import read_flat
from salesml.lifecycle.train_table import train_table

SPEC = "task: churn\nlabel: {kind: contract}\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"who": range(60), "use": rng.normal(size=60), "gender": rng.choice(["f", "m"], 60), "w": 1.0,
         "left": rng.integers(0, 2, 60)}
    )  # fmt: skip
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"id_column": "left", "positive": "1"}, "'left' is to be the id and the target"),
        ({"weight": "left"}, "'left' is to be the target and the weight"),
        ({"weight": "who"}, "'who' is to be the id and the weight"),
        ({"without": ("left",)}, "'left' is to be the target and left out"),
    ],
)
def test_a_column_is_one_thing(table: Path, options: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        read_flat(pd.read_csv(table), **{"id_column": "who", "target": "left", **options})  # type: ignore[arg-type]
    assert caught.value.code == "two-parts"


def test_id_and_weight_may_be_left_out_by_name_as_well(table: Path) -> None:
    flat = read_flat(pd.read_csv(table), id_column="who", target="left", weight="w", without=("who", "w"))
    assert list(flat.rows.X) == ["use", "gender"]


def test_the_target_cannot_be_excluded(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "m", "--table", str(table), "--id", "who", "--target", "left"]
    assert main([*words, "--exclude", "left"]) == 2
    assert "[two-parts]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.where(np.arange(60) == 4, -1, 1), "1 row has no number of 0 or more in w"),
        (np.where(np.arange(60) < 2, np.inf, 1), "2 rows have no number of 0 or more in w"),
        (np.zeros(60), "w, the column of weights, is 0 in every row"),
    ],
)
def test_weights_are_told_by_their_column(table: Path, values: np.ndarray, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        read_flat(pd.read_csv(table).assign(w=values), id_column="who", target="left", weight="w")
    assert caught.value.faults[0].column == "w"


def test_a_table_without_a_column_to_learn_from(table: Path) -> None:
    with pytest.raises(DataError, match="no column to learn from"):
        read_flat(pd.read_csv(table)[["who", "left"]], id_column="who", target="left")


@pytest.mark.parametrize("attributes", ["[gendr]", "{gendr: excluded}", "{gendr: checked}", "{gendr: used}"])
def test_a_protected_attribute_that_is_misspelt_is_not_learned_from(table: Path, attributes: str) -> None:
    spec = table.parent / "m.yaml"
    spec.write_text(f"{SPEC}protected: {attributes}\n")
    with pytest.raises(UsageError, match=r"protected names 'gendr'.*Did you mean 'gender'\?"):
        train_table("m", table, id_column="who", target="left", spec_path=spec, log=False)


def test_a_wrong_rate_is_told_before_the_table_is_read(tmp_path: Path) -> None:
    with pytest.raises(SalesmlError, match=r"base_rate is 2\.0"):
        train_table("m", tmp_path / "none.csv", id_column="who", target="left", base_rate=2.0, log=False)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        train_table("m", tmp_path, id_column="who", target="left", log=False)


@pytest.mark.parametrize(
    "words", [["train", "m", "--weight", "w"], ["score", "m", "--id", "who", "--out", "x.csv"]]
)
def test_what_is_about_a_flat_table_wants_one(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert f"{words[2]} is given without --table" in capsys.readouterr().err
