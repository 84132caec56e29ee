"""What came of every row of a score table or ranked list, answered or not: what answers are compared with."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.lifecycle.score_files import ScoreFiles
from salesml.scoring import check_target, write
from salesml.scoring.table import SCORED
from salesml.snapshots.labels import SCHEMA, labels_of

NEEDED = ("model", "entity_id", "as_of", "status")


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    known : int
        Rows whose outcome is known.
    unknown : dict of str to int
        The others by the reason, a key of :data:`salesml.snapshots.labels.NO_LABEL`.
    """

    out: str
    rows: int
    known: int
    unknown: dict[str, int]

    def text(self) -> str:
        return f"Wrote {self.rows:,} rows to {self.out}; the outcome is known of {self.known:,}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_outcomes(spec: Spec, crm: CRM, scores: Path, out: Path, *, overwrite: bool = False) -> Written:
    """Write the outcome of each row that was scored.

    Parameters
    ----------
    spec : Spec
        Of the model that scored them.
    scores : Path
        A score table or ranked list in Parquet, of one date or several.
    out : Path
        Columns :data:`salesml.snapshots.labels.SCHEMA`, by date, then id.

    Raises
    ------
    UsageError
        As :func:`salesml.scoring.write.write` and :class:`salesml.lifecycle.score_files.ScoreFiles`.
    DataError
        ``not-scores``, ``other-model``; as :func:`salesml.snapshots.labels.labels_of`.
    """
    check_target(out, overwrite=overwrite)
    files = ScoreFiles(scores)
    lacks = [name for name in NEEDED if name not in files.names]
    if lacks:
        found = f"{scores} lacks the columns {', '.join(lacks)}"
        raise DataError(Fault(code="not-scores", found=found, allowed="A score table or ranked list"))
    rows = files.read(NEEDED)
    _refuse_others(spec, scores, rows)
    kept = rows.filter(pc.equal(rows["status"], SCORED))
    days = kept["as_of"].cast(pa.date32())
    table = labels_of(spec, crm, zip(kept["entity_id"].to_pylist(), days.to_pylist(), strict=True))
    write(table.to_batches(), SCHEMA, out, overwrite=overwrite)
    reasons = Counter(table["no_label"].drop_null().to_pylist())
    return Written(
        str(out), table.num_rows, table.num_rows - table["label"].null_count, dict(sorted(reasons.items()))
    )


def _refuse_others(spec: Spec, scores: Path, rows: pa.Table) -> None:
    others = sorted({str(name) for name in rows["model"].unique().to_pylist()} - {spec.name})
    if others:
        raise DataError(
            Fault(
                code="other-model",
                found=f"{scores} has scores of {', '.join(others)}",
                allowed=f"The outcome is that of {spec.name}.yaml",
                do="Name the model of the scores",
            )
        )
