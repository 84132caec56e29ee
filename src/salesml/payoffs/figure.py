"""One line of the table: a figure, whose it is, and what it may be taken for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("estimand", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("band", pa.string()),
        pa.field("who", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("clusters", pa.int64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("total", pa.float64()),
        pa.field("causal", pa.bool_(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
    ]
)
"""The table of a payoff, one row for each figure."""

RATE: Final = "rate"
IF_LISTED: Final = "rate_if_listed"
IF_NOT: Final = "rate_if_not_listed"
LISTING: Final = "intention_to_treat"
CONTACT: Final = "local_average_treatment_effect"
PER_HOUR: Final = "effect_per_hour"
OBSERVED: Final = "observational_difference"
ORDER: Final = "rank_against_lot"
MARGIN: Final = "end_of_list_against_pool"
ESTIMANDS: Final = {
    RATE: "what came about, of these rows, per row",
    IF_LISTED: "what would have come about, had all that lots could list been listed (Hájek)",
    IF_NOT: "the same, had none of them been listed",
    LISTING: "what being listed did (intention to treat)",
    CONTACT: "what a contact did to those who were contacted because they were listed (LATE, Wald)",
    PER_HOUR: "what an hour did that was spent because of a list (Wald)",
    OBSERVED: "the contacted beside others of the same band, date and place on or off the list; reps chose",
    ORDER: "rows that stood on lists for their rank beside rows drawn by lot, whatever listing did",
    MARGIN: "what being listed did at the end of lists, less what it did to rows with no place for sure",
}
"""What each estimand is, in words."""

OUTCOME, MONEY, CONTACTED, HOURS, AN_HOUR, SAID = (
    "outcome", "money", "contacted", "hours", "per_hour", "said",
)  # fmt: skip
OUTCOMES: Final = {
    OUTCOME: "the outcome of the model: 1 or 0",
    MONEY: "the spec's value, summed over the gap and horizon",
    CONTACTED: "whether somebody was contacted",
    HOURS: "selling hours spent",
    AN_HOUR: "outcomes per selling hour that was spent",
    SAID: "the probability that the list said",
}

ALL, RANKED, DRAWN, OFF, TOUCHED, UNTOUCHED, LOTS = (
    "all", "by_rank", "by_lot", "not_listed", "contacted", "not_contacted", "lots_could_choose",
)  # fmt: skip
WHO: Final = {
    ALL: "all rows with a known outcome",
    RANKED: "on a list for their rank",
    DRAWN: "on a list by lot",
    OFF: "on no list",
    TOUCHED: "contacted",
    UNTOUCHED: "not contacted",
    LOTS: "rows whose chance of being listed lay between 0 and 1",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure.

    Parameters
    ----------
    estimand, outcome, who : str
        Keys of :data:`ESTIMANDS`, :data:`OUTCOMES` and :data:`WHO`.
    band : str
        Empty for all bands together.
    rows, clusters : int
    value, low, high : float
        With its 95 % interval. NaN where there is none; infinite where it has no end.
    p_value : float
        NaN for what is no difference.
    total : float
        Of rates the sum over the rows.
    causal : bool
        Whether lots make it an effect.
    method : str
        ``lots-again``, ``student-t``, ``wilson`` or ``none``.
    """

    estimand: str
    outcome: str
    who: str
    rows: int
    clusters: int
    value: float
    band: str = ""
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan
    total: float = math.nan
    causal: bool = False
    method: str = "none"

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def clear(self) -> bool:
        """Whether its interval leaves zero out."""
        return self.bounded and (self.low > 0 or self.high < 0)


def as_table(figures: Iterable[Figure]) -> pa.Table:
    """All figures as a table of the written schema; what is not known is empty, infinite ends stay."""
    return pa.Table.from_pylist([_plain(each) for each in figures], schema=SCHEMA)


def find(
    figures: Iterable[Figure], estimand: str, outcome: str = OUTCOME, who: str = "", band: str = ""
) -> Figure | None:
    """The figure of that name, if it was made."""
    for each in figures:
        same = each.estimand == estimand and each.outcome == outcome and each.band == band
        if same and (not who or each.who == who):
            return each
    return None


def _plain(each: Figure) -> dict[str, object]:
    found = asdict(each)
    found["band"] = each.band or None
    return {name: None if value != value else value for name, value in found.items()}
