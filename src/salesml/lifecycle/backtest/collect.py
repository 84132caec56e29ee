"""Every row of a backtest in one table: features as known on each date, and outcomes once known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.crm import CRM
from salesml.lifecycle.backtest.plan import Plan
from salesml.lifecycle.rows import Rows
from salesml.snapshots import Snapshot, take
from salesml.windows import horizon, lookback

NOT_KNOWN = -1
"""The label of a row whose horizon has not passed: every evaluation refuses it."""


def collect(spec: Spec, crm: CRM, plan: Plan, con: duckdb.DuckDBPyConnection) -> Snapshot:
    """One snapshot of all dates, from one query for those with a known outcome and one for the others.

    Its ``label`` is -1 where the outcome is not known yet.
    """
    labelled = take(spec, crm, plan.labelled, con=con)
    if not plan.unripe:
        return labelled
    ahead = take(spec, crm, plan.unripe, labels=False, con=con)
    label = pa.array(np.full(ahead.table.num_rows, NOT_KNOWN, dtype=np.int8))
    place = labelled.table.column_names.index("label")
    table = ahead.table.add_column(place, "label", label).select(labelled.table.column_names)
    return replace(
        labelled,
        table=pa.concat_tables([labelled.table, table.cast(labelled.table.schema)]),
        dropped=(*labelled.dropped, *ahead.dropped),
    )


class Late:
    """Outcomes that were known only later than the end of their horizon.

    A row of the label's log may arrive late. On the date of a backtest that lay between its day and
    its arrival, the account still counted as gone, and a model of that date learned it so.

    Parameters
    ----------
    first_known : dict of date to dict of str to date
        By as-of date: accounts that stayed, and the first day on which that was known, where that
        day lies after the horizon.
    """

    def __init__(self, first_known: dict[dt.date, dict[str, dt.date]]) -> None:
        self.first_known = first_known

    @classmethod
    def of(cls, spec: Spec, crm: CRM, plan: Plan, con: duckdb.DuckDBPyConnection) -> Late:
        """Ask the label's log, if its rows can arrive late at all."""
        log = crm.contract.events.get(spec.label.events)
        if spec.label.kind != "inactivity" or log is None or not log.known_at:
            return cls({})
        found: dict[dt.date, dict[str, dt.date]] = {}
        for day in {each for turn in plan.turns for each in turn.train}:
            end = horizon(day, spec.horizon_days, spec.gap_days).end
            quiet = lookback(end, spec.label.inactive_days)
            rows = con.execute(
                f'SELECT account, min(known_day) FROM "events_{log.name}" WHERE day >= ? AND day < ? '
                "AND NOT is_return AND account IS NOT NULL GROUP BY account HAVING min(known_day) >= ?",
                [quiet.start, quiet.end, end],
            ).fetchall()
            if rows:
                found[day] = dict(rows)
        return cls(found)

    def as_known(self, rows: Rows, on: dt.date) -> Rows:
        """Rows with their outcomes as they were known before a date."""
        if not self.first_known:
            return rows
        changed: NDArray[np.int8] = rows.y.copy()
        for place, (entity, day) in enumerate(zip(rows.entity, rows.as_of.tolist(), strict=True)):
            known = self.first_known.get(day, {}).get(entity)
            if known is not None and known >= on:
                changed[place] = 1
        return replace(rows, y=changed)
