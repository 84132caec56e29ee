"""Score tables beside the facts: what was said of prospects and accounts, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.errors import DataError, Fault
from salesml.lifecycle.score_files import ScoreFiles
from salesml.scorecard.facts import hold
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
    con.register("scored_file", pa.schema(COLUMNS.items()).empty_table())
    hold(con, "scored", "SELECT * FROM scored_file")
    seen: set[tuple[str, dt.date]] = set()
    for path in files:
        # One file at a time: scores of some years are more than memory should hold.
        table = _read(path)
        days = {
            (each["task"], each["as_of"])
            for each in table.group_by(["task", "as_of"]).aggregate([]).to_pylist()
        }
        con.register("scored_file", table)
        con.execute(ADD.format(new=NEW if days & seen else ""))
        con.unregister("scored_file")
        seen |= days
    con.execute("CHECKPOINT facts")
    return frozenset(f"scores.{task}" for task, _ in seen)


ADD = """
INSERT INTO facts.scored SELECT DISTINCT ON (task, entity, as_of) * FROM scored_file {new}
"""

NEW = "WHERE (task, entity, as_of) NOT IN (SELECT task, entity, as_of FROM scored)"
"""Where scores of a date stand in two files, the first counts."""


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
