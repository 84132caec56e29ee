"""What came of answers, kept beside them for the pages: looked up again, it is written again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from salesml.store.feedback import AnswerOutcome, Feedback
from salesml.store.moments import clock

Known = Mapping[int, tuple[int, dt.date, dt.date]]
"""By the number of an answer: the label, and the days that it looks at, the end not included."""


def keep(connection: sa.Connection, known: Known) -> int:
    """Have the store hold these outcomes and no others; how many are of answers that are still there.

    Parameters
    ----------
    connection : Connection
        Writing feedback.
    """
    # Whoever was erased meanwhile is not brought back.
    there = set(connection.execute(sa.select(Feedback.id).with_for_update(read=True)).scalars())
    moment = clock(connection)
    rows = [
        {"answer": number, "label": label, "horizon_start": start, "horizon_end": end, "found_at": moment}
        for number, (label, start, end) in sorted(known.items())
        if number in there
    ]
    connection.execute(sa.delete(AnswerOutcome))
    if rows:
        connection.execute(sa.insert(AnswerOutcome), rows)
    return len(rows)
