"""Nodes and weights that integrate polynomials over [0, 1] exactly."""

from __future__ import annotations

import numpy as np

MOST = 128
"""Nodes, which integrate polynomials of a degree up to 255: as many features as a way may ask for."""


def gauss(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on [0, 1], exact up to degree ``2 * nodes - 1``."""
    place, weight = np.polynomial.legendre.leggauss(nodes)
    return (place + 1) / 2, weight / 2


TABULATED = 9
NODES, WEIGHTS = np.zeros((TABULATED, TABULATED)), np.zeros((TABULATED, TABULATED))
for _number in range(1, TABULATED):
    NODES[_number, :_number], WEIGHTS[_number, :_number] = gauss(_number)
