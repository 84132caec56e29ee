"""Past accounts as they were while still prospects, with what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.snapshots import Snapshot, take
from salesml.snapshots.open_ages import OpenAges, open_ages
from salesml.snapshots.plan import observed
from salesml.snapshots.shifted import refuse_undated, shift, tables_read
from salesml.snapshots.take_outcomes import Outcomes, take_outcomes

SEED = 0
SHOWN = ("earned", "cost_to_win", "cost_to_serve")
"""What is shown beside the numbers that are ranked, where the tables tell it."""


@dataclass(frozen=True)
class Past:
    """Won prospects with an outcome, each as known on one day while it was still open.

    Parameters
    ----------
    snapshot : Snapshot
        One row per prospect, without labels; ``as_of`` is the prospect's own date.
    outcomes : DataFrame
        The outcome of each of these rows, in the same order.
    told : Outcomes
        All outcomes, and what the tables tell.
    ages : OpenAges
        Where the ages come from.
    today : date
        The day whose open prospects they are of.
    left_out : dict of str to int
        Outcomes without a row, and why, in words.
    """

    snapshot: Snapshot
    outcomes: pd.DataFrame
    told: Outcomes
    ages: OpenAges
    today: dt.date
    left_out: Mapping[str, int]

    def summary(self) -> str:
        """Who has an outcome, who was left out, and at what ages they are looked at."""
        ages = (self.outcomes["as_of"] - self.outcomes["created_at"]).dt.days
        low, middle, high = np.quantile(ages, [0.1, 0.5, 0.9])
        whose = (
            f"as the {self.ages.prospects:,} prospects that are open on {self.today} are, as far as each got"
            if self.ages.prospects
            else "all alike, since nobody is open now"
        )
        lines = [self.told.summary(), *(f"left out: {n:,} {why}" for why, n in self.left_out.items())]
        lines.append(
            f"Each is looked at on one day while still open, at an age drawn {whose}: "
            f"{middle:.0f} days in the middle, {low:.0f} to {high:.0f} for four in five."
        )
        return "\n".join(lines)

    def shown(self) -> tuple[str, ...]:
        """Numbers worth showing beside those that are ranked."""
        costs = SHOWN if self.told.table["cost_to_win"].null_count < self.told.table.num_rows else ()
        return costs if "margin" in self.told.parts else ()


def past(spec: Spec, crm: CRM, *, seed: int = SEED) -> Past:
    """Every won prospect whose outcome is known, on a day drawn while it was still open.

    Raises
    ------
    UsageError
        When crm.yaml or the spec do not say what is needed.
    DataError
        When nobody was won, or nobody's outcome or past is known.
    """
    with crm.connect() as con:
        told = take_outcomes(spec, crm, con=con)
        today = observed(spec, crm).end
        ages = open_ages(con, today)
    frame = told.table.to_pandas(date_as_object=False)
    days_open = (frame["won_at"] - frame["created_at"]).dt.days.to_numpy()
    frame = frame[days_open > 0].reset_index(drop=True)
    if frame.empty:
        raise DataError(
            Fault(
                code="never-open",
                found=f"All {len(days_open):,} won prospects were won on the day they were created",
                allowed="A prospect is looked at on a day while it was still open",
                do="Check prospects.created_at: it is the day of the first contact",
                table="prospects",
                column="created_at",
            )
        )
    drawn = ages.draw(list(frame["prospect"]), days_open[days_open > 0].astype(np.int64), seed)
    frame["as_of"] = frame["created_at"] + pd.to_timedelta(drawn, unit="D")
    snapshot = _snapshot(spec, crm, frame, today)
    kept = frame.set_index("prospect").loc[snapshot.table["entity_id"].to_pylist()].reset_index()
    left_out = {
        "won on the day they were created, before which nothing was known": int((days_open <= 0).sum()),
        "that cannot be scored as they were": len(frame) - len(kept),
    }
    return Past(
        snapshot=_dated(snapshot, kept["as_of"]),
        outcomes=kept,
        told=told,
        ages=ages,
        today=today,
        left_out={why: count for why, count in left_out.items() if count},
    )


def _snapshot(spec: Spec, crm: CRM, frame: pd.DataFrame, today: dt.date) -> Snapshot:
    """All prospects on their own dates, as one snapshot of today."""
    columns = {name: dict(relation.columns) for name, relation in crm.relations().items()}
    refuse_undated(spec, columns, tables_read(spec))
    with crm.connect() as con:
        moved = shift(con, columns, list(frame["prospect"]), [day.date() for day in frame["as_of"]], today)
        snapshot = take(spec, crm, [today], labels=False, con=con, moved=True)
    return replace(snapshot, sql=f"{moved}\n{snapshot.sql}")


def _dated(snapshot: Snapshot, as_of: pd.Series[pd.Timestamp]) -> Snapshot:
    """The snapshot with each row's own date instead of the day that all were moved to."""
    place = snapshot.table.schema.get_field_index("as_of")
    own = pa.array(as_of.dt.date.to_list(), pa.date32())
    return replace(snapshot, table=snapshot.table.set_column(place, "as_of", own))
