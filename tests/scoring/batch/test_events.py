"""Events go to the log, and nowhere else unless somebody listens."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from salesml.scoring.batch import Event, to_log

WARN = "from salesml.scoring.batch import Event, to_log; to_log(Event('warning', 'r1', 'a column moved'))"


def test_a_warning_stands_in_the_log_with_its_run_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="salesml.score"):
        to_log(Event("warning", "r1", "a column moved"))
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("WARNING", "run_id=r1 event=warning a column moved")
    ]


def test_nothing_is_printed_where_nobody_has_set_up_logging() -> None:
    done = subprocess.run([sys.executable, "-c", WARN], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
