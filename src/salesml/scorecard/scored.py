"""Score tables beside the facts: what was said of prospects and accounts, and when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.errors import DataError, Fault
from salesml.lifecycle.score_files import ScoreFiles
from salesml.scoring.table import SCORED, expected_column

COLUMNS = {
    "task": pa.string(),
    "entity": pa.string(),
    "as_of": pa.date32(),
    "rep": pa.string(),
    "probability": pa.float64(),
    "band": pa.string(),
    "value": pa.float64(),
    "expected": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "hours": pa.float64(),
}

FROM = {"entity": "entity_id", "rep": "rep_id", "low": "expected_low", "high": "expected_high",
        "hours": "expected_hours"}  # fmt: skip


def add_scores(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> frozenset[str]:
    """Create ``scored(task, entity, as_of, rep, probability, band, value, expected, low, high, hours)``.

    Parameters
    ----------
    files : sequence of Path
        Score tables in Parquet, each a file or, of a dataset, the folder of a task and date; none is fine.

    Returns
    -------
    frozenset of str
        ``scores.TASK`` for each task that has rows.

    Raises
    ------
    DataError
        ``not-scores`` for what is no score table.
    UsageError
        As :class:`salesml.lifecycle.score_files.ScoreFiles`.
    """
    tables = [_read(path) for path in files]
    found = pa.concat_tables(tables) if tables else pa.schema(COLUMNS.items()).empty_table()
    con.register("scored_files", found)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE scored AS SELECT DISTINCT ON (task, entity, as_of) * FROM scored_files"
    )
    con.unregister("scored_files")
    return frozenset(f"scores.{task}" for task in found["task"].unique().to_pylist())


def _read(path: Path) -> pa.Table:
    files = ScoreFiles(path)
    tasks = files.read(["task"])["task"].unique().to_pylist() if "task" in files.names else []
    expected = expected_column(tasks[0] if tasks else "churn")
    columns = {name: FROM.get(name, expected if name == "expected" else name) for name in COLUMNS}
    lacks = sorted({*columns.values(), "status"} - set(files.names))
    if lacks:
        raise DataError(_no_scores(path, f"lacks the columns {', '.join(lacks)}"))
    rows = files.read([*columns.values(), "status"])
    scored = rows.filter(pc.equal(rows["status"], SCORED)).select([*columns.values()])
    return scored.rename_columns([*columns]).cast(pa.schema(COLUMNS.items()))


def _no_scores(path: Path, found: str) -> Fault:
    return Fault(
        code="not-scores",
        found=f"{path} {found}",
        allowed="A score table in Parquet, as `salesml score` writes it",
        do="Name another file",
    )
