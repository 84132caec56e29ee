"""Erasing people from a Delta table: a commit without their rows, and the files before it removed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from salesml.errors import Fault, OutsideError, UsageError
from salesml.lifecycle.erase_search import Search
from salesml.store.erased import ACCOUNT

LOG = "_delta_log"


def is_delta(folder: Path) -> bool:
    """Whether a folder is a Delta table, whose files only a commit may change."""
    return (folder / LOG).is_dir()


def erase_from_delta(folder: Path, search: Search) -> int:
    """Remove rows about people from a table that `salesml score` made; how many there were.

    Files that earlier versions of the table are made of are removed as well, so that nobody reads the rows by
    going back; whoever reads such a version meanwhile fails.

    Raises
    ------
    UsageError
        ``not-installed``.
    OutsideError
        ``not-written``; the table is then as it was, or the command is to be run again.
    """
    if importlib.util.find_spec("deltalake") is None:
        raise UsageError(
            Fault(
                code="not-installed",
                found=f"{folder} is a Delta table, which needs the package deltalake",
                do="Run `pip install 'salesml[delta]'`",
            )
        )
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(str(folder))
        gone = sum(_delete(table, predicate) for predicate in _predicates(table, search))
        # Also where nothing is left to delete: an earlier erasure may have been killed between the two.
        table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    except (DeltaError, OSError) as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The Delta table {folder} could not be changed: {str(error).splitlines()[0][:300]}",
                do="Run the same command again",
            )
        ) from error
    return gone


def _delete(table: Any, predicate: str) -> int:
    return int(table.delete(predicate)["num_deleted_rows"])


def _predicates(table: Any, search: Search) -> list[str]:
    """Whose rows go: an account and a prospect may share an id, and are told apart by the task."""
    names = {field.name for field in table.schema().fields}
    if "entity_id" not in names:
        return []
    found = []
    for each in search.whom:
        same = f"entity_id = '{each.id.replace(chr(39), chr(39) * 2)}'"
        kind = f" AND task {'=' if each.kind == ACCOUNT else '<>'} 'churn'" if "task" in names else ""
        found.append(same + kind)
    return found
