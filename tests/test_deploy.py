"""What docs/deploy.md says of systemd, held against systemd itself and against the command's own options."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from salesml.cli.parser import make_parser
from tests.conftest import need

DOCS = Path(__file__).parents[1] / "docs" / "deploy.md"
INSTALLED = "/opt/salesml/bin/salesml"


def unit() -> str:
    (found,) = re.findall(r"```\n(\[Unit\].*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def starts() -> list[str]:
    """Command lines by which the unit may start the server."""
    return re.findall(r"^ExecStart=(.*)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    need(program, "systemd is not installed (make services)")
    for number, start in enumerate(starts()):
        text = unit().replace(starts()[0], start)
        file = tmp_path / f"salesml{number}.service"
        file.write_text(text.replace(INSTALLED, sys.executable))
        done = subprocess.run(
            [str(program), "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, [each for each in done.stderr.splitlines() if file.name in each]) == (0, [])


@pytest.mark.parametrize("start", starts())
def test_the_command_takes_what_the_unit_says(start: str) -> None:
    words = shlex.split(start)
    assert words[:2] == [INSTALLED, "serve"]
    assert make_parser().parse_args(words[1:]).workers == 2


def test_the_server_is_killed_only_after_its_own_time_is_over() -> None:
    from salesml.web.server import ENDING

    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit(), re.MULTILINE)
    assert int(seconds) > ENDING
