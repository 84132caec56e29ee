"""The rows that were scored, read column by column as far as a sentence tells of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.model.coding import Coding
from salesml.scoring.frame import as_frame, prepare


class Rows:
    """Values of features of all rows, each column read once, when first asked for.

    Parameters
    ----------
    table : pyarrow.Table or DataFrame
        What was scored.
    coding : Coding
        The bundle's.
    """

    def __init__(self, table: pa.Table | pd.DataFrame, coding: Coding) -> None:
        self._table, self._coding = table, coding
        self._numbers: dict[int, NDArray[np.float64]] = {}
        self._levels: dict[int, tuple[NDArray[np.intp], list[str]]] = {}

    def __len__(self) -> int:
        return len(self._table)

    def numbers(self, position: int) -> NDArray[np.float64]:
        """A feature's numbers, NaN where missing."""
        if position not in self._numbers:
            found = self._plain(position)
            self._numbers[position] = (
                self._column(position).to_numpy(dtype=np.float64) if found is None else found
            )
        return self._numbers[position]

    def levels(self, position: int) -> tuple[NDArray[np.intp], list[str]]:
        """A category's distinct levels, and which each row has; -1 where missing."""
        if position not in self._levels:
            codes, distinct = pd.factorize(self._column(position))
            self._levels[position] = codes, [str(level) for level in distinct]
        return self._levels[position]

    def kept(self, position: int) -> tuple[str, ...]:
        """The levels that the model tells apart."""
        return self._coding.columns[position].levels

    def coded(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """What the model reads of some rows."""
        taken = self._table.iloc[rows] if isinstance(self._table, pd.DataFrame) else self._table.take(rows)
        features = prepare(as_frame(taken), self._coding).features
        return self._coding.of_ages.encode(features)

    def entities(self) -> pa.Array:
        """Who each row is about."""
        if "entity_id" not in self._names:
            return pa.array(np.arange(len(self))).cast(pa.string())
        if isinstance(self._table, pa.Table) and pa.types.is_string(self._table["entity_id"].type):
            return self._table["entity_id"]
        if isinstance(self._table, pd.DataFrame):
            plain = _texts(self._table["entity_id"])
            if plain is not None:
                return plain
        found = prepare(self._part(["entity_id"]), replace(self._coding, columns=())).entity_id
        return pa.array(found, type=pa.string())

    @property
    def _names(self) -> list[str]:
        names = self._table.columns if isinstance(self._table, pd.DataFrame) else self._table.column_names
        return list(names)

    def _part(self, names: list[str]) -> pd.DataFrame:
        chosen = self._table[names] if isinstance(self._table, pd.DataFrame) else self._table.select(names)
        return as_frame(chosen)

    def _plain(self, position: int) -> NDArray[np.float64] | None:
        """The column as it stands, where it is one of numbers; None for all others."""
        column = self._coding.columns[position]
        if column.dated:
            return None
        values = self._table[column.name]
        if isinstance(values, pd.Series):
            plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiu"
            return values.to_numpy(dtype=np.float64) if plain else None
        if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
            return None
        found: NDArray[np.float64] = values.cast(pa.float64(), safe=False).to_numpy()
        return found

    def _column(self, position: int) -> pd.Series:
        column = self._coding.columns[position]
        names = [column.name, *(["as_of"] if column.dated and "as_of" in self._names else [])]
        alone = replace(self._coding, columns=(column,))
        return prepare(self._part(names), alone).features.iloc[:, 0]


def _texts(column: pd.Series) -> pa.StringArray | None:
    """A column of nothing but texts, none of them empty; None for any other."""
    if isinstance(column.dtype, pd.StringDtype):  # holds no half characters
        texts = pa.chunked_array([pa.array(column.array, type=pa.string())]).combine_chunks()
    elif column.dtype == object and set(map(type, values := column.tolist())) == {str}:
        try:
            texts = pa.array(values, type=pa.string())
        except UnicodeEncodeError:  # half a character, which is spelled out
            return None
    else:
        return None
    return None if texts.null_count or pc.any(pc.equal(texts, "")).as_py() else texts
