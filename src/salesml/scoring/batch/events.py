"""What a job tells while it runs: one event after the other, for people or for a scheduler."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Listener = Callable[["Event"], None]

EVERY = 30.0
"""Seconds between lines of progress where nobody watches."""

_log = logging.getLogger("salesml.score")
_log.addHandler(logging.NullHandler())  # a library prints nothing where nobody has set up logging


@dataclass(frozen=True)
class Event:
    """Something that happened in a job.

    Parameters
    ----------
    event : str
        ``begun``, ``stage``, ``progress``, ``warning``, ``note``, ``done``, ``failed``.
    run_id : str
    text : str
        As a person reads it.
    facts : dict
        Numbers for programs.
    """

    event: str
    run_id: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The event as one line of JSON, with the time in UTC."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        return json.dumps(
            {"time": now, "event": self.event, "run_id": self.run_id, "text": self.text, **self.facts},
            default=str,
        )


def to_log(event: Event) -> None:
    """To the logger ``salesml.score``, the run id on every line."""
    level = logging.WARNING if event.event in ("warning", "failed") else logging.INFO
    _log.log(level, "run_id=%s event=%s %s", event.run_id, event.event, event.text)


class Teller:
    """Tells the events of one job and takes the time of its stages.

    Parameters
    ----------
    run_id : str
    listener : callable
        Gets every event.
    clock : callable
        Seconds, of any origin.
    """

    def __init__(
        self, run_id: str, listener: Listener = to_log, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.run_id = run_id
        self.listener = listener
        self.clock = clock
        self.seconds: dict[str, float] = {}
        self._stage: tuple[str, float] | None = None

    def tell(self, event: str, text: str, **facts: Any) -> None:
        """Hand an event to the listener."""
        self.listener(Event(event, self.run_id, text, facts))

    def stage(self, name: str, text: str, **facts: Any) -> None:
        """Begin a stage, and end the one before."""
        self.end()
        self._stage = name, self.clock()
        self.tell("stage", text, stage=name, **facts)

    def end(self) -> None:
        """End the stage that is under way."""
        if self._stage:
            name, since = self._stage
            self.seconds[name] = round(self.seconds.get(name, 0.0) + self.clock() - since, 3)
            self._stage = None


class Progress:
    """How far the scoring is: rows, rate and time left.

    Parameters
    ----------
    teller : Teller
    rows : int
        All there are.
    done : int
        Those that an earlier start of the job did; they do not count for the rate.
    """

    def __init__(self, teller: Teller, rows: int, done: int = 0) -> None:
        self.teller = teller
        self.rows = rows
        self.done = done
        self._before = done
        self._began = teller.clock()

    def add(self, rows: int) -> None:
        """Some more rows are done."""
        self.done += rows
        seconds = max(self.teller.clock() - self._began, 1e-9)
        rate = (self.done - self._before) / seconds
        left = (self.rows - self.done) / rate if rate else 0.0
        text = f"{self.done:,} of {self.rows:,} rows, {rate:,.0f} a second, {clock_text(left)} left"
        self.teller.tell(
            "progress", text, done=self.done, rows=self.rows, rate=round(rate), seconds_left=round(left)
        )


def clock_text(seconds: float) -> str:
    """'42 s', '3 min', '2 h 5 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
