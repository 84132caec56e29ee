"""Columns in at most eight cells each, and what every pair of them tells as a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesml.model.screening.view import Codes, Column, Floats

CELLS = 8


def coarse(column: Column) -> Codes:
    """At most eight cells: equal mass in order, or the most frequent levels and the others."""
    cells, size = column.cells
    counts = np.bincount(cells, minlength=size)
    if (counts > 0).sum() <= CELLS:
        return np.asarray((np.cumsum(counts > 0) - 1)[cells], dtype=np.int64)
    if column.ordered:
        before = np.cumsum(counts[:-1]) - counts[:-1]
        share = before / max(counts[:-1].sum(), 1)
        places = np.minimum((share * (CELLS - 1)).astype(np.int64), CELLS - 2)
        return np.asarray(np.r_[places, CELLS - 1][cells], dtype=np.int64)
    places = np.full(size, CELLS - 1)
    places[np.argsort(-counts, kind="stable")[: CELLS - 1]] = np.arange(CELLS - 1)
    return np.asarray(places[cells], dtype=np.int64)


def one_hot(columns: list[Codes]) -> NDArray[np.float32]:
    """Eight marks for each column, side by side."""
    marks = np.zeros((len(columns[0]), CELLS * len(columns)), dtype=np.float32)
    rows = np.arange(len(columns[0]))
    for place, cells in enumerate(columns):
        marks[rows, CELLS * place + cells] = 1.0
    return marks


def joint(marks: NDArray[np.float32]) -> Floats:
    """Rows in each pair of cells, shape (columns, columns, 8, 8)."""
    columns = marks.shape[1] // CELLS
    counts = (marks.T @ marks).reshape(columns, CELLS, columns, CELLS)
    return np.asarray(counts.transpose(0, 2, 1, 3), dtype=np.float64)


def grid_aucs(columns: list[Codes], y: NDArray[np.int8]) -> Floats:
    """The AUC of each pair's table by the rates of its own cells, shape (columns, columns)."""
    marks = one_hot(columns)
    everyone = joint(marks)
    positive = joint(marks[y == 1]) if (y == 1).any() else np.zeros_like(everyone)
    shape = (*everyone.shape[:2], CELLS * CELLS)
    everyone, positive = everyone.reshape(shape), positive.reshape(shape)
    order = np.argsort(positive / np.maximum(everyone, 1), axis=2)
    up = np.take_along_axis(positive, order, axis=2)
    down = np.take_along_axis(everyone - positive, order, axis=2)
    whole = up.sum(axis=2) * down.sum(axis=2)
    return np.asarray((up * (np.cumsum(down, axis=2) - down / 2)).sum(axis=2) / np.maximum(whole, 1))


def dependence(columns: list[Codes]) -> Floats:
    """Mutual information of each pair in nats, shape (columns, columns)."""
    counts = joint(one_hot(columns))
    p = counts / len(columns[0])
    product = p.sum(axis=3, keepdims=True) * p.sum(axis=2, keepdims=True)
    logs = np.log(np.where(p > 0, p, 1.0) / np.where(product > 0, product, 1.0))
    return np.asarray((p * logs).sum(axis=(2, 3)))
