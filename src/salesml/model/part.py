"""What is learned from, and one part of the model learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """What is learned from.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
    y : ndarray of shape (rows,)
        1 for a positive row, else 0.
    weight : ndarray of shape (rows,)
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    watched : ndarray of bool of shape (rows,)
        Rows on which early stopping looks, once they are held out: those of the latest as-of date.
    """

    coded: Floats
    y: NDArray[np.int8]
    weight: Floats
    owner: NDArray[np.intp]
    watched: NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """One part of the model: its trees, and what it said of rows that it had not seen.

    Parameters
    ----------
    name : str
        linear, shallow, deep.
    trees : sequence of str
        Trees in LightGBM's text; the part's raw score is their sum times ``factor``.
    factor : float
    held_out : ndarray of shape (rows,)
        Raw score of each row by what had not seen it.
    text : str
        A model text over the same columns, for its header; empty where the part was not boosted.
    """

    name: str
    trees: Sequence[str]
    factor: float
    held_out: Floats
    text: str = ""
