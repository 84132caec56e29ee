"""All checks of the rows before anything is learned from them."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from salesml.model.coding import as_frame
from salesml.model.screening.association import Outcome
from salesml.model.screening.constants import constants
from salesml.model.screening.dates import dates
from salesml.model.screening.encoded import encoded
from salesml.model.screening.finding import ORDER, Finding
from salesml.model.screening.identifiers import identifiers, name_rows
from salesml.model.screening.no_signal import no_signal
from salesml.model.screening.outcome_copies import copies, tell_alone
from salesml.model.screening.pairs import pairs
from salesml.model.screening.positives import positives
from salesml.model.screening.proxies import proxies
from salesml.model.screening.repeats import find_repeats
from salesml.model.screening.shift import covariate_shift, label_shift
from salesml.model.screening.unions import join
from salesml.model.screening.view import Codes, View
from salesml.model.screening.written_later import written_later
from salesml.model.target import read_owner, read_target

WIDTH = 100


@dataclass(frozen=True)
class Screening:
    """What was found, gravest first, and which rows folds must keep together.

    Parameters
    ----------
    findings : tuple of Finding
    groups : ndarray of shape (rows,)
        Numbers from 0: rows of one account, and rows that repeat one another, share one.
    """

    findings: tuple[Finding, ...]
    groups: NDArray[np.int64]

    @property
    def stops(self) -> tuple[Finding, ...]:
        """Findings that somebody must decide on before anything is learned."""
        return tuple(finding for finding in self.findings if finding.severity == "stop")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warn")

    def text(self, *, notes: bool = True, kept_in: str = "model_card.md") -> str:
        """The findings as a person reads them.

        Parameters
        ----------
        notes : bool
            Whether notes are told in full, or only counted.
        kept_in : str
            The file that has them in full.
        """
        told = [finding for finding in self.findings if notes or finding.severity != "note"]
        lines = [_told(finding) for finding in told]
        if quiet := len(self.findings) - len(told):
            lines.append(f"{quiet} more {'note' if quiet == 1 else 'notes'}: see {kept_in}.")
        return "\n".join(lines) or "Nothing was found."

    def as_dict(self) -> dict[str, Any]:
        """The findings as plain data."""
        return {"findings": [finding.as_dict() for finding in self.findings]}


def _told(finding: Finding) -> str:
    text = f"{finding.severity} [{finding.code}, {finding.sure_words}] {finding}"
    return textwrap.fill(text, WIDTH, subsequent_indent="  ")


def screen(
    X: Any,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    as_of: ArrayLike | None = None,
    scoring: Any = None,
    scoring_groups: ArrayLike | None = None,
    dated: Collection[str] = (),
    allow: Collection[str] = (),
    protected: pd.DataFrame | None = None,
) -> Screening:
    """Look for what would spoil a model before it is trained.

    Parameters
    ----------
    X : DataFrame, pyarrow.Table or array of shape (rows, features)
        The features, of any kind.
    y : array of shape (rows,)
        Two values; the greater one is the outcome.
    groups : array of shape (rows,), optional
        The account of each row; each row is one of its own without it.
    as_of : array of shape (rows,), optional
        The date of each row: rates are compared between dates, and the latest rows with earlier ones.
    scoring : DataFrame of shape (others, features), optional
        Rows to be scored, or tested on, which are compared with the training rows instead.
    scoring_groups : array of shape (others,), optional
        Their accounts, in the same names.
    dated : collection of str
        Columns made of nothing but what was known on the row's date: never suspected as leaks.
    allow : collection of str
        Columns that somebody insists on: what is found of them is a note.
    protected : DataFrame of shape (rows, attributes), optional
        Attributes that are not features; features that tell them are named.

    Returns
    -------
    Screening

    Raises
    ------
    InputError
        When y holds fewer or more than two values, or groups are missing.
    """
    frame, _ = as_frame(X)
    target = read_target(np.asarray(y)).y
    owner = read_owner(groups, len(frame)).astype(np.int64)
    view = View.of(frame)
    names = identifiers(view)
    repeats = find_repeats(view, target, owner, tuple(names))
    together = join(owner, repeats.cluster)
    outcome = Outcome.of(target, together)
    found = [*_leaks(view, outcome, names, set(dated)), *repeats.findings]
    found += name_rows(view, outcome, names, dated=set(dated))
    found += [*dates(view), *constants(view), *positives(outcome.positives, len(frame))]
    found += _shifts(frame, outcome.y, owner, groups, as_of, scoring, scoring_groups, set(dated))
    if protected is not None:
        found += proxies(view, protected)
    found = [_allowed(finding, set(allow)) for finding in found]
    found.sort(key=lambda finding: ORDER.index(finding.severity))
    return Screening(tuple(found), together)


def _leaks(view: View, outcome: Outcome, names: Collection[str], dated: set[str]) -> list[Finding]:
    """Columns that tell the outcome in a way that no column known beforehand does."""
    told = tell_alone(view, outcome)
    found = [*copies(told, outcome, dated=dated), *encoded(view, outcome, dated=dated)]
    known = {name for finding in found for name in finding.columns} | set(names)
    found += pairs(view, outcome, told, dated=dated, known=known)
    found += written_later(view, outcome, told, dated=dated, known=known)
    return found or no_signal(told)


def _shifts(
    frame: pd.DataFrame,
    y: NDArray[np.int8],
    owner: Codes,
    groups: ArrayLike | None,
    as_of: ArrayLike | None,
    scoring: Any,
    scoring_groups: ArrayLike | None,
    dated: set[str],
) -> list[Finding]:
    when = None if as_of is None else np.asarray(as_of)
    found = [] if when is None else label_shift(y, when)
    if scoring is not None:
        others, _ = as_frame(scoring)
        if groups is not None and scoring_groups is not None:
            both = np.r_[np.asarray(groups, dtype=object), np.asarray(scoring_groups, dtype=object)]
        else:
            both = np.arange(len(frame) + len(others))
        owners = read_owner(both, len(both))
        return found + covariate_shift(frame, others, owners, "The rows to be scored", dated=dated)
    if when is not None and len(np.unique(when)) > 1:
        last = when == when.max()
        both = np.r_[owner[~last], owner[last]]
        found += covariate_shift(frame[~last], frame[last], both, "The rows of the latest date", dated=dated)
    return found


def _allowed(finding: Finding, allow: set[str]) -> Finding:
    """A finding that somebody has decided on is a note."""
    if not finding.columns or not set(finding.columns) & allow or finding.severity == "note":
        return finding
    if finding.severity == "stop" and not set(finding.columns) <= allow:
        return finding
    return replace(finding, severity="note", do="You insist on it (allow).")
