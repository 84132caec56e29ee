"""Work on rows, block by block, in several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

BLOCK = 128


def side_by_side(work: Callable[[slice], object], rows: int, threads: int = 0) -> None:
    """Call ``work`` with each block of rows; each block writes to its own part of what it fills.

    Parameters
    ----------
    work : callable
        Releases Python's lock, or gains nothing.
    rows : int
    threads : int
        Threads to use, 0 for all. What is computed does not depend on it.
    """
    blocks = [slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]
    threads = min(threads or os.cpu_count() or 1, len(blocks))
    if threads <= 1:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, blocks):
            pass
