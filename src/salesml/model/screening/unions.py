"""Rows that belong together by one grouping or another, joined."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def join(*groupings: NDArray[np.int64]) -> NDArray[np.int64]:
    """The finest grouping in which rows together in any of the given ones stay together.

    Parameters
    ----------
    groupings : ndarray of shape (rows,)
        Numbers; equal ones belong together.

    Returns
    -------
    ndarray of shape (rows,)
        Groups numbered from 0.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows = len(groupings[0])
    edges_from, edges_to, nodes = [], [], rows
    for grouping in groupings:
        codes, levels = pd.factorize(grouping)
        edges_from.append(np.arange(rows))
        edges_to.append(codes + nodes)
        nodes += len(levels)
    ends = (np.concatenate(edges_from), np.concatenate(edges_to))
    graph = coo_matrix((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    return np.asarray(pd.factorize(label[:rows])[0], dtype=np.int64)
