"""What stands beside a generation: what it is, where it came from, and the digest of each file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesml.errors import Fault, UsageError
from salesml.scoring.batch.durable import digest_of, put

MANIFEST = "manifest.json"
FORMAT = 1
TIMES = "times"
"""The only key in which two runs of the same job differ."""


def write_manifest(path: Path, content: Mapping[str, Any]) -> None:
    """Have a manifest on disk."""
    text = json.dumps(dict(content), indent=2, sort_keys=True, ensure_ascii=False)
    put(path, text.encode() + b"\n")


def read_manifest(path: Path) -> dict[str, Any] | None:
    """A manifest; None when there is none that can be read."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    good = isinstance(content, dict) and isinstance(content.get("run_id"), str)
    if good and content.get("format", 0) > FORMAT:
        raise UsageError(
            Fault(
                code="newer-format",
                found=f"{path} was written by a newer salesml",
                do="Update salesml, or write to another place",
            )
        )
    return content if good else None


def is_whole(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether every file that a manifest names is there as it was written."""
    return all(as_written(each, digest_of(folder / each["file"])) for each in manifest["files"])


def as_written(entry: Mapping[str, Any], digest: str) -> bool:
    """Whether a file's digest is the one that a manifest names.

    Where rows were erased there are two: the erasure may have been killed before the file took its place.
    """
    return bool(digest) and digest in (entry["sha256"], entry.get("before"))
