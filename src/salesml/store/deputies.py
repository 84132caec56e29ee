"""Who stands in for whom, and when: both days included, by the company's day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from salesml.errors import DataError, Fault
from salesml.store.audit import about, note
from salesml.store.directory import directory
from salesml.store.engine import Store
from salesml.store.moments import clock
from salesml.store.people import Deputy


@dataclass(frozen=True)
class StandIn:
    """One rep stands in for another.

    Attributes
    ----------
    rep_id : str
        Whose book it is.
    deputy_id : str
        Who sees it, too.
    """

    id: int
    rep_id: str
    deputy_id: str
    starts_on: dt.date
    ends_on: dt.date
    by: str
    ended_at: dt.datetime | None


def appoint(
    store: Store, rep_id: str, deputy_id: str, starts_on: dt.date, ends_on: dt.date, *, by: str
) -> int:
    """Have a rep stand in for another; the number by which it can be ended before its time.

    Raises
    ------
    DataError
        ``no-rep``, ``bad-deputy``, ``bad-dates``.
    """
    _check(store, rep_id, deputy_id, starts_on, ends_on)

    def work(connection: sa.Connection) -> int:
        line = sa.insert(Deputy).values(
            rep_id=rep_id, deputy_id=deputy_id, starts_on=starts_on, ends_on=ends_on, by=by,
            at=clock(connection), ended_by=None, ended_at=None,
        )  # fmt: skip
        made = connection.execute(line.returning(Deputy.id)).scalar_one()
        note(connection, by, "appointed-deputy", about("deputy", str(made)))
        return made

    return store.write(work, store.feedback)


def end(store: Store, number: int, *, by: str) -> None:
    """End it now.

    Raises
    ------
    DataError
        ``no-deputy`` when there is none of that number, or it was ended already.
    """

    def work(connection: sa.Connection) -> None:
        mine = sa.update(Deputy).where(Deputy.id == number, Deputy.ended_at.is_(None))
        if connection.execute(mine.values(ended_by=by, ended_at=clock(connection))).rowcount != 1:
            raise DataError(
                Fault(
                    code="no-deputy",
                    found=f"Nobody stands in under the number {number}, or it was ended already",
                    do="`salesml users deputies` shows the numbers",
                )
            )
        note(connection, by, "ended-deputy", about("deputy", str(number)))

    store.write(work, store.feedback)


def listed(store: Store) -> Sequence[StandIn]:
    """All that were ever appointed, oldest first."""
    query = sa.select(
        Deputy.id,
        Deputy.rep_id,
        Deputy.deputy_id,
        Deputy.starts_on,
        Deputy.ends_on,
        Deputy.by,
        Deputy.ended_at,
    ).order_by(Deputy.id)
    return store.read(lambda con: [StandIn(*row) for row in con.execute(query)], store.feedback)


def _check(store: Store, rep_id: str, deputy_id: str, starts_on: dt.date, ends_on: dt.date) -> None:
    company = directory(store)
    faults = [
        Fault(
            code="no-rep",
            found=f"No rep has the id {each}",
            allowed="Ids are those of the company's table of reps, as it was last published",
        )
        for each in dict.fromkeys((rep_id, deputy_id))
        if each not in company.by_id
    ]
    if rep_id == deputy_id:
        faults.append(Fault(code="bad-deputy", found=f"{rep_id} would stand in for themselves"))
    if ends_on < starts_on:
        faults.append(
            Fault(code="bad-dates", found=f"It would end on {ends_on}, before {starts_on}, when it begins")
        )
    if faults:
        raise DataError(faults)
