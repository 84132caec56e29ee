"""The rows of all dates that monitoring looks at, taken again from the tables and scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from salesml.config import Spec
from salesml.crm import CRM
from salesml.explain.contributions import contributions
from salesml.explain.grouping import Groups
from salesml.lifecycle.monitor.dates import Dates
from salesml.lifecycle.rows import Rows
from salesml.model.bundle import Bundle
from salesml.monitoring.dated import Dated, Floats
from salesml.scoring.frame import check_columns
from salesml.snapshots.sampled import Sample
from salesml.snapshots.snapshot import Snapshot

ENTITIES = 20_000
"""Of more entities a sample of about so many is looked at."""

EXPLAINED = 300
"""Rows of each date whose contributions tell what moves the scores."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """All dates with their rows.

    Parameters
    ----------
    dates : dict of date to Dated
    rows : dict of date to Rows
        The same as a learner takes them, of dates whose outcome is known.
    share : float
        The share of all entities that was looked at.
    of : int
        Entities in all.
    undated : tuple of str
        Features without a history: every date shows them as they are today.
    """

    dates: dict[dt.date, Dated]
    rows: dict[dt.date, Rows] = field(repr=False)
    share: float
    of: int
    undated: tuple[str, ...]


def look(spec: Spec, crm: CRM, bundle: Bundle, dates: Dates, entities: int = ENTITIES) -> Looked:
    """Take and score the rows of all dates; outcomes of those that are ripe."""
    model = _Model(bundle)
    learned = {dt.date.fromisoformat(day) for day in bundle.training.as_of}
    found: dict[dt.date, Dated] = {}
    rows: dict[dt.date, Rows] = {}
    with crm.connect() as con:
        sample = Sample(spec, crm, entities, con)
        for days, labels in ((sorted(dates.ripe), True), (sorted(set(dates.all) - dates.ripe), False)):
            if not days:
                continue
            snapshot = sample.take(days, labels=labels)
            if dates.grid[-1] in days:
                check_columns(snapshot.table.column_names, bundle.columns)
            for day, part in _parts(snapshot, bundle, days, labels):
                found[day] = model.dated(day, part, labels=labels, learned=day in learned)
                if labels:
                    rows[day] = part
        share, of = sample.share, sample.of
    undated = tuple(feature.name for feature in bundle.features if feature.undated)
    return Looked(dates=found, rows=rows, share=share, of=of, undated=undated)


def _parts(
    snapshot: Snapshot, bundle: Bundle, days: Sequence[dt.date], labels: bool
) -> Iterator[tuple[dt.date, Rows]]:
    """The rows of each date, with the columns of the model; one that was not there yet is empty."""
    for day in days:
        table = snapshot.table.filter(pc.equal(snapshot.table["as_of"], day))
        there = [name for name in bundle.columns if name in table.column_names]
        X: pd.DataFrame = table.select(there).to_pandas().reindex(columns=list(bundle.columns))
        yield (
            day,
            Rows(
                X=X,
                y=table["label"].to_numpy().astype(np.int8) if labels else np.zeros(len(X), dtype=np.int8),
                entity=table["entity_id"].to_numpy(zero_copy_only=False),
                as_of=table["as_of"].to_numpy().astype("datetime64[D]"),
                value=table["value"].to_numpy(zero_copy_only=False).astype(np.float64),
            ),
        )


class _Model:
    """A bundle made ready to score many dates without words."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._booster = lgb.Booster(model_str=bundle.booster)
        self._groups = Groups.of([feature.group or feature.name for feature in bundle.features])

    def dated(self, day: dt.date, rows: Rows, *, labels: bool, learned: bool) -> Dated:
        coded = self._bundle.coding.encode(rows.X, as_of=rows.as_of)
        raw = self._raw(coded)
        return Dated(
            as_of=day, coded=coded, p=self._bundle.calibration.probability(raw), band=self._bundle.band(raw),
            entity=rows.entity, y=rows.y if labels else None, size=self._size(coded), learned=learned,
        )  # fmt: skip

    def _raw(self, coded: Floats) -> Floats:
        if not len(coded):
            return np.empty(0)
        return np.asarray(self._booster.predict(coded, raw_score=True), dtype=np.float64)

    def _size(self, coded: Floats) -> Floats:
        """Mean absolute contribution of each group, of some rows."""
        drawn = np.sort(np.random.default_rng(0).permutation(len(coded))[:EXPLAINED])
        if not len(drawn):
            return np.zeros(len(self._groups.names))
        parts = contributions(self._booster, coded[drawn])[:, :-1]
        size: Floats = np.abs(self._groups.total(parts)).mean(axis=0)
        return size


def groups_of(bundle: Bundle) -> tuple[str, ...]:
    """The groups of features that attributions are told of, as words name them."""
    return Groups.of([feature.group or feature.name for feature in bundle.features]).names
