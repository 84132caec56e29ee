"""The page for those on call under test: its commands parse, its Airflow task and systemd units hold."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from salesml.cli.parser import make_parser

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "for-night-jobs.md").read_text(encoding="utf-8")
BOTH = PAGE + (DOCS / "store.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str = "") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks(BOTH)).splitlines()
    return sorted({line for line in lines if line.startswith("salesml ")})


@pytest.mark.parametrize("line", commands())
def test_each_command_is_one(line: str) -> None:
    assert callable(make_parser().parse_args(shlex.split(line)[1:]).run)


def test_options_that_the_text_names_are_there() -> None:
    helps = "".join(
        parser.format_help() for action in make_parser()._actions for parser in _parsers(action).values()
    )
    told = set(re.findall(r"`(--[a-z-]+)", BOTH))
    assert len(told) > 15
    assert {name for name in told if name not in helps} == set()


def _parsers(action: Any) -> dict[str, Any]:
    return action.choices if isinstance(action.choices, dict) else {}


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The task of the page, with as much of Airflow as it uses."""
    decorators, exceptions = ModuleType("airflow.decorators"), ModuleType("airflow.exceptions")
    decorators.task = lambda **_: lambda function: function  # type: ignore[attr-defined]
    exceptions.AirflowException = type("AirflowException", (Exception,), {})  # type: ignore[attr-defined]
    exceptions.AirflowFailException = type("AirflowFailException", (Exception,), {})  # type: ignore[attr-defined]
    for module in (ModuleType("airflow"), decorators, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    (code,) = blocks(PAGE, "python")
    space: dict[str, Any] = {}
    exec(compile(ast.parse(code), "for-night-jobs.md", "exec"), space)
    return space


@pytest.mark.parametrize(
    ("code", "raised"),
    [(0, None), (3, None), (1, "AirflowFailException"), (2, "AirflowFailException"), (4, "AirflowException"),
     (130, "AirflowException"), (143, "AirflowException"), (-9, "AirflowException")],
)  # fmt: skip
def test_airflow_tries_again_only_what_may_pass(
    airflow: dict[str, Any], monkeypatch: pytest.MonkeyPatch, code: int, raised: str | None
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        ran.append(command)
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(airflow["subprocess"], "run", run)
    with pytest.raises(airflow[raised]) if raised else nullcontext():
        airflow["score_churn"](ds="2026-01-01")
    (command,) = ran
    assert make_parser().parse_args(command[1:]).as_of.isoformat() == "2026-01-01"


def test_systemd_knows_the_units(tmp_path: Path) -> None:
    (block,) = [block for block in blocks(PAGE) if "[Service]" in block]
    _, *told = re.split(r"^# /etc/systemd/system/(\S+)\n", block, flags=re.MULTILINE)
    units = {name: tmp_path / name for name in told[::2]}
    for name, text in zip(told[::2], told[1::2], strict=True):
        units[name].write_text(text)
    assert sorted(units) == ["salesml-churn.service", "salesml-churn.timer"]
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze to ask")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units.values())], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "salesml-churn" not in done.stderr, "no line of them is passed over"
