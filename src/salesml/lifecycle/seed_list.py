"""A list of best customers, found in a universe by id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.config.section import nearest
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.files import read_table
from salesml.lifecycle.flat import ids

FEWEST = 5
"""Listed customers, and others, without which nothing can be learned and tested."""
SHOWN = 5


@dataclass(frozen=True)
class SeedList:
    """Who of a universe is on the list.

    Parameters
    ----------
    mask : ndarray of shape (rows,)
        1 for a row of the universe that is listed, else 0.
    absent : tuple of str
        Listed ids that are not in the universe.
    repeated : int
        Ids that stood in the list before; each counts once.
    """

    mask: NDArray[np.int8]
    absent: tuple[str, ...] = ()
    repeated: int = 0

    def text(self) -> list[str]:
        """What was found, in sentences."""
        lines = [f"{int(self.mask.sum()):,} listed customers are in the table of {len(self.mask):,} rows"]
        if self.absent:
            more = len(self.absent) - SHOWN
            shown = ", ".join(self.absent[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
            lines.append(f"{_listed_ids(self.absent)} not in the table and left out: {shown}")
        if self.repeated:
            lines.append(f"Listed more than once, and counted once: {self.repeated:,} entries")
        return lines


def read_seeds(seeds: Path | Sequence[object], id_column: str, known: Collection[str]) -> list[str]:
    """The ids of a list: of a file, the column called like the id or the only one.

    Parameters
    ----------
    known : collection of str
        The ids of the universe: a heading that is one of them is an id, since lists often have no heading.

    Raises
    ------
    UsageError
        ``missing-column`` when a file has several columns and none is called so, and what
        ``read_table`` says of files.
    """
    if not isinstance(seeds, Path):
        return [key for key in ids(pd.Series(list(seeds), dtype=object)) if key]
    frame = read_table(seeds)
    names = [str(name) for name in frame.columns]
    if id_column in names:
        return [key for key in ids(frame[id_column]) if key]
    if len(names) != 1:
        raise UsageError(
            Fault(
                code="missing-column",
                found=f"{seeds} has the columns {', '.join(names[:SHOWN])}, and none is called {id_column!r}",
                allowed="A list of ids has one column, or one that is called like the id",
                do=nearest(id_column, names),
                column=id_column,
            )
        )
    first = names[0].strip()
    return [key for key in (*([first] if first in known else []), *ids(frame.iloc[:, 0])) if key]


def find_seeds(entity: NDArray[np.object_], listed: Sequence[str], id_column: str) -> SeedList:
    """Who of a universe is listed.

    Parameters
    ----------
    entity : ndarray of shape (rows,)
        The id of each row.
    listed : sequence of str
        The ids of the list.

    Raises
    ------
    DataError
        ``duplicate-ids`` when the universe holds somebody twice, ``no-seeds``, ``too-few-seeds``,
        ``no-others``.
    """
    known = set(entity)
    unique = list(dict.fromkeys(listed))
    absent = tuple(key for key in unique if key not in known)
    mask = pd.Series(entity).isin(set(unique)).to_numpy().astype(np.int8)
    faults = _repeated(entity, id_column)
    faults += _too_few(mask, unique, absent, id_column)
    if faults:
        raise DataError(faults)
    return SeedList(mask, absent, len(listed) - len(unique))


def _listed_ids(absent: Sequence[str]) -> str:
    return "1 listed id is" if len(absent) == 1 else f"{len(absent):,} listed ids are"


def _repeated(entity: NDArray[np.object_], id_column: str) -> list[Fault]:
    keys = pd.Series(entity)
    twice = keys[keys.duplicated(keep=False)]
    if twice.empty:
        return []
    who = "1 id stands" if twice.nunique() == 1 else f"{twice.nunique():,} ids stand"
    return [
        Fault(
            code="duplicate-ids",
            found=f"{who} in several rows of the table",
            allowed="With a list of best customers each prospect has one row",
            do="Keep one row of each, or name another column with --id",
            column=id_column,
            count=len(twice),
            examples=tuple(map(str, twice.drop_duplicates().head(SHOWN))),
        )
    ]


def _too_few(
    mask: NDArray[np.int8], unique: Sequence[str], absent: Sequence[str], id_column: str
) -> list[Fault]:
    found, others = int(mask.sum()), int(len(mask) - mask.sum())
    if not found:
        return [
            Fault(
                code="no-seeds",
                found=f"None of the {len(unique):,} listed ids is in the table",
                allowed=f"Listed customers are rows of the table too, found by {id_column}",
                do="Add their rows, or check that both write ids the same way",
                column=id_column,
                count=len(unique),
                examples=tuple(absent[:SHOWN]),
            )
        ]
    if found < FEWEST:
        missing = f"; {_listed_ids(absent)} not in it" if absent else ""
        return [
            Fault(
                code="too-few-seeds",
                found=f"{found:,} listed customers are in the table{missing}",
                allowed=f"At least {FEWEST}; thirty or more for a statement worth anything",
                do="List more customers, or add the rows of those who are missing",
                count=found,
            )
        ]
    if others < FEWEST:
        return [
            Fault(
                code="no-others",
                found=f"{found:,} of {len(mask):,} rows are listed, so {others:,} others are left",
                allowed=f"At least {FEWEST} others, and better many: the score tells the listed from them",
                do="Add prospects who are not on the list, or shorten it to the best",
                count=others,
            )
        ]
    return []
