"""A person's view of the store, as of one moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from salesml.store.access import Person
from salesml.store.generations import Current, every_current
from salesml.store.models import Score


class Desk:
    """What one person may read, in one transaction.

    No other module of the pages reads accounts or prospects, and every query here begins with
    :meth:`visible`: whose rows they are is part of the query, never of a page.

    Parameters
    ----------
    connection : Connection
        Reading published scores; see :func:`salesml.store.engine.reading`.
    person : Person
    today : date
        The company's day.
    """

    def __init__(self, connection: sa.Connection, person: Person, today: dt.date) -> None:
        self.connection = connection
        self.person = person
        self.today = today

    @cached_property
    def names(self) -> dict[str, Current]:
        """What is current, by the model's name."""
        return every_current(self.connection)

    def of_task(self, *tasks: str) -> Current | None:
        """The first model that is current of some tasks, in the order of the tasks, then of the names."""
        for task in tasks:
            for now in self.names.values():
                if now.task == task:
                    return now
        return None

    def visible(self, generation: int, *columns: Any, books: Iterable[str] | None = None) -> sa.Select[Any]:
        """The beginning of every query: rows of a generation that the person may see.

        Parameters
        ----------
        books : iterable of str, optional
            Only those of these reps; of them, those whose rows the person may see. A condition on reps beside
            the one that stands here would have a database expect fewer rows, and read them by a worse way.
        """
        if books is None:
            theirs = self.person.may_see(Score.rep_id)
        else:
            theirs = Score.rep_id.in_(sorted(each for each in books if self.person.sees(each)))
        return sa.select(*columns).where(Score.generation_id == generation, theirs)
