"""The audit of a score table against the rows that were scored and the bundle that scored them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesml.explain.grouping import Groups
from salesml.model.bundle import Bundle
from salesml.scoring.audit.catalogue import Catalogue
from salesml.scoring.audit.contradictions import contradictions, said_twice
from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.recomputed import recomputed, sampled
from salesml.scoring.audit.result import Audit, Notes
from salesml.scoring.audit.rows import Rows
from salesml.scoring.audit.spoken import spoken
from salesml.scoring.audit.structure import structure
from salesml.scoring.audit.tracing import Tracing
from salesml.scoring.audit.values import tags
from salesml.scoring.table import SCORED
from salesml.scoring.withheld import hidden

MOST = 5

_LAST: list[tuple[Bundle, Catalogue]] = []
"""The bundle that was last audited with: its templates are read once."""


def audit(
    scores: pa.Table,
    rows: pa.Table | pd.DataFrame,
    bundle: Bundle,
    *,
    protected: Collection[str] = (),
    most: int = MOST,
    seed: int = 0,
    threads: int = 0,
    of: int | None = None,
) -> Audit:
    """Trace every sentence of a score table to its contribution and its data.

    Numbers, signs and names are read from the sentences by the catalogue's patterns, apart from the code
    that made them, and held against the rows. Sums, shares, order and directions are checked on all
    rows; contributions and scores are computed a second time, by LightGBM's ``pred_contrib``, on all rows
    or, of many, on one in a thousand, at least 100, drawn by the seed.

    Parameters
    ----------
    scores : pyarrow.Table
        As :meth:`salesml.scoring.Scorer.table` gives it; rows that were not scored may follow at its end.
    rows : pyarrow.Table or DataFrame of shape (rows, columns)
        What was scored, in the same order.
    bundle : Bundle
        What scored them.
    protected : collection of str
        Attributes that no sentence may name or tell.
    most : int
        Reasons that a row may have.
    seed : int
        Draws the rows to compute again.
    threads : int
        Threads of LightGBM, 0 for all.
    of : int or None
        Rows of the whole table, where these are a part of it: so many of each are computed again that the
        parts together have as many as the whole would.

    Returns
    -------
    Audit
        With its findings; :meth:`Audit.refuse` raises them.
    """
    groups = Groups.of([feature.group for feature in bundle.features])
    listed = Listed.of(scores, bundle.features, groups)
    notes = Notes(len(listed))
    scored = np.flatnonzero(pc.equal(scores["status"], SCORED).to_numpy())
    data = Rows(rows, bundle.coding)
    same = _same_entities(scores, data)
    notes.add("other-rows", ~same[listed.row])
    structure(listed, scores, bundle, most, notes)
    again = sampled(scored[same[scored]], seed, of)
    never = hidden(bundle.features, groups, protected)
    recomputed(listed, scores, bundle, groups, again, data.coded(again), threads, most, never, notes)
    if same[listed.row].all():
        catalogue = _catalogue(bundle)
        tracing = Tracing(listed, data, catalogue, groups, good_raises=bundle.task != "churn")
        traced = tracing.run(notes)
        tags(listed, bundle.features, traced.subject, notes)
        said_twice(listed, bundle.features, traced, notes)
        contradictions(listed, bundle.features, traced, notes)
        spoken(listed, bundle.features, traced, protected, never, notes)
    entities = scores["entity_id"]

    def example(at: int) -> str:
        code = int(listed.words.codes[at])
        text = listed.words.values[code] if code >= 0 else ""
        return f"{entities[int(listed.row[at])].as_py()}: {text[:200]}"

    return Audit(len(scored), len(listed), len(again), notes.findings(example))


def _catalogue(bundle: Bundle) -> Catalogue:
    """The catalogue of a bundle, which a job asks for with each part."""
    for known, catalogue in [*_LAST]:
        if known is bundle:
            return catalogue
    made = Catalogue(bundle.features, bundle.peers)
    _LAST[:] = [(bundle, made)]
    return made


def _same_entities(scores: pa.Table, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each row of the score table, whether the row that was scored is about the same entity."""
    same = np.zeros(len(scores), dtype=bool)
    shared = min(len(scores), len(rows))
    asked = rows.entities().slice(0, shared)
    same[:shared] = pc.equal(scores["entity_id"].slice(0, shared), asked).fill_null(False).to_numpy()
    return same
