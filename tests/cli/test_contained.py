"""Asked to end, by whatever signal and to whichever process, a job ends, and the next start goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_streams import job
from tests.conftest import need
from tests.faults.made import small


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("contained"), size=90_000)


def asked_to_end(folder: Path, out: Path, number: int, *, group: bool) -> tuple[int, str]:
    """A job that is asked to end once it scores: its exit code, and what it said."""
    started = subprocess.Popen(
        job(folder, out, "--json", "--threads", "1"), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert started.stdout
    for line in started.stdout:
        if '"progress"' in line:
            break
    (os.killpg if group else os.kill)(started.pid, number)
    _, said = started.communicate(timeout=60)
    return started.returncode, said


@pytest.mark.parametrize(
    ("number", "code", "group"),
    [(signal.SIGINT, 130, True), (signal.SIGINT, 130, False), (signal.SIGTERM, 143, False)],
    ids=["keyboard", "interrupt", "scheduler"],
)
def test_a_job_that_is_asked_to_end(
    folder: Path, tmp_path: Path, number: int, code: int, *, group: bool
) -> None:
    need(hasattr(os, "fork"), "this system has no fork")
    out = tmp_path / "scores"
    ended, said = asked_to_end(folder, out, number, group=group)
    assert "Traceback" not in said
    assert ended == code
    assert not list(out.rglob("*.parquet"))
    again = subprocess.run(job(folder, out), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "were scored before" in again.stdout


def test_what_a_library_makes_of_ctrl_c_is_no_fault_of_the_data(
    tmp_path: Path,
) -> None:
    """DuckDB ends a query with an error of its own."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal, sys\n"
        "from salesml.cli import entry\n"
        "from salesml.errors import DataError, Fault\n"
        "def query(arguments):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt as error:\n"
        "        raise (DataError(Fault(code='x', found='y')) if sys.argv[2:] else RuntimeError) from error\n"
        "parsed = type('Parsed', (), {'run': query})\n"
        "entry.make_parser = type('Parser', (), {'parse_args': lambda self, argv: parsed})\n"
        "sys.exit(entry.main())\n"
    )
    for more in ([], ["data"]):
        done = subprocess.run([sys.executable, str(script), "x", *more], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (130, "salesml: stopped\n")
