"""What a store has to show, how old it is, and what a page should say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.card_source import NAME as SCORECARD
from salesml.store.engine import Store
from salesml.store.generations import Current, every_current
from salesml.store.migrate import existing
from salesml.store.models import LOADING, Generation
from salesml.store.moments import clock
from salesml.store.turn import holder, words_of

STALE_AFTER: Final = 2
"""Days after its as-of date that scores count as current: they are made every night, and one may fail."""

CARD_STALE_AFTER: Final = 45
"""Days after its last full month that a scorecard counts as current."""


@dataclass(frozen=True)
class Shown:
    """The current scores of one name.

    Attributes
    ----------
    days : int
        Since their as-of date.
    stale : bool
    """

    name: str
    task: str
    model_version: str
    as_of: dt.date
    generation: int
    rows: int
    unscored: int
    published_at: dt.datetime | None
    days: int
    stale: bool

    def text(self) -> str:
        """One line of the report."""
        left = f", {self.unscored:,} not scored" if self.unscored else ""
        when = f", published {self.published_at:%Y-%m-%d %H:%M} UTC" if self.published_at else ""
        return (
            f"{self.name}: as of {self.as_of} ({_days(self.days)} ago), {self.rows:,} rows{left}, "
            f"{self.model_version}{when}, generation {self.generation}"
        )


@dataclass(frozen=True)
class Partial:
    """A load that has not ended."""

    name: str
    as_of: dt.date
    generation: int
    started_at: dt.datetime
    going_on: bool

    def text(self) -> str:
        """One line of the report."""
        begun = f"{self.started_at:%Y-%m-%d %H:%M} UTC"
        if self.going_on:
            return f"{self.name} as of {self.as_of} is being loaded since {begun}"
        return (
            f"A load of {self.name} as of {self.as_of}, begun {begun}, did not end. No reader sees it; "
            "the next publishing goes on with it or removes it"
        )


@dataclass(frozen=True)
class StoreStatus:
    """What :func:`status` found."""

    store: str
    shown: tuple[Shown, ...]
    partial: tuple[Partial, ...]
    writer: str

    @property
    def banner(self) -> str:
        """What is to be said of scores and scorecard; nothing when all is well."""
        return self._said(self.shown)

    @property
    def banner_of_scores(self) -> str:
        """What every page says above its scores: an old scorecard is told where it is shown."""
        return self._said([each for each in self.shown if each.task != SCORECARD])

    def _said(self, of: Sequence[Shown]) -> str:
        parts = [_of_old(each) for each in of if each.stale]
        if not self.shown:
            parts.append("There are no scores yet.")
        elif any(not each.going_on for each in self.partial):
            parts.append("The latest load of scores did not end; those shown are the ones before, and whole.")
        return " ".join(dict.fromkeys(parts))

    @property
    def alarming(self) -> bool:
        """Whether somebody should look."""
        return bool(self.banner)

    def text(self) -> str:
        """The report as a person reads it."""
        lines = [f"Store {self.store}"]
        for each in self.shown:
            lines.append(each.text() + (". They are stale" if each.stale else ""))
        lines += [each.text() for each in self.partial]
        lines += [f"Being written by {self.writer}"] if self.writer else []
        lines += [f"Pages say: {self.banner}"] if self.banner else []
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, dates as text."""
        told = asdict(self) | {"banner": self.banner, "alarming": self.alarming}
        return {key: _plain(value) for key, value in told.items()}


def status(store: Store, *, stale_after: int = STALE_AFTER, today: dt.date | None = None) -> StoreStatus:
    """Look at a store.

    Parameters
    ----------
    stale_after : int
        Days since the as-of date from which on scores are stale.
    today : date, optional
        The company's day; this one, in UTC, when left out.

    Raises
    ------
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away``.
    """
    existing(store)
    return store.read(lambda connection: _status(connection, store, stale_after, today))


def _status(connection: sa.Connection, store: Store, stale_after: int, today: dt.date | None) -> StoreStatus:
    day = today or clock(connection).date()
    found = list(every_current(connection).values())
    writer = holder(connection)
    return StoreStatus(
        str(store.address),
        tuple(_shown(now, day, stale_after) for now in found),
        _partial(connection, going_on=writer is not None),
        words_of(writer.owner or "") if writer else "",
    )


def _of_old(shown: Shown) -> str:
    ago = f"{shown.as_of.day} {shown.as_of:%B %Y}, {_days(shown.days)} ago"
    if shown.task == SCORECARD:
        return f"This scorecard ends on {ago}. What happened since is not in it."
    return f"These scores are of {ago}. What customers did since is not in them."


def _shown(now: Current, day: dt.date, stale_after: int) -> Shown:
    days = (day - now.as_of).days
    stale_after = max(stale_after, CARD_STALE_AFTER) if now.task == SCORECARD else stale_after
    return Shown(
        now.name, now.task, now.model_version, now.as_of, now.id, now.rows, now.unscored, now.finished_at,
        days, days > stale_after,
    )  # fmt: skip


def _partial(connection: sa.Connection, *, going_on: bool) -> tuple[Partial, ...]:
    query = (
        sa.select(Generation.name, Generation.as_of, Generation.id, Generation.started_at)
        .where(Generation.state == LOADING)
        .order_by(Generation.id)
    )
    return tuple(Partial(*row, going_on=going_on) for row in connection.execute(query))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else value
