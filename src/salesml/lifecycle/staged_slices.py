"""The slices of a snapshot in the work folder of a job, each kept as soon as it is written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from salesml.scoring.batch import Journal, Teller
from salesml.scoring.batch.durable import digest_of, rename
from salesml.snapshots.stage import NAMES, Part


class SlicesOnDisk:
    """Finds the slices that an earlier start of the job has written, and keeps new ones.

    A slice is believed when it was cut at the same ids and its files have the SHA-256 of the journal.

    Parameters
    ----------
    work : Path
    journal : Journal
    teller : Teller
    """

    def __init__(self, work: Path, journal: Journal, teller: Teller) -> None:
        self._work, self._journal, self._teller = work, journal, teller
        self._cuts = ""
        self._of = 1
        self.there: dict[int, Part] = {}
        """Filled once it is known where the snapshot is cut."""

    def cut(self, cuts: Sequence[str]) -> Sequence[str]:
        """The ids at which slices begin: those of an earlier start that had as many slices."""
        begun = [each["cuts"] for each in self._journal.entries if each.get("event") == "cuts"]
        before = next((each for each in reversed(begun) if len(each) == len(cuts)), None)
        if before is None:
            self._journal.add({"event": "cuts", "cuts": list(cuts)})
            before = cuts
        self._cuts = hashlib.sha256("\n".join(before).encode()).hexdigest()
        self._of = len(before) + 1
        self.there.update(self._written())
        if self._of > 1:
            kept = f"; {len(self.there)} were written before" if self.there else ""
            self._teller.tell("note", f"The snapshot is taken in {self._of:,} slices{kept}")
        return before

    def keep(self, part: Part) -> Part:
        """Have a slice on disk under its names, and say so in the journal."""
        kept = replace(part_of(self._work, part.number), reasons=dict(part.reasons))
        for temporary, path in ((part.rows, kept.rows), (part.unscorable, kept.unscorable)):
            on_disk(temporary, path)
        self._journal.add(
            {
                "event": "slice",
                "cuts": self._cuts,
                "number": part.number,
                "reasons": dict(part.reasons),
                "files": {path.name: digest_of(path) for path in (kept.rows, kept.unscorable)},
            }
        )
        return kept

    def _written(self) -> Mapping[int, Part]:
        entries = [
            each
            for each in self._journal.entries
            if each.get("event") == "slice" and each["cuts"] == self._cuts
        ]
        return {
            each["number"]: replace(part_of(self._work, each["number"]), reasons=each["reasons"])
            for each in entries
            if whole(self._work, each["files"])
        }


def part_of(work: Path, number: int) -> Part:
    """A slice under the names that it has when it is whole."""
    rows, unscorable = (work / f"{name}-{number:05d}.parquet" for name in NAMES)
    return Part(number, rows, unscorable)


def whole(work: Path, files: Mapping[str, str]) -> bool:
    """Whether files are what the journal says."""
    return all(digest_of(work / name) == sha for name, sha in files.items())


def on_disk(temporary: Path, path: Path) -> None:
    """Give a file its name when it is on disk."""
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    rename(temporary, path)
