"""Features of a challenger that look like a leak, and that the champion does not rest on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from salesml.lifecycle.rows import Rows
from salesml.model.bundle import Bundle
from salesml.model.screening import Finding, screen
from salesml.model.verdict import ONE_SHARE

LEAKS = (
    "equals-outcome", "stands-for-outcome", "filled-in-after", "filled-in-for-some", "filled-in-together",
    "pair-tells-outcome", "order-tells-outcome", "rate-of-outcome", "state-of-today",
)  # fmt: skip
"""Codes of the checks before training that speak of a leak."""

USED = 0.01
"""A feature that makes less than this part of all contributions is not rested on."""


@dataclass(frozen=True)
class Suspect:
    """A feature and why it is suspected."""

    columns: tuple[str, ...]
    why: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def new_suspects(
    rows: Rows,
    challenger: Bundle,
    shares: Mapping[str, float],
    champion: Mapping[str, float],
    *,
    allow: Collection[str] = (),
) -> tuple[Suspect, ...]:
    """What only the challenger rests on, and looks like a leak on the rows that both are judged on.

    Either a check of the kind that is made before training finds it, or it makes half of all contributions.

    Parameters
    ----------
    shares, champion : mapping of str to float
        Each feature's share of all contributions in the challenger and in the champion.
    allow : collection of str
        Columns that somebody insists on.
    """
    new = [name for name in challenger.columns if _rests(shares, name) and not _rests(champion, name)]
    if not new:
        return ()
    dated = {feature.name for feature in challenger.features if not feature.undated}
    found = [
        Suspect(finding.columns, str(finding.what))
        for finding in _leaks(rows, challenger, dated, allow)
        if set(finding.columns) & set(new)
    ]
    known = {name for suspect in found for name in suspect.columns}
    return (*found, *_sharing(shares, set(new) - known - dated - set(allow)))


def _rests(shares: Mapping[str, float], name: str) -> bool:
    return shares.get(name, 0.0) >= USED


def _leaks(rows: Rows, challenger: Bundle, dated: Collection[str], allow: Collection[str]) -> list[Finding]:
    screening = screen(
        rows.X[list(challenger.columns)], rows.y, groups=rows.entity, dated=dated, allow=allow
    )  # fmt: skip
    return [each for each in screening.findings if each.code in LEAKS and each.severity != "note"]


def _sharing(shares: Mapping[str, float], names: Collection[str]) -> list[Suspect]:
    return [
        Suspect(
            (name,), f"{name}, which the champion does not rest on, makes {share:.0%} of all contributions"
        )
        for name, share in shares.items()
        if name in names and share >= ONE_SHARE
    ]
