"""Cell tables kept in a folder, so that they are built once per model.

A file holds numbers only, and is named by the digest of the model's text, the version of its form and the
bound of its tables. One that is absent, damaged or of another version is built anew; a folder that cannot be
written to only costs the time of building.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from salesml.explain.cell_model import CellModel
from salesml.explain.cell_sound import sound
from salesml.explain.codes import Codes
from salesml.explain.halves import Halves
from salesml.explain.long_leaves import LongLeaves
from salesml.explain.tables import Tables

FORMAT = 1
"""Raised whenever the arrays, or what they mean, change."""

KEPT = 4
"""Files of other models that stay in the folder, the newest ones."""

_PARTS: dict[str, Any] = {"codes": Codes, "tables": Tables, "halves": Halves, "long": LongLeaves}


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(kind._fields)


def path_of(folder: Path, text: str, settings: str) -> Path:
    """The file of a model text: another text, form or setting has another name."""
    digest = hashlib.sha256(f"{FORMAT}\n{settings}\n{text}".encode()).hexdigest()
    return folder / f"cells-{digest[:32]}.npz"


def read(path: Path, features: int) -> CellModel | None:
    """The tables of a file for a model of so many features, or None where there is none that can be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            parts = {
                name: kind(**{field: arrays[f"{name}.{field}"] for field in _names(kind)})
                for name, kind in _PARTS.items()
            }
            model = CellModel(**parts, used=arrays["used"], base=float(arrays["base"]))
            return model if sound(model, features) else None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def write(path: Path, model: CellModel) -> None:
    """Keep the tables, whole or not at all; a folder that cannot be written to is no fault."""
    arrays = {
        f"{name}.{field}": getattr(getattr(model, name), field)
        for name, kind in _PARTS.items()
        for field in _names(kind)
    }
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="cells-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, used=model.used, base=np.array(model.base), **arrays)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _forget(path)


def _forget(kept: Path) -> None:
    """Models that were replaced leave no files for ever."""
    others = [path for path in kept.parent.glob("cells-*.npz") if path != kept]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        path.unlink(missing_ok=True)
