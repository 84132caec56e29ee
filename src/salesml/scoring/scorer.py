"""A bundle made ready to score: one code path for a row alone, a batch and a snapshot."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.explain import Explainer
from salesml.model.bundle import Bundle
from salesml.scoring.frame import Rows, as_frame, check_columns, names_of, note_repeated, prepare
from salesml.scoring.reasons import told
from salesml.scoring.said import Kept
from salesml.scoring.table import NOT_SCORED, SCORED, expected_column, in_full, schema
from salesml.scoring.withheld import how_many, without

BLOCK = 65_536
"""Rows that are scored at once: bounds the memory that a batch of any length takes. The more, the more of
them share a sentence."""

TOP = 5

DUST = 1e-12


class Scorer:
    """Scores rows with a bundle; threads may share it.

    Parameters
    ----------
    bundle : Bundle
        The model.
    version : str
        What to write in ``model_version``; the beginning of the bundle's digest when left out.
    threads : int
        Threads to use, 0 for all. Scores do not depend on it.
    cache : Path or None
        A folder where what explains many rows is kept between processes, such as the bundle's own.
    """

    withheld: frozenset[str] = frozenset()
    """Attributes that no reason tells, such as protected ones that the model uses all the same."""

    def __init__(
        self, bundle: Bundle, *, version: str = "", threads: int = 0, cache: Path | None = None
    ) -> None:
        self.bundle = bundle
        self.version = version or bundle.digest[:12]
        self.threads = threads
        self._explainer = Explainer(
            bundle.booster,
            [feature.group for feature in bundle.features],
            scale=bundle.calibration.a,
            shift=bundle.calibration.b,
            cache=cache,
            booster=lgb.Booster(model_str=bundle.booster),
        )
        self._kept = Kept()

    def __repr__(self) -> str:
        return f"Scorer({self.bundle.name!r}, version={self.version!r})"

    def score(self, frame: pd.DataFrame | pa.Table, *, top: int = TOP, run_id: str = "") -> pd.DataFrame:
        """The score table of some rows, one row for each, in their order.

        Parameters
        ----------
        frame : DataFrame or pyarrow.Table
            The model's columns in any order, and ``entity_id``, ``as_of``, ``rep_id`` and ``value``
            where they are known; dates are read as days before ``as_of``. Other columns are ignored. A
            row without ``entity_id`` column is called by its number.
        top : int
            Most reasons per row.
        run_id : str
            ``scoring_run_id``; a new one when left out.

        Returns
        -------
        DataFrame
            See :func:`salesml.scoring.table.schema`. ``reasons`` holds lists of dictionaries. Rows
            that could not be scored have the status "not scored" and a problem in words.

        Raises
        ------
        DataError
            ``missing-column`` for every column that is not there, with the nearest one that is.
        """
        table = self.table(frame, top=top, run_id=run_id)
        result: pd.DataFrame = table.drop_columns(["reasons"]).to_pandas()
        reasons = pd.Series(
            [reasons or [] for reasons in table["reasons"].to_pylist()], index=result.index, dtype=object
        )
        result.insert(table.column_names.index("reasons"), "reasons", reasons)
        return result

    def table(
        self, frame: pd.DataFrame | pa.Table, *, top: int = TOP, run_id: str = "", coded: bool = False
    ) -> pa.Table:
        """As :meth:`score`, as an Arrow table.

        ``coded`` leaves texts of reasons in dictionaries, as :func:`salesml.scoring.table.schema` says.
        """
        blocks = list(self.blocks(frame, top=top, run_id=run_id, coded=coded))
        return pa.Table.from_batches(blocks, schema=self.schema(coded=coded))

    def blocks(
        self,
        frame: pd.DataFrame | pa.Table,
        *,
        top: int = TOP,
        run_id: str = "",
        rows: int = BLOCK,
        of: int = 0,
        coded: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """As :meth:`table`, block by block, for tables whose scores need not fit in memory.

        ``of`` is the number of rows that ``frame`` is a part of, where it is: few rows are explained in
        another way than many.
        """
        check_columns(names_of(frame), self.bundle.columns)
        run_id = run_id or uuid.uuid4().hex
        seen: set[tuple[str | None, dt.date | None]] = set()
        for start in range(0, len(frame), rows):
            part = (
                frame.iloc[start : start + rows]
                if isinstance(frame, pd.DataFrame)
                else frame.slice(start, rows)
            )
            block = prepare(as_frame(part), self.bundle.coding, start)
            note_repeated(block, seen, last=start + rows >= len(frame))
            scored = self._block(block, top, run_id, max(of, len(frame)))
            yield scored if coded else in_full(scored)

    def schema(self, *, coded: bool = False) -> pa.Schema:
        """The columns of the score table, as :func:`salesml.scoring.table.schema` gives them."""
        return schema(self.bundle.task, coded=coded, horizons=self.bundle.horizons)

    def prepare(self) -> None:
        """Have what explains many rows now, rather than when it is first needed."""
        self._explainer.prepare()

    def keep(self, folder: Path) -> None:
        """Put what explains many rows into a folder that another process may take as its ``cache``."""
        self._explainer.keep(folder)

    def not_scored(self, unscorable: pa.Table, scores: pa.Table) -> pa.Table:
        """Rows of a score table for those who cannot be scored.

        Parameters
        ----------
        unscorable : pyarrow.Table
            ``entity_id``, ``as_of`` and the ``problem`` in words.
        scores : pyarrow.Table
            The score table that they are to stand in.
        """
        size = unscorable.num_rows
        run_id = scores["scoring_run_id"][0] if len(scores) else uuid.uuid4().hex
        fixed = {
            **{name: unscorable[name] for name in unscorable.column_names},
            "scoring_run_id": pa.repeat(run_id, size),
            "model": pa.repeat(self.bundle.name, size),
            "task": pa.repeat(self.bundle.task, size),
            "status": pa.repeat(NOT_SCORED, size),
            "model_version": pa.repeat(self.version, size),
        }
        columns = [
            fixed[field.name] if field.name in fixed else pa.nulls(size, field.type)
            for field in scores.schema
        ]
        return pa.table(columns, schema=scores.schema)

    def _block(self, rows: Rows, top: int, run_id: str, of: int) -> pa.RecordBatch:
        good = np.flatnonzero(rows.problem == "")
        features = rows.features if len(good) == len(rows) else rows.features.iloc[good]
        coded = self.bundle.coding.of_ages.encode(features, order="F")
        more = how_many(self.bundle.features, self._explainer.groups, self.withheld)
        raw, found = self._explainer.scored(coded, top + more, self.threads, of=of)
        calibration = self.bundle.calibration
        good_raises = self.bundle.task != "churn"
        found = without(found, self.bundle.features, self.withheld, top)
        reasons, listed = told(
            self.bundle.features,
            features,
            coded,
            found,
            good_raises=good_raises,
            peers=self.bundle.peers,
            kept=self._kept,
        )
        probability = calibration.probability(raw)
        worth = self._worth(coded, raw, probability, rows.value[good])
        columns = {
            "probability": probability,
            "raw_score": raw,
            "base_value": np.full(len(good), self.bundle.base_value),
            "other_contribution": _without_dust(calibration.logit(raw) - self.bundle.base_value - listed),
            "band": self.bundle.band(raw),
            **{name: _missing_as_none(values) for name, values in worth.items()},
            "reasons": reasons,
        }
        if self.bundle.survival:
            columns |= self.bundle.survival.columns(coded, probability, threads=self.threads)
        return self._assemble(rows, good, columns, run_id)

    def _worth(
        self,
        coded: NDArray[np.float64],
        raw: NDArray[np.float64],
        probability: NDArray[np.float64],
        value: NDArray[np.float64],
    ) -> dict[str, NDArray[np.float64]]:
        """What the outcome is worth: by the bundle's own models or, without them, the row's value."""
        if self.bundle.task == "seeds":
            return {}  # A likeness to a list of best customers is no chance, and expects nothing.
        if self.bundle.amounts is None:
            return {expected_column(self.bundle.task): probability * value}
        log_odds = self.bundle.calibration.logit(raw)
        return self.bundle.amounts.columns(coded, log_odds, threads=self.threads)

    def _assemble(
        self, rows: Rows, good: NDArray[np.intp], columns: dict[str, Any], run_id: str
    ) -> pa.RecordBatch:
        """All columns at their place, coded; rows that were not scored have nulls in those of ``columns``."""
        size = len(rows)
        bad = np.flatnonzero(rows.problem != "")
        status, problem = np.full(size, SCORED, dtype=object), np.full(size, None, dtype=object)
        status[bad], problem[bad] = NOT_SCORED, rows.problem[bad]
        fixed: dict[str, Any] = {
            "scoring_run_id": pa.repeat(run_id, size),
            "model": pa.repeat(self.bundle.name, size),
            "task": pa.repeat(self.bundle.task, size),
            "entity_id": rows.entity_id,
            "as_of": rows.as_of,
            "rep_id": rows.rep_id,
            "status": status,
            "problem": problem,
            "value": _missing_as_none(rows.value),
            "model_version": pa.repeat(self.version, size),
        }
        place = np.full(size, -1)
        place[good] = np.arange(len(good))
        take = pa.array(place, mask=place < 0) if len(bad) else None
        wanted = self.schema(coded=True)
        arrays = []
        for field in wanted:
            column = columns[field.name] if field.name in columns else fixed.get(field.name)
            if column is None:
                arrays.append(pa.nulls(size, type=field.type))
                continue
            column = column if isinstance(column, pa.Array) else pa.array(column, type=field.type)
            arrays.append(
                (column.take(take) if take is not None and field.name in columns else column).cast(field.type)
            )
        return pa.RecordBatch.from_arrays(arrays, schema=wanted)


def check_quarantine(table: pa.Table, bundle: Bundle) -> int:
    """How many rows were not scored, when their share is below the model's limit.

    Raises
    ------
    DataError
        ``too-many-unscored`` when more of the rows than ``quarantine_max`` could not be scored.
    """
    bad = [problem for problem in table["problem"].to_pylist() if problem]
    share = len(bad) / max(1, len(table))
    if share > bundle.quarantine_max:
        raise DataError(
            Fault(
                code="too-many-unscored",
                found=f"{len(bad):,} of {len(table):,} rows could not be scored",
                allowed=f"At most {bundle.quarantine_max:.1%} may fail (quarantine_max)",
                do="Mend the data the problems name, or raise quarantine_max",
                count=len(bad),
                examples=tuple(dict.fromkeys(bad))[:5],
            )
        )
    return len(bad)


def _without_dust(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Zero for what only rounding left over."""
    return np.where(np.abs(values) < DUST, 0.0, values)


def _missing_as_none(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
