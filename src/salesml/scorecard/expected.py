"""Losses that models expected before they happened: the table of a backtest, checked and read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from salesml.errors import DataError, Fault
from salesml.scorecard.facts import hold, owned, owner

FILE = "expected_losses.parquet"

COLUMNS = (
    "as_of", "entity_id", "rep_id", "probability", "value", "expected_loss", "label", "value_lost",
    "horizon_start", "horizon_end", "train_until",
)  # fmt: skip

LOSSES = """
WITH x AS (
    SELECT as_of AS day, entity_id AS account, rep_id, probability AS p, label::DOUBLE AS lost,
        coalesce(expected_loss, 0) AS value_expected, coalesce(value_lost, 0) AS value_lost
    FROM expected_file WHERE label IS NOT NULL AND probability IS NOT NULL AND as_of IN ({days})
),
usual AS (
    SELECT day, sum(lost) / nullif(sum(p), 0) AS level,
        sum(value_lost) / nullif(sum(value_expected), 0) AS value_level
    FROM x GROUP BY day
),
placed AS (SELECT x.*, coalesce(x.rep_id, {owner}) AS rep FROM x {owned})
SELECT b.day, b.account, b.rep, t.team, b.p, b.lost, b.p * coalesce(u.level, 1) AS usual,
    b.value_expected, b.value_lost, b.value_expected * coalesce(u.value_level, 1) AS value_usual
FROM placed AS b JOIN usual AS u ON u.day = b.day
ASOF LEFT JOIN teams AS t ON b.rep = t.rep AND b.day >= t.start
"""


def newest(backtests: Path) -> Path | None:
    """The expected losses of the newest backtest in a folder of them, if any has some."""
    found = sorted(backtests.glob(f"[!.]*/{FILE}"))
    return found[-1] if found else None


def add_expected(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[dt.date, ...]:
    """Create ``losses(day, account, rep, team, p, lost, usual, value_expected, value_lost, value_usual)``.

    A row for each account of a date whose outcome is known, with the rep of its book on that day. Dates whose
    horizons overlap that of a later one are left out, so that no loss counts twice. ``usual`` is ``p`` times
    what was lost of all customers of that date over what was expected.

    Returns
    -------
    tuple of datetime.date
        The dates.

    Raises
    ------
    DataError
        ``not-expected-losses`` for another kind of file, ``in-sample`` where a model had learned from
        outcomes of its own horizon, ``no-known-outcome`` where no outcome is known yet.
    """
    try:
        data = ds.dataset(path, format="parquet")
    except (OSError, pa.ArrowException) as error:
        raise DataError(_other_file(path, f"cannot be read as Parquet: {error}")) from error
    lacks = sorted(set(COLUMNS) - set(data.schema.names))
    if lacks:
        raise DataError(_other_file(path, f"lacks the columns {', '.join(lacks)}"))
    con.register("expected_file", data)
    try:
        days = _apart(_dates(con, path))
        listed = ", ".join(f"DATE '{day.isoformat()}'" for day in days)
        hold(con, "losses", LOSSES.format(days=listed, owner=owner("x.day"), owned=owned("x.day")))
    finally:
        con.unregister("expected_file")
    return days


def _dates(con: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[dt.date, dt.date, dt.date]]:
    """As-of date, start and end of the horizon of each date with known outcomes; refuses those in sample."""
    found = con.execute(
        "SELECT as_of, min(horizon_start), max(horizon_end), max(train_until) FROM expected_file "
        "WHERE label IS NOT NULL GROUP BY as_of ORDER BY as_of"
    ).fetchall()
    if not found:
        raise DataError(
            Fault(
                code="no-known-outcome",
                found=f"{path} has no row whose outcome is known",
                do="Run the backtest again once the days it predicts for have passed",
            )
        )
    # What a model learned last must have come about before the date it predicts for.
    seen = [day for day, _, end, learned in found if learned + (end - day) > day]
    if seen:
        raise DataError(
            Fault(
                code="in-sample",
                found=f"In {path} the models of {', '.join(str(day) for day in seen[:5])} learned from "
                "outcomes that were not known on those dates",
                allowed="The last as-of date of training at least a horizon before the date of prediction",
                do="Run `salesml backtest` again",
                count=len(seen),
            )
        )
    return [(day, start, end) for day, start, end, _ in found]


def _apart(dates: Iterable[tuple[dt.date, dt.date, dt.date]]) -> tuple[dt.date, ...]:
    """The newest date, the newest whose horizon ends before that of the first begins, and so on."""
    kept: list[dt.date] = []
    before = dt.date.max
    for day, start, end in sorted(dates, reverse=True):
        if end <= before:
            kept.append(day)
            before = start
    return tuple(sorted(kept))


def _other_file(path: Path, found: str) -> Fault:
    return Fault(
        code="not-expected-losses",
        found=f"{path} {found}",
        allowed=f"{FILE} of a backtest",
        do="Name another file, or run `salesml backtest`",
    )
