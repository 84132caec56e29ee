"""Flat tables: outcomes, texts that are numbers, and messages that help."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.cli import main
from salesml.config import Label, Spec
from salesml.errors import SalesmlError
from salesml.lifecycle.files import read_table
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.flat import outcome, read_flat, spoken, tidy, tidy_like
from salesml.lifecycle.train_table import train_table
from salesml.model.bundle import Bundle
from salesml.model.coding import Coding
from salesml.scoring import Scorer


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
    frame["Churn"] = ["Yes"] * 2 + ["No"] * 398
    frame.to_csv(table, index=False)
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", table, id_column="customer", target="Churn", log=False)
    assert "2 accounts have the outcome and 398 have not" in str(caught.value)
    assert "two to learn from, and one to test on" in str(caught.value)


def test_a_handful_of_outcomes_gets_a_model_that_claims_little(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.read_csv(table)
    frame["Churn"] = ["Yes"] * 4 + ["No"] * 396
    frame.to_csv(table, index=False)
    said: list[str] = []
    trained = train_table("plans", table, id_column="customer", target="Churn", log=False, say=said.append)
    assert trained.verdict.kind in ("weak", "no usable signal")
    assert any("Testing by 4 folds" in line for line in said)


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


def test_more_folds_than_accounts(table: Path) -> None:
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", table, id_column="customer", target="Churn", folds=500, log=False)
    assert "500 folds are asked for, and only" in str(caught.value)
    assert "Take fewer folds" in str(caught.value)


def test_an_id_that_is_the_same_in_every_row(table: Path) -> None:
    pd.read_csv(table).assign(customer="same").to_csv(table, index=False)
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", table, id_column="customer", target="Churn", log=False)
    assert "1 accounts have the outcome and 1 have not" in str(caught.value)


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """400 rows of customers of whom the new ones leave; a weight, and half of the rows sampled."""
    rng = np.random.default_rng(2)
    age = rng.integers(1, 800, 400)
    signed = np.datetime64("2025-06-30") - age.astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "customer": np.arange(400),
            "signup_date": signed.astype(str),
            "contract_end": (np.datetime64("2025-06-01") + rng.integers(0, 90, 400)).astype(str),
            "size": rng.integers(1, 9, 400),
            "importance": np.where(np.arange(400) < 20, "0", "2.5"),
            "left": (rng.random(400) < np.where(age < 300, 0.8, 0.2)).astype(int),
        }
    )
    frame.loc[:4, "signup_date"] = ""
    path = tmp_path / "dated.csv"
    frame.to_csv(path, index=False)
    return path


def test_dates_in_a_file_become_ages_and_are_told_in_words(
    dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--table", str(dated), "--id", "customer"]
    assert main(["train", "plans", *words, "--target", "left", "--folds", "2", "--as-of", "2025-06-30"]) == 0
    assert "Dates are read as days before 2025-06-30, as stated: signup_date" in capsys.readouterr().out
    assert main(["score", "plans", *words, "--as-of", "2025-07-10", "--out", "scores.parquet"]) == 0
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    table = pd.read_csv(dated, parse_dates=["signup_date"])
    row = int(np.flatnonzero((table["signup_date"] > "2025-01-01").to_numpy())[0])
    days = (pd.Timestamp("2025-07-10") - table["signup_date"][row]).days
    told = {reason["words"] for reason in scores["reasons"][row]}
    assert any(text.startswith(f"Signup date: {days} days ago") for text in told)
    assert any("Contract end in " in reason["words"] for reasons in scores["reasons"] for reason in reasons)


def test_the_latest_date_of_the_table_stands_where_none_is_stated(
    dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    trained = train_table(
        "plans", dated, id_column="customer", target="left", folds=2, log=False, say=said.append
    )
    latest = pd.read_csv(dated)["contract_end"].max()
    assert trained.bundle.coding.reference == latest
    assert any(f"days before {latest}, the latest date in the table" in line for line in said)
    assert (
        f"days before {latest}: `signup_date`, `contract_end`"
        in (trained.folder / "model_card.md").read_text()
    )


def test_a_text_that_is_no_date_spoils_its_own_row_only(
    dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trained = train_table("plans", dated, id_column="customer", target="left", folds=2, log=False)
    frame = pd.read_csv(dated, dtype=str).head(30)
    frame.loc[10, "signup_date"] = "soon"
    scores = Scorer(trained.bundle).score(tidy_like(frame, trained.bundle.coding))
    assert scores["problem"][10] == "signup_date is not a date such as 2026-01-31"
    assert (scores["status"] == "scored").sum() == 29


def test_weights_and_a_stated_base_rate(dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--table", str(dated), "--id", "customer", "--target", "left", "--folds", "2"]
    assert main(["train", "plans", *words, "--weight", "importance", "--base-rate", "0.05"]) == 0
    folder = next(path for path in (tmp_path / "models" / "plans").iterdir() if path.is_dir())
    figures = json.loads((folder / "evaluation.json").read_text())
    assert figures["observed"] == pytest.approx(0.05)
    card = (folder / "model_card.md").read_text()
    assert "Rows count by their weights." in card
    assert "5.0% are stated for where the model is used" in card
    bundle = Bundle.load(folder / "bundle")
    assert bundle.training.base_rate == 0.05
    assert "importance" not in bundle.columns
    scores = Scorer(bundle).score(tidy_like(pd.read_csv(dated, dtype=str), bundle.coding))
    assert scores["probability"].mean() < 0.15
    assert set(scores["band"]) == {"A", "B", "C", "D"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("heavy", "400 rows have no number of 0 or more in importance, the column of weights"),
        ("-1", "400 rows have no number of 0 or more in importance"),
        ("0", "importance, the column of weights, is 0 in every row"),
    ],
)
def test_weights_that_are_refused(dated: Path, values: str, says: str) -> None:
    pd.read_csv(dated).assign(importance=values).to_csv(dated, index=False)
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", dated, id_column="customer", target="left", weight="importance", log=False)
    assert says in str(caught.value)


def test_a_base_rate_that_is_refused(dated: Path) -> None:
    with pytest.raises(SalesmlError) as caught:
        train_table("plans", dated, id_column="customer", target="left", base_rate=2.0, log=False)
    assert "base_rate is 2.0" in str(caught.value)


def test_a_spec_may_state_the_base_rate() -> None:
    label = Label(kind="contract")
    spec = Spec(name="churn", task="churn", label=label, horizon_days=1, learner={"base_rate": 0.02})
    assert make_classifier(spec).base_rate == 0.02
