"""Manifests when rows about somebody go: they say what their files will be, and the job is still done.

A manifest is amended before its file takes the place of the one it says so of, and names both: whenever the
erasure is killed, the file is one of the two.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from salesml.scoring.batch.durable import digest_of
from salesml.scoring.batch.files import manifest_of
from salesml.scoring.batch.manifest import MANIFEST, as_written, read_manifest, write_manifest
from salesml.scoring.batch.parts import PARTS, QUARANTINE
from salesml.scoring.table import SCORED

COUNTED: Final = ("status", "band", "problem")
"""Columns by which a manifest counts rows."""

_BLOCK = 1 << 20


def amend(path: Path, out: IO[bytes], removed: Iterable[Mapping[str, Any]]) -> None:
    """Have the manifest of a file, if there is one, say what the file is about to be.

    Parameters
    ----------
    path : Path
        The file as it is.
    out : binary file
        What takes its place, written and not yet named.
    removed : iterable of mapping
        The rows that go, with the columns :data:`COUNTED` where they have them.

    Notes
    -----
    A file that is not as its manifest says, by damage, is left so: the job that made it does it again.
    """
    found = _manifest(path.resolve())
    if found is None:
        return
    place, name, manifest = found
    before, after = digest_of(path), _digest(out)
    rows = list(removed)
    for each in manifest["files"]:
        if each["file"] != name or not as_written(each, before) or each["sha256"] == after:
            continue
        each |= {"rows": each["rows"] - len(rows), "sha256": after, "before": before}
        if not name.startswith(f"{QUARANTINE}/"):
            _count(manifest, rows)
        write_manifest(place, manifest)


def _manifest(path: Path) -> tuple[Path, str, dict[str, Any]] | None:
    """A file's manifest: where it is, how it names the file, what it says."""
    of_parts = path.parent.name in (PARTS, QUARANTINE)
    place = path.parent.parent / MANIFEST if of_parts else manifest_of(path)
    manifest = read_manifest(place)
    return (
        (place, f"{path.parent.name}/{path.name}" if of_parts else path.name, manifest) if manifest else None
    )


def _count(manifest: dict[str, Any], rows: list[Mapping[str, Any]]) -> None:
    """Take rows out of what a manifest counts, and say how many that were."""
    scored = [row for row in rows if row.get("status") == SCORED]
    manifest["rows"] -= len(rows)
    manifest["scored"] -= len(scored)
    manifest["unscored"] -= len(rows) - len(scored)
    manifest["bands"] = _less(manifest["bands"], (row.get("band") for row in scored))
    others = (row.get("problem") for row in rows if row.get("status") != SCORED)
    manifest["problems"] = _less(manifest["problems"], others)
    manifest["erased"] = manifest.get("erased", 0) + len(rows)


def _less(counts: Mapping[str, int], gone: Iterable[Any]) -> dict[str, int]:
    left = Counter(counts)
    left.subtract(Counter(str(each) for each in gone))
    return {key: count for key, count in left.items() if count > 0}


def _digest(out: IO[bytes]) -> str:
    """SHA-256 of a file that is being written."""
    out.flush()
    digest = hashlib.sha256()
    for block in _blocks(out.fileno()):
        digest.update(block)
    return digest.hexdigest()


def _blocks(handle: int) -> Iterator[bytes]:
    place = 0
    while block := os.pread(handle, _BLOCK, place):
        place += len(block)
        yield block
