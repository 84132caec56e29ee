"""Two models and the rows that they look at, put side by side in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit

from salesml.scoring.changes.pairs import Pairs
from salesml.scoring.changes.parts import told_of_data, told_of_model
from salesml.scoring.changes.table import CHANGE, COMPARED, GONE, NEW, NOT_SCORED, SCHEMA
from salesml.scoring.changes.told import Told
from salesml.scoring.changes.view import Seen, View
from salesml.scoring.frame import Rows
from salesml.scoring.scorer import BLOCK
from salesml.words.changes import data_told, headline, model_told

DUST = 1e-12


@dataclass(frozen=True)
class Comparison:
    """Two models and the rows that they look at.

    Parameters
    ----------
    old, new : View
        The models.
    was, by_old, now : Rows
        The rows before; the rows now as the old model reads them, and as the new one does, the same
        object where the models are the same.
    top : int
        Most reasons per part.
    versions : tuple of str
        What the models are called.
    withheld : collection of str
        Attributes of which nothing is told.
    """

    old: View
    new: View
    was: Rows
    by_old: Rows
    now: Rows
    top: int
    versions: tuple[str, str]
    withheld: Collection[str] = ()

    @property
    def same_model(self) -> bool:
        return self.by_old is self.now

    def blocks(self, pairs: Pairs) -> Iterator[pa.RecordBatch]:
        """The table's rows, some at a time."""
        for start in range(0, len(pairs.now), BLOCK):
            yield self._block(pairs.before[start : start + BLOCK], pairs.now[start : start + BLOCK])

    def _block(self, before: NDArray[np.intp], now: NDArray[np.intp]) -> pa.RecordBatch:
        size = len(now)
        problems = [self._problem(*pair) for pair in zip(before.tolist(), now.tolist(), strict=True)]
        good = np.array([not problem for problem in problems], dtype=bool)
        both, fresh, gone = (np.flatnonzero(good & kind) for kind in _kinds(before, now))
        numbers = {name: np.full(size, np.nan) for name in _NUMBERS}
        texts: list[str | None] = [None] * size
        lists = {name: _nothing(0) for name in ("data_reasons", "model_reasons")}
        if len(both):
            lists = self._compare(both, before[both], now[both], numbers, texts)
        self._alone(self.new, self.now, fresh, now[fresh], "log_odds", numbers, texts)
        self._alone(self.old, self.was, gone, before[gone], "log_odds_before", numbers, texts)
        numbers["probability_before"] = expit(numbers["log_odds_before"])
        numbers["probability"] = expit(numbers["log_odds"])
        status = np.full(size, NOT_SCORED, dtype=object)
        for where, name in ((both, COMPARED), (fresh, NEW), (gone, GONE)):
            status[where] = name
        place = np.full(size, -1)
        place[both] = np.arange(len(both))
        take = pa.array(place, mask=place < 0)
        columns: dict[str, Any] = {
            **self._keys(before.tolist(), now.tolist()),
            **{name: pa.array(values, mask=np.isnan(values)) for name, values in numbers.items()},
            **{name: found.take(take) for name, found in lists.items()},
            "status": status,
            "problem": [problem or None for problem in problems],
            "words": texts,
        }
        arrays = [_typed(columns[field.name], field.type) for field in SCHEMA]
        return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)

    def _compare(
        self,
        where: NDArray[np.intp],
        before: NDArray[np.intp],
        now: NDArray[np.intp],
        numbers: dict[str, NDArray[np.float64]],
        texts: list[str | None],
    ) -> dict[str, pa.Array]:
        """Fill in the numbers and words of those scored both times; the lists of reasons."""
        was = self.old.see(self.was.features.iloc[before])
        by_old = self.old.see(self.by_old.features.iloc[now])
        by_new = by_old if self.same_model else self.new.see(self.now.features.iloc[now])
        by_data = told_of_data(self.old.bundle, was, by_old, self.top, _only_day(self.was), self.withheld)
        by_model = self._of_model(by_old, by_new)
        data, model = by_old.log_odds - was.log_odds, by_new.log_odds - by_old.log_odds
        base = by_new.explained.values[:, -1] - by_old.explained.values[:, -1]
        listed = by_model.listed if by_model else np.zeros(len(where))
        found = {
            "log_odds_before": was.log_odds, "log_odds": by_new.log_odds, "change": data + model,
            "data_change": data, "model_change": model, "base_change": base,
            "data_other": _without_dust(data - by_data.listed),
            "model_other": _without_dust(model - base - listed),
        }  # fmt: skip
        for name, values in found.items():
            numbers[name][where] = values
        days = [self._day(*pair) for pair in zip(before.tolist(), now.tolist(), strict=True)]
        for row, place in enumerate(where.tolist()):
            texts[place] = self._words(row, days[row], (was, by_old, by_new), by_data, by_model)
        column = by_model.column if by_model else _nothing(len(where))
        return {"data_reasons": by_data.column, "model_reasons": column}

    def _of_model(self, by_old: Seen, by_new: Seen) -> Told | None:
        if self.same_model:
            return None
        return told_of_model(self.old.bundle, self.new.bundle, by_old, by_new, self.top, self.withheld)

    def _day(self, before: int, now: int) -> dt.date | None:
        """The day that a change is told since; none where only the model is another."""
        day = self.was.as_of[before]
        return None if day == self.now.as_of[now] else day

    def _words(
        self,
        row: int,
        day: dt.date | None,
        seen: tuple[Seen, Seen, Seen],
        by_data: Told,
        by_model: Told | None,
    ) -> str:
        first, middle, last = (float(expit(each.log_odds[row])) for each in seen)
        sentences = [
            headline(self.new.bundle.task, first, last, day),
            data_told(by_data.raises[row], by_data.lowers[row]),
        ]
        if by_model:
            starts = [float(expit(each.explained.values[row, -1])) for each in seen[1:]]
            more = by_model.raises[row], by_model.lowers[row]
            sentences.append(model_told((middle, last), (starts[0], starts[1]), *more))
        return " ".join(sentences)

    def _alone(
        self,
        view: View,
        rows: Rows,
        where: NDArray[np.intp],
        at: NDArray[np.intp],
        name: str,
        numbers: dict[str, NDArray[np.float64]],
        texts: list[str | None],
    ) -> None:
        """Fill in the score and the words of those scored one time only."""
        if not len(where):
            return
        log_odds = view.see(rows.features.iloc[at]).log_odds
        numbers[name][where] = log_odds
        since = _only_day(self.was)
        for place, row, chance in zip(where.tolist(), at.tolist(), expit(log_odds).tolist(), strict=True):
            gone = name == "log_odds_before"
            day = rows.as_of[row] if gone else since
            texts[place] = headline(view.bundle.task, chance if gone else None, None if gone else chance, day)

    def _problem(self, before: int, now: int) -> str:
        """What is wrong with either row."""
        found = [self.was.problem[before]] if before >= 0 else []
        if now >= 0:
            found += [self.now.problem[now], self.by_old.problem[now]]
        return "; ".join(dict.fromkeys(problem for problem in found if problem))

    def _keys(self, before: list[int], now: list[int]) -> dict[str, Any]:
        """Who the rows are about, and when."""
        both = list(zip(before, now, strict=True))
        size, since, as_of = len(both), _only_day(self.was), _only_day(self.now)
        return {
            "model": [self.new.bundle.name] * size,
            "task": [self.new.bundle.task] * size,
            "entity_id": [self.now.entity_id[n] if n >= 0 else self.was.entity_id[b] for b, n in both],
            "since": [self.was.as_of[b] if b >= 0 else since for b, _ in both],
            "as_of": [self.now.as_of[n] if n >= 0 else as_of for _, n in both],
            "rep_id": [self.now.rep_id[n] if n >= 0 else self.was.rep_id[b] for b, n in both],
            "model_version_before": [self.versions[0]] * size,
            "model_version": [self.versions[1]] * size,
        }


_NUMBERS = tuple(field.name for field in SCHEMA if pa.types.is_float64(field.type))


def _only_day(rows: Rows) -> dt.date | None:
    """The date of all rows, if there is one."""
    days = set(rows.as_of)
    return next(iter(days)) if len(days) == 1 else None


def _kinds(before: NDArray[np.intp], now: NDArray[np.intp]) -> list[NDArray[np.bool_]]:
    """Where there are both rows, the one of now alone, the one before alone."""
    return [(before >= 0) & (now >= 0), before < 0, now < 0]


def _nothing(rows: int) -> pa.Array:
    """So many empty lists of reasons."""
    return pa.array([[]] * rows, type=pa.list_(CHANGE))


def _typed(column: Any, kind: pa.DataType) -> pa.Array:
    return column.cast(kind) if isinstance(column, pa.Array) else pa.array(column, type=kind)


def _without_dust(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Zero for what only rounding left over."""
    return np.where(np.abs(values) < DUST, 0.0, values)
