"""One line of the table: a figure, what is usual of it, and whether it raises an alarm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("check", pa.string(), nullable=False),
        pa.field("feature", pa.string()),
        pa.field("since", pa.date32()),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("usual_low", pa.float64()),
        pa.field("usual_high", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("alarm", pa.bool_(), nullable=False),
        pa.field("sentence", pa.string(), nullable=False),
    ]
)
"""The table of a report, one row for each figure."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One figure of a date.

    Parameters
    ----------
    as_of : datetime.date
        The date that the figure is of; for outcomes one that has ripened.
    check : str
        ``feature``, ``levels``, ``apart``, ``attributions``, ``scores``, ``mean_score``, ``band_A`` …,
        ``expected_auc``, ``expected_log_loss``, ``expected_lift_10``, ``auc``, ``calibration`` …
    feature : str
        Where it is of one.
    since : datetime.date or None
        The date compared with.
    rows : int
    value : float
    low, high : float or None
        Its 95 % interval, where there is one.
    usual_low, usual_high : float or None
        Where 95 of 100 of the company's own past dates lie.
    threshold : float or None
        Beyond it the figure raises an alarm, if it is also unusual as the rule says.
    p_value : float or None
        How often the company's own past would have shown as much.
    alarm : bool
    sentence : str
    """

    as_of: dt.date
    check: str
    feature: str = ""
    since: dt.date | None = None
    rows: int = 0
    value: float = float("nan")
    low: float | None = None
    high: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    alarm: bool = False
    sentence: str = ""


def as_table(findings: Iterable[Finding]) -> pa.Table:
    """All findings as a table of the written schema."""
    return pa.Table.from_pylist([asdict(each) for each in findings], schema=SCHEMA)
