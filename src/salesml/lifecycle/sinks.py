"""Where a scoring job's rows go, as ``--out`` names it: a file, a dataset, a Delta table, or a store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.errors import Fault, UsageError
from salesml.scoring.batch import Sink, sink_of

if TYPE_CHECKING:
    from salesml.scoring.batch.database import Shown


REMOTE = frozenset(
    ("abfs", "abfss", "adl", "az", "file", "gcs", "gs", "hdfs", "http", "https", "s3", "s3a", "s3n")
)
"""Schemes of file systems, which are no databases."""


def is_address(out: Path | str) -> bool:
    """Whether a place is the address of a database."""
    return isinstance(out, str) and re.match(r"(?i)[a-z][a-z0-9+]*://", out) is not None


def sink_for(
    out: Path | str, *, name: str, task: str, day: str, work: Path | None = None, show: Shown | None = None
) -> Sink:
    """The sink of a place.

    Parameters
    ----------
    out : Path or str
        A path, ``delta:FOLDER``, or the address of a store as text.
    name, task, day : str
        Of the model; the ISO date, or empty.
    work : Path, optional
        Where a job for a store works.
    show : callable, optional
        Gives a store what pages show beside scores.

    Raises
    ------
    UsageError
        ``needs-store`` when ``work`` is given without one; ``no-remote``; what the sinks raise.
    """
    if isinstance(out, str) and is_address(out):
        _refuse_remote(out)
        from salesml.scoring.batch.database import Database, nothing_shown

        return Database(out, name, day, work, show or nothing_shown)
    if work is not None:
        raise UsageError(
            Fault(
                code="needs-store",
                found="--work is given, and --out is no store",
                allowed="A file or a folder is made beside itself",
                do="Leave --work out",
            )
        )
    return sink_of(Path(out), task, day)


def _refuse_remote(out: str) -> None:
    scheme = out.partition("://")[0]
    if scheme.lower() in REMOTE:
        raise UsageError(
            Fault(
                code="no-remote",
                found=f"The place to write to is an address ({scheme}:)",
                allowed="Scores are written to disks of this machine, or to a store, sqlite:///FILE.db or "
                "postgresql://USER@HOST/DATABASE",
                do="Name a folder and copy it there; or write there with --engine spark",
            )
        )


def refuse_similar(out: Path | str) -> None:
    """That similar accounts are not asked for beside a store, which takes both together.

    Raises
    ------
    UsageError
        ``similar-apart``.
    """
    if is_address(out):
        raise UsageError(
            Fault(
                code="similar-apart",
                found="--similar is given, and --out is a store",
                allowed="A store takes scores and similar accounts together",
                do="Write both to files, and publish them with `salesml publish --similar`",
            )
        )
