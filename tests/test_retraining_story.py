"""docs/retraining.md, run as it stands: two years in which the market changes."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from salesml.cli import main

PAGE = (Path(__file__).parents[1] / "docs" / "retraining.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"\s+# (\d+)$")
AFTER = dt.date(2025, 9, 1)


@dataclass(frozen=True)
class Ran:
    """A line of the page: what it was to end with, what it ended with, and what it printed."""

    line: str
    expected: int
    code: int
    printed: str


@dataclass(frozen=True)
class Story:
    """Everything that the page does, in its order, and where."""

    folder: Path
    ran: list[Ran]

    def of(self, words: str, nth: int = 0) -> str:
        """What the nth line that holds some words has printed."""
        return [flat(each.printed) for each in self.ran if words in each.line][nth]


def lines() -> Iterator[tuple[str, int]]:
    """Each line of each block of commands, with the exit code that the page tells."""
    for shell, block in BLOCK.findall(PAGE):
        for line in block.splitlines() if shell else ():
            told = EXPECTED.search(line)
            yield EXPECTED.sub("", line), int(told.group(1)) if told else 0


def passages() -> Iterator[tuple[int, str]]:
    """What the page shows as printed, part by part, by the number of the line that prints it."""
    number = -1
    for shell, block in BLOCK.findall(PAGE):
        if shell:
            number += len(block.splitlines())
        else:
            yield from ((number, part) for part in block.split("…\n"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    before, folder = Path.cwd(), tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.delenv("MLFLOW_REGISTRY_URI", raising=False)
        os.chdir(folder)
        try:
            ran = [_run(line, expected) for line, expected in lines()]
        finally:
            os.chdir(before)
    return Story(folder / "company", ran)


def _run(line: str, expected: int) -> Ran:
    words = shlex.split(line)
    if words[0] == "cd":
        os.chdir(words[1])
        return Ran(line, expected, 0, "")
    if words[0] != "salesml":
        command = line.replace("python -c", f"{shlex.quote(sys.executable)} -c")
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        return Ran(line, expected, done.returncode, done.stdout + done.stderr)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(words[1:])
    return Ran(line, expected, code, printed.getvalue())


def flat(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def without_figures(text: str) -> str:
    """Figures differ in their last digits from one processor to the next; what is said of them must not."""
    return re.sub(r"[-+]?\d+(?:[.,]\d+)*", "#", flat(text))


def test_every_command_ends_as_the_page_says(story: Story) -> None:
    wrong = [f"{each.line}\n{each.printed}" for each in story.ran if each.code != each.expected]
    assert not wrong, "\n".join(wrong)


def test_what_the_page_shows_is_what_is_printed(story: Story) -> None:
    for number, passage in passages():
        assert without_figures(passage) in without_figures(story.ran[number].printed)


def test_drift_is_noticed_and_not_before_there_is_any(story: Story) -> None:
    looks = [story.of("salesml monitor", nth) for nth in range(5)]
    assert ["No alarm for churn" in look for look in looks] == [True, True, False, False, False]
    advice = [re.search(r"Train again: (.*?)\.", look)[1] for look in looks]  # type: ignore[index]
    assert advice[1:] == ["pointless", "not yet", "not yet", "now"]
    assert advice[0] != "now", "whether the AUC is just below what was promised, or just not, is of no matter"
    assert "ALARM feature logins_count_30d" in looks[2], "what the change does to logins, within a month"
    assert "ALARM auc_kept" in looks[3], "what it does to quality, as soon as outcomes are known"


def test_retraining_helps_by_what_is_true(story: Story) -> None:
    """Against the true chances, which no model has seen, for the accounts of the day it was made for."""
    truth = pd.read_parquet(story.folder / "truth" / "accounts.parquet")
    p = truth[truth["as_of"] == AFTER].set_index("account_id")["p_observable"]
    old, new = (_scores(story, version) for version in (1, 3))
    assert set(old.index) == set(new.index) <= set(p.index)
    lost = {each.name: _log_loss(p, each) for each in (old, new, p)}
    assert lost["p_observable"] < lost["3"] < lost["1"] - 0.004
    assert _reached(p, new) > 1.1 * _reached(p, old)


def _scores(story: Story, version: int) -> pd.Series[float]:
    """The probabilities of the generation that a version made for the day."""
    for file in story.folder.glob(f".scores.salesml/generations/*={AFTER}/*/parts/*.parquet"):
        table = pd.read_parquet(file)
        if set(table["model_version"]) == {f"salesml-churn/{version}"}:
            return table.set_index("entity_id")["probability"].rename(str(version))
    raise AssertionError(f"No scores of version {version}")


def _log_loss(p: pd.Series[float], said: pd.Series[float]) -> float:
    """The log loss to be expected where chances are p."""
    true = p.reindex(said.index)
    return float(-(true * np.log(said) + (1 - true) * np.log1p(-said)).mean())


def _reached(p: pd.Series[float], said: pd.Series[float]) -> float:
    """How many are to be expected to leave in the first fifth of the list."""
    first = said.sort_values(ascending=False).index[: len(said) // 5]
    return float(p.reindex(first).sum())


def test_a_model_of_the_old_market_and_a_sabotaged_one_are_refused(story: Story) -> None:
    early, good, sabotaged = (story.of("salesml promote churn challenger", nth) for nth in range(3))
    assert "The challenger is not shown to be better than the champion" in early
    assert "the champion stays version 1" in early
    assert "Version 3 of salesml-churn is the champion now, in the place of version 1" in good
    assert "[not-of-use] Version 4" in sabotaged
    assert "farewell" in story.of("salesml train churn", 3), "it is told which column gave it away"
    champions = _registry(story).get_registered_model("salesml-churn").tags["salesml.champions"]
    assert "4" not in champions


def test_a_revert_turns_back_the_champion_the_store_and_the_files(story: Story) -> None:
    done = story.of("salesml revert")
    assert "Version 1 of salesml-churn is the champion again, in the place of version 3" in done
    with contextlib.closing(sqlite3.connect(story.folder / "store.db")) as store:
        (shown,) = store.execute(
            "select g.model_version from pointers p join generations g on g.id = p.generation_id"
        ).fetchall()
    assert shown == ("salesml-churn/1",)
    (file,) = (story.folder / "scores" / "task=churn" / f"as_of={AFTER}").glob("*.parquet")
    assert set(pd.read_parquet(file)["model_version"]) == {"salesml-churn/1"}


def test_who_promoted_and_why_is_known(story: Story) -> None:
    tags = _registry(story).get_model_version("salesml-churn", "3").tags
    assert tags["salesml.judged"] == "promoted"
    assert tags["salesml.judged.by"] == "Ann Lee"
    assert tags["salesml.judged.reason"] == "the revert was a drill"
    assert _registry(story).get_model_version_by_alias("salesml-churn", "champion").version == 3


def _registry(story: Story) -> MlflowClient:
    return MlflowClient(f"sqlite:///{story.folder / 'mlflow.db'}")
