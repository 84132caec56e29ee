"""A search that is killed outright, at any moment, loses the trial under way and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.search import Search
from salesml.lifecycle.tuning.space import Space
from salesml.lifecycle.tuning.study import Study
from tests.lifecycle.tuning.test_search import SPACE, WEIGHTS, loss

PROGRAM = """
import sys, time
from pathlib import Path
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.search import Search
from salesml.lifecycle.tuning.study import Study
from tests.lifecycle.tuning.test_search import SPACE, WEIGHTS, loss

study = Study.begin(Path(sys.argv[1]), "churn", {"seed": "0"})
def fit(*given):
    time.sleep(0.01)
    return loss(*given)
Search(SPACE, WEIGHTS, fit, first=[SPACE.chosen({})]).run(
    (), trials=None, budget=Budget(None), keep=study.keep
)
"""


@pytest.mark.parametrize("after", [1, 4])
def test_what_was_done_is_there_and_the_rest_is_as_it_would_have_been(tmp_path: Path, after: int) -> None:
    root = Path(__file__).resolve().parents[3]
    path = os.pathsep.join([str(root / "src"), str(root)])
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], env={**os.environ, "PYTHONPATH": path}, cwd=root
    )
    try:
        while sum(map(len, (_lines(each) for each in tmp_path.glob("[!.]*/trials.jsonl")))) < after:
            assert child.poll() is None
            time.sleep(0.005)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    study = Study.newest(tmp_path, "churn")
    assert study is not None
    known = study.trials()
    assert len(known) >= after
    search = Search(Space(SPACE.largest_leaf), WEIGHTS, loss, first=[SPACE.chosen({})])
    with study.alone():  # a lock that a dead process held is free
        ended = search.run(known, trials=len(known) + 3, budget=Budget(None), keep=study.keep)
    unbroken = search.run((), trials=len(ended), budget=Budget(None), keep=lambda trial: None)
    assert ended == unbroken == study.trials()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
