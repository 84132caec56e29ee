"""What a snapshot is: its table, what the columns mean, and who was left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pyarrow as pa

from salesml.snapshots.cohort import Dropped
from salesml.snapshots.entity import ACCOUNT, Entity
from salesml.snapshots.feature import Feature


@dataclass(frozen=True)
class Snapshot:
    """What was known of a cohort at its as-of dates, and what became of it.

    Parameters
    ----------
    table : pyarrow.Table
        One row per entity and as-of date, sorted by date, then entity: ``entity_id`` string,
        ``as_of`` date32, ``rep_id`` string, ``value`` double, ``label`` int8 (only with labels),
        ``left_day`` int32 (only where it was asked for), then one column per feature, double or string.
    features : tuple of Feature
        The registry, in column order.
    sql : str
        The query that made the table, as DuckDB reads it.
    dropped : tuple of Dropped
        Who was left out and why, counted.
    entity : Entity
        Whom the rows are about.
    unscorable : pyarrow.Table or None
        Those left out who may be open but cannot be scored: ``entity_id``, ``as_of`` and the ``problem``
        in words. Only without labels.
    observed_until : date or None
        The day before which outcomes are known.
    """

    table: pa.Table
    features: tuple[Feature, ...]
    sql: str = field(repr=False)
    dropped: tuple[Dropped, ...] = ()
    entity: Entity = ACCOUNT
    unscorable: pa.Table | None = None
    observed_until: dt.date | None = None

    def summary(self) -> str:
        """Rows, share of label 1 and who was left out, per as-of date."""
        lines = [f"{'as-of date':<11} {self.entity.many:>9} {'label 1':>8} {'left out':>9}"]
        labelled = "label" in self.table.column_names
        counts = [([], "count_all"), *([("label", "mean")] if labelled else [])]
        for row in self.table.group_by("as_of").aggregate(counts).sort_by("as_of").to_pylist():
            known = labelled and row["label_mean"] >= 0  # below zero where the outcome is not known yet
            share = f"{row['label_mean']:8.1%}" if known else f"{'-':>8}"
            out = sum(each.count for each in self.dropped if each.as_of == row["as_of"])
            lines.append(f"{row['as_of']!s:<11} {row['count_all']:>9,} {share} {out:>9,}")
        return "\n".join([*lines, *self._left_out()])

    def _left_out(self) -> list[str]:
        """Why some were left out, over all dates."""
        totals: dict[str, int] = {}
        for each in self.dropped:
            totals[each.words] = totals.get(each.words, 0) + each.count
        return [f"left out: {count:,} {words}" for words, count in totals.items()]
