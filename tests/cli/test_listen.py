"""Events as people see them: a line that changes on a terminal, plain lines in a log."""

from __future__ import annotations

import json

import pytest

from salesml.cli import listen
from salesml.cli.listen import listening
from salesml.scoring.batch import Event

RUN = "0123456789abcdef0123456789abcdef"


def progress(done: int) -> Event:
    return Event("progress", RUN, f"{done} of 10 rows", {"done": done, "rows": 10})


def test_in_a_log(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(listen.time, "monotonic", lambda: now[0])
    show = listening(as_json=False)
    show(Event("note", "", "before there is a run"))
    show(Event("stage", RUN, "Scoring 10 rows"))
    for done in range(1, 11):
        now[0] += 7
        show(progress(done))
    show(Event("failed", RUN, "long words", {"codes": ["a", "b"]}))
    assert capsys.readouterr().out.splitlines() == [
        "before there is a run",
        "0123456789ab Scoring 10 rows",
        "0123456789ab 5 of 10 rows",
        "0123456789ab 10 of 10 rows",
        "0123456789ab failed: a, b",
    ]


def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    show = listening(as_json=False)
    show(Event("stage", RUN, "Scoring 10 rows"))
    for done in (1, 2, 10):
        show(progress(done))
    show(Event("done", RUN, "Wrote 10 rows"))
    said = capsys.readouterr().out
    assert said.startswith("Scoring 10 rows\n\r1 of 10 rows")
    assert "2 of 10" not in said, "lines that change faster than one can read are left out"
    assert said.endswith("10 of 10 rows\nWrote 10 rows\n")


def test_for_a_scheduler(capsys: pytest.CaptureFixture[str]) -> None:
    show = listening(as_json=True)
    show(progress(3))
    show(Event("done", RUN, "Wrote 10 rows", {"rows": 10}))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["progress", "done"]
    assert lines[0]["time"].endswith("+00:00")
    assert (lines[0]["done"], lines[1]["rows"], lines[1]["run_id"]) == (3, 10, RUN)
