"""docs/retraining.md, run as it stands: two years in which the market changes."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from salesml.cli import main

PAGE = (Path(__file__).parents[1] / "docs" / "retraining.md").read_text(encoding="utf-8")
EXPECTED = re.compile(r"\s+# (\d+)$")


@dataclass(frozen=True)
class Ran:
    """A line of the page: what it was to end with, what it ended with, and what it printed."""

    line: str
    expected: int
    code: int
    printed: str


def lines() -> Iterator[tuple[str, int]]:
    """Each line of each block of commands, with the exit code that the page tells."""
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            told = EXPECTED.search(line)
            yield EXPECTED.sub("", line), int(told.group(1)) if told else 0


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ran]]:
    """Everything that the page does, in its order; each line by what is unique to it."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("story"))
    patch = pytest.MonkeyPatch()
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    patch.delenv("MLFLOW_REGISTRY_URI", raising=False)
    ran: dict[str, Ran] = {}
    try:
        for number, (line, expected) in enumerate(lines()):
            ran[f"{number:02d} {line}"] = _run(line, expected)
        yield ran
    finally:
        os.chdir(before)
        patch.undo()


def _run(line: str, expected: int) -> Ran:
    words = shlex.split(line)
    if words[0] == "cd":
        os.chdir(words[1])
        return Ran(line, expected, 0, "")
    if words[0] != "salesml":
        command = line.replace("python -c", f"{shlex.quote(sys.executable)} -c")
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
        return Ran(line, expected, done.returncode, done.stdout + done.stderr)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(words[1:])
    return Ran(line, expected, code, printed.getvalue())


def of(story: dict[str, Ran], words: str, nth: int = 0) -> Ran:
    """The nth line that holds some words."""
    return [each for each in story.values() if words in each.line][nth]


def flat(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())
