"""How a job's events are shown: on a terminal, in a log, or to a scheduler."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from salesml.cli.say import say
from salesml.cli.streams import put

if TYPE_CHECKING:
    from salesml.scoring.batch import Event, Listener

EVERY = 30.0
"""Seconds between two lines of progress in a log."""

OFTEN = 0.2
"""Seconds between two changes of the line on a terminal."""

SHOWN = 12
"""Letters of the run id before each line of a log."""


def listening(*, as_json: bool) -> Listener:
    """What shows events: lines of JSON, or lines for people."""
    if as_json:
        return lambda event: say(event.line())
    return _OnTerminal() if sys.stdout.isatty() else _InLog()


class _OnTerminal:
    """Lines, and one that changes while rows are scored."""

    def __init__(self) -> None:
        self._shown = 0
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        if event.event == "progress":
            finished = event.facts["done"] == event.facts["rows"]
            if finished or time.monotonic() - self._last >= OFTEN:
                self._last = time.monotonic()
                put(f"\r{event.text:<{self._shown}}", sys.stdout, end="")
                self._shown = len(event.text)
            return
        if self._shown:
            say("")
            self._shown = 0
        if event.event != "failed":
            say(event.text)


class _InLog:
    """Lines that begin with the run id; of the progress one now and then."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        if event.event == "progress":
            if time.monotonic() - self._last < EVERY:
                return
            self._last = time.monotonic()
        text = f"failed: {', '.join(event.facts['codes'])}" if event.event == "failed" else event.text
        say(f"{event.run_id[:SHOWN]} {text}".lstrip())
