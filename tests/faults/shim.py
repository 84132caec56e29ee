"""The preloaded library of faults: compiled once, armed in a child of a warmed process."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

COUNT, KILL, TORN, FULL, BROKEN, UNREADABLE = range(6)
"""Count only; kill before a change; kill amid a write; a disk full from a change on; one error of a
change; one error of a read."""


def can_compile() -> bool:
    """Whether this machine can make the library."""
    return sys.platform == "linux" and shutil.which("gcc") is not None


def compiled(folder: Path) -> Path:
    """The library."""
    library = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
        check=True, capture_output=True,
    )  # fmt: skip
    return library


def arm(folder: str, mode: int, at: int) -> None:
    """From now on, let the change number ``at`` under paths that contain ``folder`` go wrong."""
    ctypes.CDLL(None).fault_arm(os.fsencode(folder), ctypes.c_int(mode), ctypes.c_long(at))


def seen() -> int:
    """The changes, or reads, since it was armed."""
    count = ctypes.CDLL(None).fault_seen
    count.restype = ctypes.c_long
    return int(count())


def started(module: str, library: Path, *arguments: str) -> str:
    """What a module prints that runs with the library."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=root, capture_output=True, text=True, check=False,
        env={
            **os.environ,
            "LD_PRELOAD": str(library),
            "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)]),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(f"{module} ended with {done.returncode}: {done.stderr[-3000:]}")
    return done.stdout
