"""What SQL of users can reach through a connection: the tables of the contract and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from salesml.crm.sources import quoted


def lock(con: duckdb.DuckDBPyConnection, files: Iterable[Path], work: Path | None = None) -> None:
    """Let a connection read the tables' files and no others, nor Python's variables.

    With ``work`` it may also write to that folder, which is the job's own.

    DuckDB never gives back access to files; other settings stay open to the stages that follow.
    """
    con.execute("SET python_enable_replacements = false")
    con.execute(f"SET allowed_paths = [{', '.join(quoted(str(file)) for file in files)}]")
    if work:
        con.execute(f"SET allowed_directories = [{quoted(str(work))}]")
    con.execute("SET enable_external_access = false")
