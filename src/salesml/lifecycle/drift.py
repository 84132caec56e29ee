"""What is not as in training, as a diff: columns gone, new and of another type, levels that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from salesml.lifecycle.moved import moved_shares, watched
from salesml.model.bundle import Bundle
from salesml.model.columns import as_levels
from salesml.model.level_shares import OTHER
from salesml.scoring.frame import KEYS

NUMBER, CATEGORY, DATE = "number", "category", "date"


def schema_diff(bundle: Bundle, found: pa.Schema, ignored: Iterable[str] = ()) -> list[str]:
    """Lines on columns that are not those of training.

    Parameters
    ----------
    found : pyarrow.Schema
        Of the rows to be scored.
    ignored : iterable of str
        Columns that are known not to be features, such as the id.

    Returns
    -------
    list of str
        ``- name (kind)`` for a column that is gone, ``+ name (kind)`` for a new one, and
        ``~ name: kind in training, kind now``.
    """
    then = {column.name: DATE if column.dated else column.kind for column in bundle.coding.columns}
    now = {field.name: kind_of(field.type) for field in found}
    known = {*then, *ignored, *KEYS, "label"}
    lines = [f"- {name} ({kind}): the model needs it" for name, kind in then.items() if name not in now]
    lines += [
        f"+ {name} ({kind}): the model does not know it" for name, kind in now.items() if name not in known
    ]
    return lines + [
        f"~ {name}: {kind} in training, {now[name]} now"
        for name, kind in then.items()
        if name in now and not _fits(kind, now[name])
    ]


def kind_of(kind: pa.DataType) -> str:
    """What a column of a type can be to a model."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind):
        return CATEGORY
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return NUMBER
    if pa.types.is_temporal(kind):
        return DATE
    if pa.types.is_null(kind):
        return "empty"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return CATEGORY
    return str(kind)


def _fits(then: str, now: str) -> bool:
    """Numbers may be codes of categories, and texts dates; an empty column fits all."""
    return (
        now in {then, "empty"} or (then == CATEGORY and now == NUMBER) or (then == DATE and now == CATEGORY)
    )


class LevelCounts:
    """Counts the levels of attributes over chunks, to tell whether they are spread as in training."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.rows = 0
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in watched(bundle)}

    def add(self, chunk: pa.Table | pa.RecordBatch) -> None:
        """Some more rows; columns that are not there do not count."""
        self.rows += chunk.num_rows
        for name, counter in self.counts.items():
            if name in chunk.schema.names:
                for each in chunk.column(name).value_counts().to_pylist():
                    counter[each["values"]] += each["counts"]

    def lines(self) -> list[str]:
        """Warnings on attributes that moved."""
        now = {name: self._shares(name) for name in self.counts if self.counts[name]}
        return moved_shares(self.bundle, now, self.rows)

    def _shares(self, name: str) -> Mapping[str, float]:
        values = list(self.counts[name])
        levels = as_levels(pd.Series(values, dtype=object))
        spread: Counter[str] = Counter()
        for level, value in zip(levels, values, strict=True):
            spread[level] += self.counts[name][value]
        known = [level for level in self.bundle.level_shares[name] if level != OTHER]
        shares = {level: spread[level] / self.rows for level in known}
        return {**shares, OTHER: max(0.0, 1.0 - float(np.sum(list(shares.values()))))}
