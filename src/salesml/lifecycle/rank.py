"""Ranking a score table on disk, a file or a folder: read, ranked, and written with its rules."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.crm import CRM
from salesml.errors import Fault, OutsideError, UsageError
from salesml.lifecycle.reps import hours_of_reps
from salesml.lifecycle.score_files import ScoreFiles, not_scores
from salesml.scoring import check_target
from salesml.scoring.rank import EXTRA, Ranking, ranked_schema, ranking
from salesml.scoring.rank.rows import check_names, columns, task_of
from salesml.scoring.rank.summary import summary
from salesml.scoring.rank.write import write_batches
from salesml.scoring.table import horizons_in, schema

BATCH = 16_384
"""Rows that are in memory at once beside the columns that decide the order."""

MEMORY = "512MB"
"""What sorting may take before it goes on in a temporary folder."""


def rank_file(
    scores: Path,
    out: Path,
    *,
    name: str = "",
    seed: int = 0,
    hours_per_rep: float | None = None,
    places_per_rep: int | None = None,
    explore: float = 0.0,
    crm: CRM | None = None,
) -> str:
    """Rank a score table on disk, write the lists, and say what came of it.

    Parameters
    ----------
    scores : Path
        A Parquet file, or the folder of one task and date of a dataset.
    name : str, optional
        The model whose scores they must be.
    hours_per_rep, places_per_rep, explore, seed
        As for :func:`salesml.rank`.
    crm : CRM, optional
        Its table ``reps`` says who is a rep and, unless a limit is given, how many hours a week each has.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-scores``, ``several-dates``, ``other-model``, ``no-reps``, or when the list
        cannot be written.
    DataError
        As for :func:`salesml.rank`.
    OutsideError
        ``not-sorted`` when there is no room to sort, ``not-written`` when the disk refuses.
    """
    check_target(out)
    with _readable(scores):
        file = _opened(scores)
        _refuse_other_model(file, scores, name)
        task, keys = _keys(file)
        hours, reps = _hours(crm, hours_per_rep, places_per_rep)
        done = ranking(
            keys, task, seed=seed, hours_per_rep=hours, places_per_rep=places_per_rep,
            explore=explore, reps=reps,
        )  # fmt: skip
        horizons = horizons_in(file.names)
        ordered = _ordered(file, done, schema(task, horizons=horizons))
        write_batches(ordered, ranked_schema(task, horizons), done.rules, out)
    first = f"Ranked {len(keys):,} rows into {out}: {', then '.join(done.rules['order'])}"
    return "\n".join([first, *summary(done.lists, done.rules)])


def _hours(
    crm: CRM | None, hours: float | None, places: int | None
) -> tuple[float | Mapping[str, float] | None, Collection[str] | None]:
    """The hours of reps, and who is a rep."""
    if crm is None:
        return hours, None
    own = hours_of_reps(crm, needed=hours is None and places is None)
    return (own if hours is None and places is None else hours), set(own)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What goes wrong in reading or sorting the file, in words."""
    try:
        yield
    except (pa.ArrowException, duckdb.InvalidInputException) as error:
        reason = str(error).splitlines()[0].rpartition("failed: ")[-1]
        raise UsageError(not_scores(f"{path} cannot be read as a score table: {reason}")) from error
    except duckdb.Error as error:
        raise OutsideError(
            Fault(
                code="not-sorted",
                found=f"The rows of {path} could not be brought in order: {str(error).splitlines()[0]}",
                do="Make room in the folder for temporary files, and try again; nothing was written",
            )
        ) from error


def _opened(path: Path) -> ScoreFiles:
    file = ScoreFiles(path)
    if "model" not in file.names:
        raise UsageError(not_scores(f"{path} has no column model, and so is no score table"))
    return file


def _refuse_other_model(file: ScoreFiles, path: Path, name: str) -> None:
    models = file.read(["model"])["model"].unique().to_pylist()
    others = sorted({str(model) for model in models} - {name})
    if name and others:
        raise UsageError(
            Fault(
                code="other-model",
                found=f"{path} holds scores of {', '.join(others)}",
                allowed=f"The list asked for is that of {name}",
                do=f"Name the file of {name}, or ask for the list of {others[0]}",
            )
        )


def _keys(file: ScoreFiles) -> tuple[str, pd.DataFrame]:
    """The task, and the columns that ranking looks at."""
    names = file.names
    tasks = file.read(["task"])["task"].unique().to_pylist() if "task" in names else []
    task = task_of(tasks, names)
    check_names(names, task)
    return task, file.read(columns(task)).to_pandas()


def _ordered(file: ScoreFiles, done: Ranking, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows in their order with what ranking adds, batch by batch: reasons need not fit in memory."""
    place = np.empty(len(done.order), dtype=np.int64)
    place[done.order] = np.arange(len(place))
    source = pa.RecordBatchReader.from_batches(
        wanted.append(pa.field("place", pa.int64())), _placed(file, wanted, place)
    )
    start, extra = 0, list(EXTRA)
    with tempfile.TemporaryDirectory(prefix="salesml-") as folder, duckdb.connect() as con:
        con.execute("SET memory_limit = $memory", {"memory": MEMORY})
        con.execute("SET temp_directory = $folder", {"folder": folder})
        con.register("source", source)
        for batch in con.sql("SELECT * EXCLUDE (place) FROM source ORDER BY place").to_arrow_reader(BATCH):
            rows = pa.Table.from_batches([batch]).cast(wanted)
            added = pa.Table.from_pandas(
                done.columns.iloc[start : start + len(rows)], schema=EXTRA, preserve_index=False
            )
            start += len(rows)
            for field, column in zip(extra, added.columns, strict=True):
                rows = rows.append_column(field, column)
            yield from rows.to_batches()


def _placed(file: ScoreFiles, wanted: pa.Schema, place: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """The rows of the file as they come, each with its place."""
    start = 0
    for batch in file.iter_batches(BATCH, wanted.names):
        rows = pa.Table.from_batches([batch]).select(wanted.names).cast(wanted)
        column = pa.array(place[start : start + len(rows)])
        start += len(rows)
        yield from rows.append_column("place", column).to_batches()
