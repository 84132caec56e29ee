"""Figures for libraries that draw by pyplot, without a screen and without a trace in the caller's session."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_ONE = threading.Lock()
"""pyplot has one present figure, numpy one global generator: pictures are drawn one after the other."""


@contextmanager
def figure(size: tuple[float, float], seed: int = 0) -> Iterator[Any]:
    """A figure on the Agg canvas that is pyplot's present one inside the block, whatever the backend is.

    numpy's global generator starts from ``seed`` in it and stands where it stood afterwards.

    Parameters
    ----------
    size : tuple of float
        Inches.
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _ONE, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in letters that the font lacks
        before, state = plt.get_fignums(), np.random.get_state()
        present = plt.gcf() if before else None
        drawn = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg.new_manager(drawn, max(before, default=0) + 1)
        try:
            np.random.seed(seed)
            plt.figure(drawn)
            yield drawn
        finally:
            np.random.set_state(state)
            plt.close(drawn)
            if present is not None:
                plt.figure(present)
