"""The scoring job of `salesml score --table` with LightGBM's plain `predict` and no reasons.

Everything else is the job itself: fingerprint, drift, keys that stand twice, quarantine, parts that are on
disk before the journal names them, manifest, and the same columns, of which ``reasons`` is empty.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from salesml.config import Tracking
from salesml.lifecycle.score_job import How, digest_of_file, identity_of, make_job, run_job
from salesml.lifecycle.staged import Means, TableStage
from salesml.model.bundle import Bundle
from salesml.scoring import Scorer
from salesml.scoring.batch import sink_of
from salesml.scoring.frame import Rows
from salesml.scoring.table import CODED_REASON


class Plain(Scorer):
    """A scorer that asks LightGBM for scores and tells no reason."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__(bundle, threads=1)
        self._booster = lgb.Booster(model_str=bundle.booster)

    def _block(self, rows: Rows, top: int, run_id: str, of: int) -> pa.RecordBatch:
        good = np.flatnonzero(rows.problem == "")
        features = rows.features if len(good) == len(rows) else rows.features.iloc[good]
        coded = self.bundle.coding.of_ages.encode(features, order="F")
        raw = np.asarray(self._booster.predict(coded, raw_score=True, num_threads=self.threads))
        calibration = self.bundle.calibration
        probability = calibration.probability(raw)
        none = pa.array([], type=CODED_REASON)
        columns = {
            "probability": probability,
            "raw_score": raw,
            "base_value": np.full(len(good), self.bundle.base_value),
            "other_contribution": calibration.logit(raw) - self.bundle.base_value,
            "band": self.bundle.band(raw),
            **self._worth(coded, raw, probability, rows.value[good]),
            "reasons": pa.ListArray.from_arrays(pa.array(np.zeros(len(good) + 1, dtype=np.int32)), none),
        }
        return self._assemble(rows, good, columns, run_id)


def score_plainly(bundle: Path, table: Path, out: Path, *, id_column: str, day: str) -> None:
    """Score a flat table as :func:`salesml.lifecycle.score.score_table` does, but for the reasons."""
    how = How(listener=lambda event: None)
    scorer = Plain(Bundle.load(bundle))
    sink = sink_of(out, scorer.bundle.task, day)
    sink.check(scorer.bundle.name)
    identity = identity_of(
        scorer, day, digest_of_file(table), 0, id=id_column, ending=table.suffix, chunk=how.chunk
    )
    means = Means(scorer=scorer, run_id=identity.run_id, top=0, chunk=how.chunk)
    as_of = dt.date.fromisoformat(day)
    stage = TableStage(path=table, id_column=id_column, as_of=as_of, means=means)
    job = make_job(identity, sink, stage, scorer, how, 0, many="rows")
    run_job(job, out, how.listener or print, how, Tracking(), logged=False)
