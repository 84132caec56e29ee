"""Reasons of any number of rows of one model: exact SHAP values in the way that is cheaper."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError
from salesml.explain import cells
from salesml.explain.cell_cache import path_of, read, write
from salesml.explain.cell_model import CellModel
from salesml.explain.cell_rows import CellRows
from salesml.explain.checks import checked_trees, features_of
from salesml.explain.contributions import contributions
from salesml.explain.grouping import Groups
from salesml.explain.strongest import Reasons, strongest

if TYPE_CHECKING:
    import lightgbm as lgb

Floats = NDArray[np.float64]

START, PER_LEAF, PER_LEAF_AND_ROW = 1.0, 1.5e-4, 1.2e-7
"""Seconds: to load compiled loops, to build tables for each leaf, and ``pred_contrib`` for each leaf and row,
as ``benchmarks.explain`` measures them. Only their ratios decide anything."""


class Explainer:
    """The strongest reasons of rows, by cell tables or, for few rows, by LightGBM's ``pred_contrib``.

    Both are exact and agree within 1e-5 of the largest contribution. The tables are built when first
    needed, kept for the life of this object, and in ``cache``.

    Parameters
    ----------
    text : str
        A LightGBM model text with one score.
    groups : sequence of str
        The group of each feature; an empty name stands alone.
    scale, shift : float
        The calibration: contributions are in log-odds ``scale * raw + shift``, scale above 0.
    cache : Path or None
        A folder in which tables are kept between processes.
    booster : lightgbm.Booster or None
        The same model where it is already loaded from a checked text; the text is then checked only
        before its tables are built.

    Raises
    ------
    ModelError
        ``linear-trees``, ``several-classes`` or ``altered-booster`` for what cannot be explained;
        ``wrong-shape`` when the groups do not fit the model.
    """

    def __init__(
        self,
        text: str,
        groups: Sequence[str],
        *,
        scale: float = 1.0,
        shift: float = 0.0,
        cache: Path | None = None,
        booster: lgb.Booster | None = None,
    ) -> None:
        if features_of(text) != len(groups):
            raise ModelError(
                Fault(
                    code="wrong-shape",
                    found=f"Groups of {len(groups)} features for a model of {features_of(text)}",
                    allowed="One group, or an empty name, for each feature of the model",
                    do="Pass the groups of the features that the model was trained with",
                )
            )
        self._text, self._names, self._groups = text, list(groups), Groups.of(groups)
        self._scale, self._shift, self._cache = scale, shift, cache
        self._booster = booster or _load(text)
        self._leaves = sum(int(line[11:]) for line in text.split("\n") if line.startswith("num_leaves="))
        self._built: CellRows | None = None
        self._lock = threading.Lock()

    @property
    def groups(self) -> Groups:
        """The groups of features that reasons are told of."""
        return self._groups

    def pays(self, rows: int) -> bool:
        """Whether so many rows take less time with tables, theirs included, than without."""
        without = PER_LEAF_AND_ROW * self._leaves * rows
        return without > START + PER_LEAF * self._leaves

    def reasons(self, coded: Floats, top: int, threads: int = 0, *, of: int | None = None) -> Reasons:
        """The strongest groups of each row; see :func:`strongest`, which says what is strongest.

        Parameters
        ----------
        coded : ndarray of shape (rows, features)
            Rows as ``Coding.encode`` gives them.
        top : int
            How many groups to list; all of them when there are fewer.
        threads : int
            Threads to use, 0 for all. The result does not depend on it.
        of : int or None
            Rows of the whole batch that these are a part of: it decides the way, so that all parts go
            the same.
        """
        coded = self._fit(coded)
        if self.pays(len(coded) if of is None else of):
            return self._tables().reasons(coded, self._groups, top, threads)
        return self._few(coded, top, threads)

    def scored(
        self, coded: Floats, top: int, threads: int = 0, *, of: int | None = None
    ) -> tuple[Floats, Reasons]:
        """Raw scores, before the calibration, and reasons; parameters as those of :meth:`reasons`.

        The raw scores are those of LightGBM's ``predict`` to the last bit, whichever way is taken.
        """
        coded = self._fit(coded)
        raw = np.zeros(len(coded))
        if self.pays(len(coded) if of is None else of):
            return raw, self._tables().reasons(coded, self._groups, top, threads, raw=raw)
        if len(coded):
            raw[:] = self._booster.predict(coded, raw_score=True, num_threads=threads)
        return raw, self._few(coded, top, threads)

    def _few(self, coded: Floats, top: int, threads: int) -> Reasons:
        parts = contributions(self._booster, coded, threads=threads) * self._scale
        parts[:, -1] += self._shift
        return strongest(parts, self._names, top)

    def contributions(self, coded: Floats, threads: int = 0) -> Floats:
        """What each feature adds to each row's log-odds, the base value last, from the tables."""
        return self._tables().contributions(self._fit(coded), threads)

    def prepare(self) -> None:
        """Have the tables now rather than when they are first needed."""
        self._tables()

    def keep(self, folder: Path) -> None:
        """Put the tables into a folder that another process may take as its ``cache``."""
        write(path_of(folder, self._text, cells.SETTINGS), self._read_or_build())

    def _fit(self, coded: Floats) -> Floats:
        if coded.ndim != 2 or coded.shape[1] != len(self._names):
            raise ModelError(
                Fault(
                    code="wrong-shape",
                    found=f"Rows of shape {coded.shape} for a model of {len(self._names)} features",
                    allowed="One column for each feature of the model, in its order",
                    do="Encode the rows with the coding of the model",
                )
            )
        return np.asarray(coded, dtype=np.float64)

    def _tables(self) -> CellRows:
        with self._lock:
            if self._built is None:
                model = self._read_or_build()
                self._built = CellRows(model, len(self._names), scale=self._scale, shift=self._shift)
            return self._built

    def _read_or_build(self) -> CellModel:
        path = path_of(self._cache, self._text, cells.SETTINGS) if self._cache else None
        model = read(path, len(self._names)) if path else None
        if model is None:
            model = CellModel.build(checked_trees(self._text))
            if path:
                write(path, model)
        return model


def _load(text: str) -> Any:
    import lightgbm as lgb

    checked_trees(text)
    return lgb.Booster(model_str=text)
