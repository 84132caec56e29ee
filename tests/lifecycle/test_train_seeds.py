"""A score learned from a list of best customers: trained, kept, told and used as what it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

import salesml
from salesml.cli import main
from salesml.errors import DataError, UsageError
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.train_seeds import train_seeds
from salesml.lifecycle.train_table import fold_by_fold, spec_of
from salesml.model.bundle import Bundle

ROWS = 2_000


@dataclass(frozen=True)
class Made:
    """A universe, the truth about it, and who is on the list."""

    frame: pd.DataFrame
    best: NDArray[np.bool_]
    listed: NDArray[np.bool_]

    def write(self, folder: Path) -> tuple[Path, Path]:
        table, seeds = folder / "universe.csv", folder / "best.csv"
        self.frame.to_csv(table, index=False)
        self.frame.loc[self.listed, ["client"]].to_csv(seeds, index=False)
        return table, seeds


def made(rows: int = ROWS, *, rate: float = 0.2, frequency: float = 0.5, by_size: bool = False) -> Made:
    """Best customers differ in three columns; the list is a random choice, or of the large ones."""
    rng = np.random.default_rng(7)
    best = rng.random(rows) < rate
    size = rng.normal(0, 1, rows)
    frame = pd.DataFrame(
        {
            "client": [f"K{number:05}" for number in range(rows)],
            "usage": rng.normal(1.2 * best, 1),
            "depth": rng.normal(1.2 * best, 1).round(3),
            "size": size.round(3),
            "branch": np.where(best & (rng.random(rows) < 0.4), "mill", rng.choice(["shop", "mill"], rows)),
        }
    )
    chance = np.where(size > 0.5, 0.9, 0.05) if by_size else frequency
    return Made(frame, best, best & (rng.random(rows) < chance))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_the_command_line_to_a_ranked_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company = made()
    table, seeds = company.write(folder)
    seeds.write_text(seeds.read_text() + "K99999\nK00000x\n")
    words = ["fit", "--table", str(table), "--id", "client"]
    assert main(["train", *words, "--seeds", str(seeds), "--folds", "2"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{company.listed.sum()} listed customers are in the table of 2,000 rows" in said
    assert "2 listed ids are not in the table and left out: K99999, K00000x" in said
    assert "Verdict: Usable. It says how like the listed customers somebody is" in said
    assert "it is no chance of winning anybody" in said
    assert "cannot be known from a list: anything from none to" in said
    assert "read the order, not the number" in said
    assert "Registered as models:/salesml-fit/1" in said

    run = next(path for path in (folder / "models" / "fit").iterdir() if path.is_dir())
    bundle = Bundle.load(run / "bundle")
    assert bundle.task == "seeds"
    assert bundle.peers.rate is None
    assert bundle.peers.usual
    assert not any(usual.parts for usual in bundle.peers.usual.values())
    assert bundle.prior["seeds"] == company.listed.sum()
    assert bundle.prior["at_most"] >= company.best[~company.listed].mean()
    kept = json.loads((run / "seeds.json").read_text())
    assert kept["auc_against_true_others"]["high"] > kept["auc_of_seeds_against_others"]["value"]
    card = (run / "model_card.md").read_text()
    assert "**How like the listed best customers is this prospect?**" in card
    assert "## What a list alone can tell" in card
    assert "A list that was made by taste returns that taste." in card
    assert json.loads((run / "run.json").read_text())["metrics"]["prior.at_most"] == bundle.prior["at_most"]
    texts = [path for path in run.rglob("*") if path.is_file() and path.suffix in (".json", ".md", ".txt")]
    assert not [path for path in texts if "K00" in path.read_text()]

    assert main(["score", *words, "--out", "scores.parquet"]) == 0
    scores = pq.read_table(folder / "scores.parquet").to_pandas()
    assert set(scores["task"]) == {"seeds"}
    others = ~company.listed
    assert roc_auc_score(company.best[others], scores["raw_score"][others]) > 0.83
    assert main(["score", *words, "--out", "scores.csv"]) == 0
    assert "the likeness to the best customers" in (folder / "scores.csv").read_text()
    assert main(["rank", "fit", "--scores", "scores.parquet", "--out", "list.csv"]) == 0
    ranked = pd.read_csv(folder / "list.csv")
    assert (ranked["raw_score"].diff().dropna() <= 0).all()


def test_a_likeness_expects_no_money(folder: Path) -> None:
    company = made()
    table, seeds = company.write(folder)
    trained = train_seeds("fit", table, id_column="client", seeds=seeds, folds=2, log=False)
    scorer = salesml.Scorer(trained.bundle)
    scores = scorer.score(company.frame.rename(columns={"client": "entity_id"}).assign(value=100.0))
    assert scores["expected_value"].isna().all()
    assert (scores["value"] == 100).all()
    assert scores["probability"].mean() == pytest.approx(company.listed.mean(), abs=0.02)


def test_a_stated_rate_corrects_the_number_and_not_the_order(folder: Path) -> None:
    company = made()
    table, _ = company.write(folder)
    rate = float(company.best[~company.listed].mean())
    ids = company.frame["client"][company.listed].tolist()
    plain = train_seeds("fit", table, id_column="client", seeds=ids, folds=2, log=False)
    trained = train_seeds("fit", table, id_column="client", seeds=ids, base_rate=rate, folds=2, log=False)
    assert trained.bundle.prior["stated"] == trained.bundle.training.base_rate == rate
    assert "its probabilities say how likely somebody who is not on the list is" in trained.verdict.text
    frame = company.frame[~company.listed].rename(columns={"client": "entity_id"})
    before, after = (salesml.Scorer(each.bundle).score(frame) for each in (plain, trained))
    assert (before["raw_score"] == after["raw_score"]).all()
    assert after["probability"].mean() == pytest.approx(rate, abs=0.03)
    row = after.iloc[0]
    added = row["base_value"] + row["other_contribution"] + sum(r["contribution"] for r in row["reasons"])
    assert added == pytest.approx(np.log(row["probability"] / (1 - row["probability"])))


def test_a_list_of_large_ones_contradicts_the_true_rate(folder: Path) -> None:
    company = made(rate=0.3, by_size=True)
    table, seeds = company.write(folder)
    rate = float(company.best[~company.listed].mean())
    said = train_seeds(
        "fit", table, id_column="client", seeds=seeds, base_rate=rate, folds=2, log=False
    ).verdict.text  # fmt: skip
    assert "That rate is more than the" in said
    assert "the rate is wrong, or the list is no random choice" in said
    assert "if it names the large ones, or those somebody knows, the score looks for that" in said


def test_a_list_by_lot_has_no_signal(folder: Path) -> None:
    company = made()
    table, _ = company.write(folder)
    lot = np.random.default_rng(3).choice(company.frame["client"], 150, replace=False).tolist()
    trained = train_seeds("fit", table, id_column="client", seeds=lot, folds=2, log=False)
    assert trained.verdict.kind == "no usable signal"
    assert "cannot be told from anybody else: use no such score" in trained.verdict.text
    assert "cannot be known from a list" not in trained.verdict.text
    assert "read the order" not in trained.verdict.text


@pytest.mark.parametrize(("rate", "frequency"), [(0.05, 0.9), (0.2, 0.5), (0.5, 0.3)])
def test_it_ranks_as_well_as_a_model_that_knows_all(rate: float, frequency: float) -> None:
    company = made(5_000, rate=rate, frequency=frequency)
    others = ~company.listed
    ranked = {}
    for name, y in (("seeds", company.listed), ("all", company.best)):
        rows = Rows(
            X=company.frame.drop(columns="client"), y=y.astype(np.int8),
            entity=company.frame["client"].to_numpy(object), as_of=np.full(len(y), np.datetime64("NaT", "D")),
            value=np.zeros(len(y)),
        )  # fmt: skip
        unseen = fold_by_fold(spec_of("fit", None), rows, 2).unseen
        ranked[name] = roc_auc_score(company.best[others], unseen[others])
    assert ranked["seeds"] > ranked["all"] - 0.02


def test_a_column_that_is_the_list_is_refused_by_name(folder: Path) -> None:
    company = made()
    company.frame["vip"] = np.where(company.listed, "yes", "no")
    table, seeds = company.write(folder)
    with pytest.raises(DataError) as caught:
        train_seeds("fit", table, id_column="client", seeds=seeds, folds=2, log=False)
    assert "vip" in str(caught.value)
    trained = train_seeds("fit", table, id_column="client", seeds=seeds, folds=2, log=False, exclude=["vip"])
    assert "vip" not in trained.bundle.columns


def test_all_that_is_wrong_with_a_list_comes_from_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    company = made(100)
    table, seeds = company.write(folder)
    words = ["train", "fit", "--table", str(table), "--id", "client", "--seeds", str(seeds)]
    seeds.write_text("client\nK1\nK2\n")
    assert main(words) == 1
    assert "None of the 2 listed ids is in the table" in capsys.readouterr().err
    company.frame[["client"]].to_csv(seeds, index=False)
    assert main(words) == 1
    assert "100 of 100 rows are listed, so 0 others are left" in capsys.readouterr().err
    pd.concat([company.frame, company.frame[:1]]).to_csv(table, index=False)
    assert main(words) == 1
    assert "1 id stands in several rows of the table" in capsys.readouterr().err
    assert not (folder / "models").exists()


def test_options_that_do_not_go_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, seeds = made(100).write(folder)
    words = ["train", "fit", "--id", "client", "--seeds", str(seeds)]
    assert main(words) == 2
    assert "--seeds is given without --table" in capsys.readouterr().err
    assert main([*words, "--table", str(table), "--target", "size", "--weight", "usage"]) == 2
    said = capsys.readouterr().err
    assert "Both --seeds and --target are given" in said
    assert "Both --seeds and --weight are given" in said
    assert main([*words, "--table", str(table), "--base-rate", "1.5"]) == 2
    assert "base_rate" in capsys.readouterr().err
    with pytest.raises(UsageError):
        train_seeds("fit", table, id_column="client", seeds=seeds, folds=1)
    with pytest.raises(UsageError) as caught:
        train_seeds("fit", table, id_column="cliant", seeds=seeds)
    assert "Did you mean 'client'?" in str(caught.value)


def test_a_fifth_of_those_who_left_finds_the_others(data: Path, folder: Path) -> None:
    frame = pd.read_csv(data / "telco" / "Telco-Customer-Churn.csv")
    best = (frame.pop("Churn") == "Yes").to_numpy()
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    listed = best & (np.random.default_rng(80).random(len(best)) < 0.2)
    frame.to_csv("universe.csv", index=False)
    ids = frame["customerID"][listed].tolist()
    trained = train_seeds("fit", Path("universe.csv"), id_column="customerID", seeds=ids, log=False)
    rate = best[~listed].mean()
    assert trained.bundle.prior["at_most"] >= rate
    report = json.loads((trained.folder / "seeds.json").read_text())
    assert report["auc_against_true_others"]["low"] <= 0.84 <= report["auc_against_true_others"]["high"]
    assert report["auc_of_seeds_against_others"]["value"] < 0.81
    scores = salesml.Scorer(trained.bundle).score(frame[~listed])
    assert roc_auc_score(best[~listed], scores["raw_score"]) > 0.83
