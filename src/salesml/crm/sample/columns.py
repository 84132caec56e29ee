"""Arrays as columns of a table: ids, dates, categories, amounts, names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from salesml.crm.sample.calendar import Calendar

Ints = npt.NDArray[np.int64]

FIRST = ("Nor", "Ald", "Bel", "Cas", "Dun", "Elm", "Far", "Gil", "Hart", "Ken", "Lin", "Mar", "Oak", "Pen",
         "Red", "Sal", "Tre", "Wal", "Yar", "Ash")  # fmt: skip
SECOND = ("bridge", "combe", "dale", "field", "ford", "gate", "ham", "ley", "mere", "ridge", "stone",
          "ton", "vale", "well", "wick", "wood")  # fmt: skip
LAST = ("Ltd", "Group", "& Sons", "Partners", "Works", "Supplies", "Services", "International")


def ids(letter: str, numbers: Ints, missing: npt.NDArray[np.bool_] | None = None) -> Any:
    """Ids such as ``P00001234``."""
    padded = pc.utf8_lpad(pc.cast(pa.array(numbers, mask=missing), pa.string()), 9, "0")
    return pc.binary_join_element_wise(letter, padded, "")


def dates(calendar: Calendar, days: Ints, missing: npt.NDArray[np.bool_] | None = None) -> Any:
    """Days as dates."""
    known = np.where(missing, 0, days) if missing is not None else days
    return pa.array(calendar.dates(known), pa.date32(), mask=missing)


def one_of(names: Sequence[str | None], numbers: Ints) -> Any:
    """Categories by number."""
    return pa.array(names, pa.string()).take(pa.array(numbers))


def money(amounts: npt.NDArray[np.float64], missing: npt.NDArray[np.bool_] | None = None) -> Any:
    return pa.array(np.round(amounts, 2), mask=missing)


def names(rng: np.random.Generator, rows: int) -> Any:
    """Names of companies; different ones may share a name, as in life."""
    town = [a + b for a in FIRST for b in SECOND]
    town_column = one_of(town, rng.integers(0, len(town), rows))
    return pc.binary_join_element_wise(town_column, one_of(LAST, rng.integers(0, len(LAST), rows)), " ")


def several(first: Any, second: Any) -> Any:
    """Two columns one after the other."""
    return pa.concat_arrays([first, second])


def by_day(*parts: Ints) -> tuple[Ints, ...]:
    """Columns of events, rows and days first, in the order of the days."""
    order = np.argsort(parts[1], kind="stable")
    return tuple(part[order] for part in parts)
