"""The strongest reasons of each row, with ties settled by a written rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError
from salesml.explain.grouping import Groups

ROUNDING = 4
"""Decimals to which contributions are rounded before they are ranked, so that the last bits, which
differ between ways of computing them, never decide which reason comes first."""


@dataclass(frozen=True)
class Reasons:
    """The strongest groups of features per row.

    Parameters
    ----------
    groups : Groups
        Names and members of all groups.
    index : ndarray of shape (rows, top)
        Positions in ``groups``, strongest first.
    contribution : ndarray of shape (rows, top)
        The group's summed contribution, with its sign, unrounded.
    share : ndarray of shape (rows, top)
        Its absolute value as a share of all groups' absolute values; 0 where all are 0.
    other : ndarray of shape (rows,)
        What the groups that are not listed add up to.
    base : ndarray of shape (rows,)
        The base value: base + listed + other is the row's score in log-odds.
    members : ndarray of shape (rows, top, widest)
        What each feature of a listed group contributes, in the order of the group's members; 0 beyond them.
        ``widest`` is the number of members of the largest group.
    raw : ndarray of shape (rows,)
        The base value and all contributions, added up.
    """

    groups: Groups
    index: NDArray[np.intp]
    contribution: NDArray[np.float64]
    share: NDArray[np.float64]
    other: NDArray[np.float64]
    base: NDArray[np.float64]
    members: NDArray[np.float64]
    raw: NDArray[np.float64]


def strongest(contributions: NDArray[np.float64], groups: Sequence[str], top: int) -> Reasons:
    """Choose the groups that move each row's score most.

    Groups are ranked by the absolute value of their summed contribution, rounded to 1e-4; ties go to
    the group whose first feature stands first.

    Parameters
    ----------
    contributions : ndarray of shape (rows, features + 1)
        The last column is the base value.
    groups : sequence of str
        The group of each feature; an empty name stands alone.
    top : int
        How many to list; all of them when there are fewer.

    Raises
    ------
    ModelError
        ``wrong-shape`` when the groups do not fit the contributions.
    """
    if contributions.ndim != 2 or contributions.shape[1] != len(groups) + 1:
        raise ModelError(
            Fault(
                code="wrong-shape",
                found=f"Contributions of shape {contributions.shape} for {len(groups)} features",
                allowed=f"One column for each feature and one for the base value, {len(groups) + 1}",
                do="Pass the contributions of the model that the groups belong to",
            )
        )
    grouped = Groups.of(groups)
    totals = grouped.total(contributions[:, :-1])
    size = np.abs(totals)
    order = np.argsort(-np.round(size, ROUNDING), axis=1, kind="stable")[:, : max(top, 0)]
    listed = np.take_along_axis(totals, order, axis=1)
    whole = size.sum(axis=1, keepdims=True)
    share = np.divide(np.abs(listed), whole, out=np.zeros_like(listed), where=whole > 0)
    every = totals.sum(axis=1)
    base = contributions[:, -1].copy()
    return Reasons(
        groups=grouped,
        index=order,
        contribution=listed,
        share=share,
        other=every - listed.sum(axis=1),
        base=base,
        members=_members(contributions[:, :-1], grouped, order),
        raw=base + every,
    )


def _members(
    contributions: NDArray[np.float64], groups: Groups, index: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Contributions of the features of the groups listed, shape (rows, top, widest)."""
    places = groups.places
    each = np.zeros((*index.shape, places.shape[1]))
    rows = np.arange(len(index))[:, None]
    for member in range(places.shape[1]):
        at = places[index, member]
        each[:, :, member] = np.where(at >= 0, contributions[rows, at], 0.0)
    return each
