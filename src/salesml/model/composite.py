"""The ideal customer as one number: ranks of the parts of an outcome, weighed, and a cut-off.

Everything is learned on training accounts and applied to others: what a rank is, which parts tell
anything, and from where on an account is ideal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError, ParameterError

Floats = NDArray[np.float64]
FEWEST = 10
"""Accounts without which a share of the best cannot be told from the others."""
SHOWN = 10


@dataclass(frozen=True)
class Composite:
    """A composite of outcomes as it was learned.

    Parameters
    ----------
    parts : dict of str to tuple of str
        The columns of each part that counts.
    weights : dict of str to float
        Their weights, which sum to 1.
    sorted_values : dict of str to ndarray
        The training accounts' values of each column, in rising order.
    cutoff : float
        An account is ideal from this composite on.
    top : float
        The share that was asked for.
    reached : float
        The share of the training accounts that is ideal: equal outcomes are never parted.
    dropped : dict of str to str
        Parts that do not count, and why, as clauses.
    """

    parts: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    sorted_values: Mapping[str, Floats]
    cutoff: float
    top: float
    reached: float
    dropped: Mapping[str, str]

    def ranks(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The percentile rank of each part among the training accounts, in [0, 1], ties at the middle.

        A part of several columns has the mean of their ranks.
        """
        return pd.DataFrame(
            {
                part: np.mean(
                    [mid_rank(self.sorted_values[name], _values(frame, name)) for name in columns], axis=0
                )
                for part, columns in self.parts.items()
            },
            index=frame.index,
        )

    def score(self, frame: pd.DataFrame) -> Floats:
        """The composite of each account, in [0, 1]."""
        ranks = self.ranks(frame)
        total = np.zeros(len(frame))
        for part, weight in self.weights.items():
            total += weight * ranks[part].to_numpy(np.float64)
        # Sums in another order must not part accounts that are alike.
        return np.asarray(np.round(total, 12))

    def ideal(self, frame: pd.DataFrame) -> NDArray[np.int8]:
        """1 for each account whose composite reaches the cut-off."""
        return np.asarray(self.score(frame) >= self.cutoff, dtype=np.int8)

    def rules(self) -> str:
        """How the composite is made, in sentences."""
        weights = ", ".join(f"{part} {weight:.0%}" for part, weight in self.weights.items())
        lines = [
            f"Each part is the account's percentile rank among those learned from; they count {weights}.",
            f"Ideal is who reaches {self.cutoff:.3f}: {self.reached:.1%} of them, where {self.top:.1%} were "
            "asked for"
            + (
                "."
                if abs(self.reached - self.top) < 0.005
                else "; accounts with equal outcomes stand together."
            ),
        ]
        lines += [f"Not counted: {part}, since {why}." for part, why in self.dropped.items()]
        if self.dropped:
            lines.append("The weights of the other parts are raised in proportion, so that they sum to 100%.")
        return "\n".join(lines)

    def table(self, frame: pd.DataFrame, show: Sequence[str] = ()) -> pd.DataFrame:
        """The mean of each number over ideal accounts, over the others, and over all.

        Parameters
        ----------
        frame : DataFrame
            Accounts with their numbers.
        show : sequence of str
            Further columns to show, such as earnings before costs.
        """
        ideal = self.ideal(frame) == 1
        names = [*show, *(name for columns in self.parts.values() for name in columns if name not in show)]
        rows = {
            name: {
                "ideal": _values(frame, name)[ideal].mean() if ideal.any() else np.nan,
                "others": _values(frame, name)[~ideal].mean() if (~ideal).any() else np.nan,
                "all": _values(frame, name).mean(),
            }
            for name in names
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["ideal", "others", "all"])

    def accounts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Every account with its numbers, the rank of each part, its composite and whether it is ideal.

        The best come first; equal ones in the order of the frame.
        """
        ranks = self.ranks(frame).add_prefix("rank_")
        scores = self.score(frame)
        found = pd.concat([frame, ranks], axis=1)
        found["composite"], found["ideal"] = scores, self.ideal(frame)
        return found.iloc[np.argsort(-scores, kind="stable")].reset_index(drop=True)

    def text(self, frame: pd.DataFrame, show: Sequence[str] = ()) -> str:
        """Ideal accounts against others, and the rules, for a sales manager to check; it names nobody."""
        ideal = int(self.ideal(frame).sum())
        heads = (f"{ideal:,} ideal", f"{len(frame) - ideal:,} others", "all")
        lines = [f"{'mean of':<20} {heads[0]:>14} {heads[1]:>14} {heads[2]:>12}"]
        for number, row in self.table(frame, show).iterrows():
            means = f"{row['ideal']:>14,.2f} {row['others']:>14,.2f} {row['all']:>12,.2f}"
            lines.append(f"{_spoken(str(number)):<20} {means}")
        return "\n".join([*lines, "", self.rules()])

    def best(self, frame: pd.DataFrame, name: str, show: Sequence[str] = ()) -> str:
        """The ten best accounts with their numbers, as a table.

        Parameters
        ----------
        name : str
            The column that identifies an account.
        """
        columns = [*show, *(c for part in self.parts.values() for c in part if c not in show)]
        heads = [_spoken(each) for each in columns]
        widths = [max(len(head), 9) for head in heads]
        first = self.accounts(frame).head(SHOWN)
        wide = max(len("the best"), *(len(str(key)) for key in first[name]))
        titles = (f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
        lines = ["  ".join([f"{'the best':<{wide}}", *titles, "composite"])]
        for each in first.to_dict("records"):
            numbers = (f"{each[c]:>{width},.2f}" for c, width in zip(columns, widths, strict=True))
            lines.append("  ".join([f"{each[name]!s:<{wide}}", *numbers, f"{each['composite']:>9.3f}"]))
        return "\n".join(lines)


def fit_composite(
    frame: pd.DataFrame,
    parts: Mapping[str, Sequence[str]],
    weights: Mapping[str, float],
    top: float,
    missing: Mapping[str, str] | None = None,
) -> Composite:
    """Learn ranks, weights and cut-off on training accounts.

    A part that no table tells, or that is the same for every account, drops out: the weights of the
    others are divided by their sum. The cut-off is the composite from which on the share of accounts
    is nearest to ``top``; accounts with equal composites fall on the same side.

    Parameters
    ----------
    frame : DataFrame
        One row per account, with the columns of the parts.
    parts : mapping of str to sequence of str
        The columns of each part that there are data for; more is better in all of them.
    weights : mapping of str to float
        The weight of each part that should count.
    top : float
        The share that counts as ideal, between 0 and 1.
    missing : mapping of str to str, optional
        Why parts that are not among ``parts`` have no data.

    Raises
    ------
    ParameterError
        ``bad-value`` when ``top`` or a weight cannot be.
    InputError
        ``too-few`` accounts; ``no-outcome`` when no part with a weight tells accounts apart;
        ``missing-values`` when an account lacks a number.
    """
    _check(weights, top)
    wanted = {part: weight for part, weight in weights.items() if weight > 0}
    told = {part: tuple(parts[part]) for part in wanted if part in parts}
    _check_frame(frame, told)
    dropped = {part: (missing or {}).get(part, "no table tells of it") for part in wanted if part not in told}
    varied: dict[str, tuple[str, ...]] = {}
    for part, columns in told.items():
        differ = tuple(name for name in columns if np.ptp(_values(frame, name)) > 0)
        if differ:
            varied[part] = differ
        else:
            dropped[part] = f"it is the same for all accounts ({_values(frame, columns[0])[0]:g})"
    if not varied:
        reasons = "; ".join(f"{part}: {why}" for part, why in dropped.items())
        raise InputError(
            Fault(
                code="no-outcome",
                found=f"No part of the outcome tells one account from another ({reasons})",
                allowed="At least one part with a weight differs between accounts",
                do="Check `value` of the spec and the tables that it names, or weigh another part",
            )
        )
    total = sum(wanted[part] for part in varied)
    shares = {part: wanted[part] / total for part in varied}
    values = {name: np.sort(_values(frame, name)) for columns in varied.values() for name in columns}
    unset = Composite(varied, shares, values, 0.0, top, 0.0, dropped)
    cutoff, reached = _cutoff(unset.score(frame), top)
    return Composite(varied, shares, values, cutoff, top, reached, dropped)


def mid_rank(ordered: Floats, values: Floats) -> Floats:
    """The share of the ordered values that lie below each value, and half of those that equal it."""
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + upto) / (2 * len(ordered)), dtype=np.float64)


def _cutoff(scores: Floats, top: float) -> tuple[float, float]:
    """The score from which on the share is nearest to ``top``, the larger share of two that are equally near.

    The lowest score is never the cut-off: then everybody would be ideal.
    """
    values, counts = np.unique(scores, return_counts=True)
    share = np.cumsum(counts[::-1])[::-1] / len(scores)
    best = 1 + int(np.argmin(np.abs(share[1:] - top)))
    return float(values[best]), float(share[best])


def _check(weights: Mapping[str, float], top: float) -> None:
    faults = []
    if not 0 < top < 1:
        faults.append(
            Fault(
                code="bad-value",
                found=f"The share that counts as ideal, top, is {top:g}",
                allowed="It lies between 0 and 1: 0.2 calls a fifth of the accounts ideal",
            )
        )
    faults += [
        Fault(code="bad-value", found=f"The weight of {part} is {weight:g}", allowed="It is 0 or more")
        for part, weight in weights.items()
        if not 0 <= weight < np.inf
    ]
    if not faults and not any(weights.values()):
        faults.append(
            Fault(
                code="bad-value",
                found="No part of the outcome has a weight",
                allowed="One part counts at least",
            )
        )
    if faults:
        raise ParameterError(faults)


def _check_frame(frame: pd.DataFrame, parts: Mapping[str, Sequence[str]]) -> None:
    faults = []
    if len(frame) < FEWEST:
        faults.append(
            Fault(
                code="too-few",
                found=f"{len(frame):,} accounts have an outcome",
                allowed=f"At least {FEWEST} are needed to say which of them are the best",
                do="Take fewer months, or bring more history",
            )
        )
    for name in dict.fromkeys(name for columns in parts.values() for name in columns):
        gaps = int(frame[name].isna().sum())
        if gaps:
            faults.append(
                Fault(
                    code="missing-values",
                    found=f"{gaps:,} accounts have no {_spoken(name)}",
                    allowed="Every account has a number, 0 where nothing happened",
                    column=name,
                    count=gaps,
                )
            )
    if faults:
        raise InputError(faults)


def _values(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(np.float64))


def _spoken(name: str) -> str:
    return name.replace("_", " ")
