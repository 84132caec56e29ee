from __future__ import annotations

import threading

import pytest

from salesml.explain.side_by_side import BLOCK, side_by_side


@pytest.mark.parametrize("threads", [0, 1, 3])
@pytest.mark.parametrize("rows", [0, 1, BLOCK, 3 * BLOCK + 1])
def test_every_row_is_worked_on_once(rows: int, threads: int) -> None:
    seen = [0] * rows

    def work(block: slice) -> None:
        for row in range(rows)[block]:
            seen[row] += 1

    side_by_side(work, rows, threads)
    assert seen == [1] * rows


def test_blocks_run_in_several_threads_at_once() -> None:
    together = threading.Barrier(2, timeout=30)
    side_by_side(lambda _: together.wait(), 2 * BLOCK, 2)
    assert not together.broken


def test_an_error_in_a_thread_is_raised() -> None:
    def work(block: slice) -> None:
        if block.start:
            raise ValueError("no such row")

    with pytest.raises(ValueError, match="no such row"):
        side_by_side(work, 3 * BLOCK, 2)
