"""Which generations a store keeps: a few whole, then their figures, then nothing.

Whole generations are what pages compare ("what moved this score?"); history is a figure now and then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from salesml.errors import Fault, UsageError
from salesml.store.generations import CHUNK, remove_rows, set_state
from salesml.store.models import GONE, HISTORY, SCORED, WHOLE, Generation, History, Pointer, Score
from salesml.store.turn import Writer


@dataclass(frozen=True)
class Retention:
    """How much of what was published stays.

    Parameters
    ----------
    whole : int
        Generations of each name that stay with all their rows, the current one among them; 2 at least, so
        that a page that is being read when the pointer moves finds its rows.
    days : int
        How far back figures go, before the newest as-of date.
    every : int
        Days between two generations whose figures stay.

    Raises
    ------
    UsageError
        ``bad-value``.
    """

    whole: int = 3
    days: int = 400
    every: int = 7

    def __post_init__(self) -> None:
        least = {"whole": 2, "days": 0, "every": 1}
        low = [name for name, value in least.items() if getattr(self, name) < value]
        if low:
            raise UsageError(
                [
                    Fault(
                        code="bad-value",
                        found=f"The rule of retention has {name} {getattr(self, name)}",
                        allowed=f"It is {least[name]} or more",
                    )
                    for name in low
                ]
            )


@dataclass(frozen=True)
class Line:
    """A generation as the rule looks at it."""

    id: int
    as_of: dt.date
    state: str


def plan(lines: list[Line], rule: Retention, current: int | None) -> dict[int, str]:
    """What becomes of each generation of one name: its state after the rule.

    Parameters
    ----------
    lines : list of Line
        Whole ones and those of which figures are left, in the order of publishing.
    current : int, optional
        The one that is pointed at; it stays, whatever its age.
    """
    whole = [line for line in lines if line.state == WHOLE]
    stays = {line.id for line in whole[-rule.whole :]} | {current}
    newest = max((line.as_of for line in lines), default=dt.date.min)
    replaced = {line.id for line in lines if any(o.as_of == line.as_of and o.id > line.id for o in lines)}
    result: dict[int, str] = {}
    last: dt.date | None = None
    for line in sorted(lines, key=lambda each: (each.as_of, each.id)):
        if line.id in stays:
            result[line.id] = WHOLE
            continue
        recent = (newest - line.as_of).days <= rule.days and line.id not in replaced
        apart = last is None or (line.as_of - last).days >= rule.every
        result[line.id] = HISTORY if recent and apart else GONE
        if result[line.id] == HISTORY:
            last = line.as_of
    return result


def retain(writer: Writer, name: str, rule: Retention) -> dict[int, str]:
    """Apply the rule to the generations of one name; those whose state changed."""
    lines, pointed = writer.store.read(lambda connection: _lines(connection, name))
    states = {line.id: line.state for line in lines}
    changed = {key: state for key, state in plan(lines, rule, pointed).items() if state != states[key]}
    for key, state in changed.items():
        if states[key] == WHOLE:
            remove_rows(writer, key, _keep_figures if state == HISTORY else None)
        else:
            _remove_figures(writer, key)
        writer.write(lambda connection, key=key, state=state: set_state(connection, key, state))  # type: ignore[misc]
    return changed


def _lines(connection: sa.Connection, name: str) -> tuple[list[Line], int | None]:
    query = (
        sa.select(Generation.id, Generation.as_of, Generation.state)
        .where(Generation.name == name, Generation.state.in_((WHOLE, HISTORY)))
        .order_by(Generation.id)
    )
    pointed = connection.execute(sa.select(Pointer.generation_id).where(Pointer.name == name)).scalar()
    return [Line(*row) for row in connection.execute(query)], pointed


def _keep_figures(connection: sa.Connection, first: int, last: int) -> None:
    """Copy the figures of rows that are about to go."""
    names = ("generation_id", "entity_id", "probability", "band", "value", "expected")
    rows = sa.select(*(getattr(Score, name) for name in names)).where(
        Score.id.between(first, last), Score.status == SCORED
    )
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(History).from_select(names, rows).on_conflict_do_nothing())


def _remove_figures(writer: Writer, generation: int) -> None:
    while writer.write(lambda connection: _remove_some_figures(connection, generation)):
        pass


def _remove_some_figures(connection: sa.Connection, generation: int) -> bool:
    of_it = History.generation_id == generation
    some = sa.select(History.entity_id).where(of_it).order_by(History.entity_id).limit(CHUNK).subquery()
    last = connection.execute(sa.select(sa.func.max(some.c.entity_id))).scalar()
    if last is None:
        return False
    connection.execute(sa.delete(History).where(of_it, History.entity_id <= last))
    return True
