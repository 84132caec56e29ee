"""``scorecard.yaml``: which money counts, and what early and best mean. It may be left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salesml.config.section import Section, read_yaml
from salesml.errors import Fault, UsageError

TEXTS = ("revenue", "margin", "churn", "conversion", "fit")


@dataclass(frozen=True)
class Shared:
    """A practice that was shared with all reps, by its short name, and the day."""

    practice: str
    on: dt.date


@dataclass(frozen=True, kw_only=True)
class ScorecardSpec:
    """What the scorecard counts.

    Parameters
    ----------
    revenue, margin : str
        ``LOG.MEASURE``. Left out, margin is the ``value`` of the churn model and revenue the measure called
        ``revenue`` of the same log.
    churn, conversion, fit : str
        Names of the models that say who is lost, won and ideal.
    early_months : int
        A customer who is lost within so many months of being won has left early.
    best : float
        The share of customers that are called the best, by margin.
    shared : tuple of Shared
        Practices that were shared, such as ``{practice: prompt answer, on: 2025-03-01}``.
    """

    revenue: str = ""
    margin: str = ""
    churn: str = "churn"
    conversion: str = "conversion"
    fit: str = "fit"
    early_months: int = 6
    best: float = 0.2
    shared: tuple[Shared, ...] = ()


def read_scorecard(path: Path) -> ScorecardSpec:
    """Read ``scorecard.yaml``; a missing file means the defaults.

    Raises
    ------
    UsageError
        With every fault of the file.
    """
    if not path.exists():
        return ScorecardSpec()
    faults: list[Fault] = []
    top = Section(read_yaml(path), f"{path.name}:", faults)
    given = ScorecardSpec()
    spec = ScorecardSpec(
        **{name: top.text(name, getattr(given, name)) for name in TEXTS},
        early_months=top.integer("early_months", given.early_months, least=1),
        best=top.number("best", given.best),
        shared=tuple(_shared(top, faults)),
    )
    if not 0 < spec.best < 1:
        top.fault("bad-value", "best", f"is {spec.best:g}", "It must lie between 0 and 1")
    for name in ("revenue", "margin"):
        value = getattr(spec, name)
        if value and value.count(".") != 1:
            top.fault("bad-value", name, f"is {value!r}", "It must be LOG.MEASURE, such as orders.margin")
    top.done()
    if faults:
        raise UsageError(faults)
    return spec


def _shared(top: Section, faults: list[Fault]) -> Iterator[Shared]:
    given = top.raw("shared", [])
    if not isinstance(given, list):
        top.fault("bad-value", "shared", f"is {given!r}", SHARED)
        return
    for number, entry in enumerate(given, start=1):
        if isinstance(entry, dict):
            # YAML reads a bare `on` as true.
            entry = {"on" if key is True else key: value for key, value in entry.items()}
        each = Section(entry, f"{top.where} shared[{number}]", faults)
        practice, on = each.text("practice"), each.date("on")
        each.done()
        if practice is not None and on is not None:
            yield Shared(practice, on)


SHARED = "It must be a list, each entry as {practice: prompt answer, on: 2025-03-01}"
