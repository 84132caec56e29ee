"""README and docs under test: commands run, Python runs, links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from salesml.cli import main
from tests.company import make_project

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
AS_OF = "2026-01-01"


def blocks(kind: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_make_commands_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = re.findall(r"^make (\w+)$", "".join(blocks("sh")), re.MULTILINE)
    assert wanted == ["demo", "test"]
    for target in wanted:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_commands_and_the_python_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order, in a project whose orders end the day before the as-of date of the README."""
    (block,) = [text for text in blocks("sh") if "salesml init" in text]
    monkeypatch.chdir(tmp_path)
    for line in block.splitlines():
        words = shlex.split(line)
        if words[0] == "cd":
            monkeypatch.chdir(tmp_path / words[1])
            continue
        if words[:2] == ["salesml", "init"]:
            make_project(tmp_path / words[2])
            continue
        # The tables are as old as this test: they are fresh on that day, not today.
        today = ["--today", AS_OF] if words[1] == "validate" else []
        assert main([*words[1:], *today]) == 0, line
    assert (tmp_path / "shop" / "list.csv").exists()
    assert "champion" in capsys.readouterr().out
    (python,) = blocks("python")
    exec(compile(python, "README.md", "exec"), {})
    assert "C0" in capsys.readouterr().out


def test_the_training_script_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(make_project(tmp_path / "shop", customers=150))
    runpy.run_path(str(ROOT / "training" / "train_churn.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "label looks at" in said
    assert "Registered as models:/salesml-churn/1" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_command_is_documented() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in (
        "init",
        "demo",
        "validate",
        "snapshot",
        "train",
        "backtest",
        "promote",
        "revert",
        "tune",
        "monitor",
        "payoff",
        "reproduce",
        "register",
        "status",
        "score",
        "rank",
        "publish",
        "migrate",
        "erase",
    ):
        assert f"salesml {command}" in text, command


def test_every_module_of_the_benchmarks_is_documented() -> None:
    page = (ROOT / "docs" / "for-data-scientists.md").read_text(encoding="utf-8")
    for path in (ROOT / "benchmarks").glob("*.py"):
        if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8"):
            assert f"benchmarks.{path.stem}" in page, path.name
