"""Erasing people everywhere: in the store, and in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from salesml.errors import Fault, UsageError
from salesml.lifecycle.erase_files import FilesErased, erase_from_files
from salesml.lifecycle.erase_locks import nobody_scoring
from salesml.store.engine import Store
from salesml.store.erase import Erasure, erase, people
from salesml.store.turn import WAIT


@dataclass(frozen=True)
class Everywhere:
    """What was erased where."""

    store: Erasure | None
    files: FilesErased | None

    @property
    def alarming(self) -> bool:
        """Whether something is left that a person must look at."""
        return bool((self.store and self.store.alarming) or (self.files and self.files.left))

    def text(self) -> str:
        """The report as a person reads it."""
        return "\n".join(each.text() for each in (self.store, self.files) if each)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "store": self.store.as_dict() if self.store else None,
            "files": asdict(self.files) if self.files else None,
            "alarming": self.alarming,
        }


def erase_everywhere(
    accounts: Sequence[str],
    prospects: Sequence[str],
    *,
    store: str | None,
    files: Sequence[Path] = (),
    rewrite: bool = False,
    wait: float = WAIT,
) -> Everywhere:
    """Erase accounts and prospects, by their ids.

    Parameters
    ----------
    store : str, optional
        A store's address.
    files : sequence of Path
        Files, and folders of files.
    rewrite, wait
        As for :func:`salesml.store.erase.erase`.

    Raises
    ------
    UsageError
        ``missing-option`` when nobody, or neither store nor files are named.
    OutsideError
        ``job-running`` while a scoring job writes there: it would write them again.
    """
    whom = people(accounts, prospects)
    if not store and not files:
        raise UsageError(
            Fault(
                code="missing-option", found="No place is named", do="Give --store URL, --files PATH or both"
            )
        )
    done = None
    with nobody_scoring(files):
        if store:
            with Store(store) as opened:
                done = erase(opened, whom, rewrite=rewrite, wait=wait)
        return Everywhere(done, erase_from_files(files, whom) if files else None)
