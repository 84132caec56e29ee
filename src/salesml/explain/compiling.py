"""Compiled loops that are kept between processes. Import only where it is used: it brings numba.

They release Python's lock, so that a thread pool can run them side by side. numba keeps what it compiled as
pickles with machine code, which are worth as much trust as Python's own compiled files: they go to a folder
of the user's own, never to one that data or models come from. Where none can be written to, each process
compiles anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = (
    "cell_kernels",
    "code_kernels",
    "codes",
    "compiling",
    "pair_kernels",
    "quadrature",
    "table_kernels",
    "tile",
)
"""Modules that the compiled loops are made of. numba looks at the one that holds the loop only."""


def compiled(function: F) -> F:
    """``function``, compiled when first called and kept where that is possible."""
    folder, before = _folder(), numba.config.CACHE_DIR
    if folder is None:
        plain: F = numba.njit(nogil=True, error_model="numpy")(function)
        return plain
    numba.config.CACHE_DIR = str(folder)
    try:
        kept: F = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before
    return kept


@cache
def _folder() -> Path | None:
    """Where compiled loops of these very sources are kept, if writing there is known to work."""
    for base in _bases():
        folder = base / f"kernels-{_digest()}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _bases() -> list[Path]:
    given = os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME")
    try:
        home = [Path.home() / ".cache" / "salesml"]
    except RuntimeError:  # There is no home.
        home = []
    return [
        *([Path(given[0])] if given[0] else []),
        *([Path(given[1]) / "salesml"] if given[1] else []),
        *home,
    ]


def _digest() -> str:
    sources = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in SOURCES]
    return hashlib.sha256(b"\0".join([numba.__version__.encode(), *sources])).hexdigest()[:16]
