"""An export: a file for each rep who has accounts or prospects."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from salesml.errors import DataError, Fault, UsageError
from salesml.store.access import ANALYST, Person
from salesml.store.engine import Store, reading
from salesml.store.migrate import existing
from salesml.store.status import status
from salesml.web.desk import Desk
from salesml.web.desk.owners import owners
from salesml.web.desk.prospects import TASKS
from salesml.web.export.book import Binder, Book
from salesml.web.export.files import (
    file_name,
    make_folder,
    read_manifest,
    remove,
    write,
    write_manifest,
)
from salesml.web.export.parts import ACCOUNTS

ROWS: Final = 100
"""Accounts, and prospects, that a file has in full."""


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes
    ----------
    written : sequence of dict
        ``rep_id``, ``name``, ``file``, ``sha256``, ``bytes``, ``accounts`` and ``prospects`` of each file.
    removed : sequence of str
        Files of reps who have nothing any more.
    """

    written: Sequence[dict[str, Any]]
    removed: Sequence[str]


def export_pages(
    store: Store,
    out: Path,
    *,
    rep_id: str | None = None,
    rows: int = ROWS,
    zone: str = "UTC",
    stale_after: int = 2,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Exported:
    """Write each rep's pages to a file of its own.

    Each file is whole or as it was before. Files that an earlier export wrote for reps who have nothing any
    more are removed; nothing else in the folder is touched.

    Parameters
    ----------
    store : Store
    out : Path
        A folder; made where there is none.
    rep_id : str, optional
        Only this rep's file.
    rows : int
        Accounts, and prospects, that a file has.
    zone : str
        The company's time zone.
    stale_after : int
        Days after which scores are called old.
    told : callable
        Called with how many files are written, and of how many.

    Raises
    ------
    UsageError
        ``unknown-rep``.
    DataError
        ``no-store``, ``store-older``, ``store-newer``; ``nothing-published``.
    OutsideError
        ``cannot-write``, ``store-away``.
    """
    existing(store)
    today = dt.datetime.now(ZoneInfo(zone)).date()
    everybody = _owners(store, today)
    chosen = _chosen(everybody, rep_id)
    banner = status(store, stale_after=stale_after, today=today).banner
    binder = Binder(store, today=today, zone=zone, rows=rows, banner=banner)
    make_folder(out)
    before = read_manifest(out)
    planned = {each: {"rep_id": each, "file": file_name(each)} for each in chosen}
    write_manifest(out, planned | before)  # so that what is written is known even where this does not end
    files: dict[str, dict[str, Any]] = {}
    for place, each in enumerate(chosen, start=1):
        files[each] = _write(out, binder.book(each))
        told(place, len(chosen))
    left = [] if rep_id is not None else sorted(before.keys() - set(everybody))
    removed = [before[each]["file"] for each in left if remove(out, before[each]["file"])]
    kept = {each: line for each, line in before.items() if each not in left}
    write_manifest(out, kept | files)
    return Exported(list(files.values()), removed)


def _owners(store: Store, today: dt.date) -> list[str]:
    whole = Person(login="", name="", role=ANALYST, books=None)
    with reading(store.published) as connection:
        desk = Desk(connection, whole, today)
        if desk.of_task(ACCOUNTS, *TASKS) is None:
            raise DataError(
                Fault(
                    code="nothing-published",
                    found="The store has no scores",
                    do="Publish some first, with `salesml publish`",
                )
            )
        return owners(desk, ACCOUNTS, *TASKS)


def _chosen(everybody: list[str], rep_id: str | None) -> list[str]:
    if rep_id is None:
        return everybody
    if rep_id not in everybody:
        raise UsageError(
            Fault(
                code="unknown-rep",
                found=f"{rep_id!r} has no accounts and no prospects in the scores that are shown",
                do="Name a rep by the id of the company's table, or leave out --rep for a file of each",
            )
        )
    return [rep_id]


def _write(out: Path, book: Book) -> dict[str, Any]:
    content = book.html.encode("utf-8", "replace")
    name = file_name(book.rep_id)
    write(out / name, content)
    return {
        "rep_id": book.rep_id, "name": book.name, "file": name,
        "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
        "accounts": book.accounts, "prospects": book.prospects,
    }  # fmt: skip
