"""That no scoring job is at work where somebody is erased: it would write them again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from salesml.scoring.batch.alone import hold

PRIVATE = ".*.salesml"
"""The folder beside the target of a job."""


@contextmanager
def nobody_scoring(paths: Sequence[Path]) -> Iterator[None]:
    """Hold the locks of all places of jobs in and beside some files and folders.

    Raises
    ------
    OutsideError
        ``job-running``.
    """
    with ExitStack() as held:
        for lock in sorted({lock.resolve() for path in paths for lock in _locks(path)}):
            held.enter_context(hold(lock))
        yield


def _locks(path: Path) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}.salesml")
    above = [each for each in path.resolve().parents if each.match(PRIVATE)]
    for folder in (beside, *above, *_inside(path)):
        yield from folder.glob("*.lock")


def _inside(path: Path) -> Iterator[Path]:
    for here, folders, _ in os.walk(path):
        yield from (Path(here, name) for name in folders if Path(name).match(PRIVATE))
