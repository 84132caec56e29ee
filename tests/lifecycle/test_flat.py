"""Flat tables: outcomes, texts that are numbers, and messages that help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.cli import main
from salesml.errors import SalesmlError
from salesml.lifecycle.files import read_table
from salesml.lifecycle.flat import outcome, read_flat, spoken, tidy, tidy_like
from salesml.lifecycle.train_table import train_table
from salesml.model.coding import Coding


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """400 rows, one column that matters, one of blanks and numbers as text."""
    rng = np.random.default_rng(1)
    plan = rng.choice(["basic", "pro"], 400)
    frame = pd.DataFrame(
        {
            "customer": [f"K{i}" for i in range(400)],
            "plan": plan,
            "TotalCharges": np.where(rng.random(400) < 0.1, " ", rng.integers(1, 99, 400).astype(str)),
            "Churn": np.where(rng.random(400) < np.where(plan == "pro", 0.1, 0.6), "Yes", "No"),
        }
    )
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return path


def test_train_and_score(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--table", str(table), "--id", "customer"]
    assert main(["train", "plans", *words, "--target", "Churn", "--folds", "3"]) == 0
    assert main(["score", "plans", *words, "--out", "scores.parquet"]) == 0
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    assert list(scores["entity_id"]) == list(pd.read_csv(table)["customer"])
    pro = (pd.read_csv(table)["plan"] == "pro").to_numpy()
    assert scores["probability"][pro].mean() < 0.2 < 0.5 < scores["probability"][~pro].mean()


def test_the_names_are_spoken_and_blanks_are_missing(table: Path) -> None:
    flat = read_flat(pd.read_csv(table), id_column="customer", target="Churn")
    kinds = {feature.name: (feature.kind, feature.words) for feature in flat.features}
    assert kinds == {"plan": ("category", "plan"), "TotalCharges": ("number", "total charges")}
    assert 0 < flat.rows.X["TotalCharges"].isna().sum() < 100


def test_a_protected_column_is_left_out(table: Path) -> None:
    flat = read_flat(pd.read_csv(table), id_column="customer", target="Churn", without=("plan",))
    assert [feature.name for feature in flat.features] == ["TotalCharges"]


@pytest.mark.parametrize(
    ("values", "positive", "expected"),
    [
        (["Yes", "No", "Yes"], None, [1, 0, 1]),
        ([True, False, True], None, [1, 0, 1]),
        ([1, 0, 0], None, [1, 0, 0]),
        (["won", "lost", "open"], "won", [1, 0, 0]),
    ],
)
def test_outcomes(values: list[object], positive: str | None, expected: list[int]) -> None:
    assert outcome(pd.Series(values, name="t"), positive).tolist() == expected


@pytest.mark.parametrize(
    ("values", "positive", "says"),
    [
        (["won", "lost"], None, "Say which one counts: --positive VALUE"),
        ([0, 1, 2], None, "has the values 0, 1, 2"),
        (["won", "lost"], "Won", "--positive Won is not among them"),
        (["yes", None], None, "1 rows have no t"),
    ],
)
def test_targets_that_are_refused(values: list[object], positive: str | None, says: str) -> None:
    with pytest.raises(SalesmlError) as caught:
        outcome(pd.Series(values, name="t"), positive)
    assert says in str(caught.value)


def test_a_missing_column_names_the_nearest(table: Path) -> None:
    with pytest.raises(SalesmlError) as caught:
        read_flat(pd.read_csv(table), id_column="custmer", target="Churn")
    assert "no column 'custmer'" in str(caught.value)
    assert "Did you mean 'customer'?" in str(caught.value)


def test_too_few_outcomes(table: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(table)
    frame["Churn"] = ["Yes"] * 3 + ["No"] * 397
    frame.to_csv(table, index=False)
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", table, id_column="customer", target="Churn", log=False)
    assert "3 of 400 rows have the outcome" in str(caught.value)


def test_spoken_names() -> None:
    assert [spoken(name) for name in ("MonthlyCharges", "tenure_days", "Lead Source")] == [
        "monthly charges", "tenure days", "lead source",
    ]  # fmt: skip


def test_texts_that_are_partly_numbers_stay_texts() -> None:
    column = tidy(pd.DataFrame({"a": ["1", "x", ""]}))["a"]
    assert column.tolist() == ["1", "x", None]


def test_constant_and_empty_columns_are_named_and_harmless(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.read_csv(table).assign(always="x", never=np.nan)
    frame.to_csv(table, index=False)
    said: list[str] = []
    trained = train_table(
        "plans", table, id_column="customer", target="Churn", folds=2, log=False, say=said.append
    )
    assert any("from 2 of them, the same in every row: always, never" in line for line in said)
    assert "`always`, `never`" in (trained.folder / "model_card.md").read_text()
    assert trained.evaluation.metrics["auc"].low > 0.6


def test_ids_keep_their_zeros_and_people_called_na(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,plan,size,y\n007,NA,1,1\n07,pro, 2,0\nNA,null,,1\n")
    flat = read_flat(read_table(path), id_column="id", target="y")
    assert list(flat.rows.entity) == ["007", "07", "NA"]
    assert flat.rows.X["plan"].tolist() == [None, "pro", None]
    assert flat.rows.X["size"].tolist()[:2] == [1.0, 2.0]
    assert np.isnan(flat.rows.X["size"].iloc[2])
    assert flat.rows.y.tolist() == [1, 0, 1]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_that_of_the_first_line(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "t.csv"
    lines = ["\ufeffid;note;y", '1;"a,b;c\td";0', "2;x;1"]
    path.write_text("\n".join(lines[:1] + lines[1:]).replace(";", separator), encoding="utf-8")
    frame = read_table(path)
    assert list(frame.columns) == ["id", "note", "y"]
    assert frame["y"].tolist() == ["0", "1"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,a,a,y\n1,2,3,0\n", "has several columns called a"),
        ("id,a\n1,2,3\n", "more columns than the 2 that the first line names"),
        ("", "cannot be read"),
        ("id,a\n1,\0\n\xff", "cannot be read"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SalesmlError) as caught:
        read_table(path)
    assert says in str(caught.value)


def test_columns_called_like_those_of_scoring_are_refused(table: Path) -> None:
    frame = pd.read_csv(table).assign(value=1, as_of="x")
    with pytest.raises(SalesmlError) as caught:
        read_flat(frame, id_column="customer", target="Churn")
    assert "a column 'value'" in str(caught.value)
    assert "a column 'as_of'" in str(caught.value)
    assert "Rename it" in str(caught.value)
    flat = read_flat(frame, id_column="customer", target="Churn", without=("value", "as_of"))
    assert len(flat.features) == 2


def test_rows_without_an_id_are_refused(table: Path) -> None:
    frame = pd.read_csv(table)
    frame.loc[:2, "customer"] = " "
    with pytest.raises(SalesmlError) as caught:
        read_flat(frame, id_column="customer", target="Churn")
    assert "3 rows have no customer" in str(caught.value)


def test_scoring_takes_the_kinds_of_the_model() -> None:
    columns = [
        {"name": "plan", "kind": "category", "levels": ["1", "x"], "fill": 0},
        {"name": "size", "kind": "number", "levels": [], "fill": 0},
    ]
    coding = Coding.from_dict({"columns": columns, "named": True})
    rows = tidy_like(pd.DataFrame({"plan": ["1", "1"], "size": ["3", "many"], "y": ["0", "1"]}), coding)
    assert rows.to_dict("list") == {"plan": ["1", "1"], "size": [3.0, "many"]}


@pytest.mark.parametrize(("change", "folds"), [({}, 500), ({"customer": "same"}, 3)])
def test_more_folds_than_accounts(table: Path, change: dict[str, str], folds: int) -> None:
    pd.read_csv(table).assign(**change).to_csv(table, index=False)
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", table, id_column="customer", target="Churn", folds=folds, log=False)
    assert f"{folds} folds are asked for, and only" in str(caught.value)
    assert "Take fewer folds" in str(caught.value)
