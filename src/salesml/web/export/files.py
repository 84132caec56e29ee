"""Files of reps in a folder: each whole or as it was, and a list of them that says which are ours."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from salesml.errors import Fault, OutsideError

MANIFEST: Final = "manifest.json"
FORM: Final = 1

_LETTERS: Final = 40
_DIGITS: Final = 10
_OURS: Final = re.compile(r"[a-z0-9-]{1,60}\.html")


def file_name(rep_id: str) -> str:
    """What a rep's file is called: letters and digits of the id, which two may share, and a digest."""
    readable = re.sub(r"[^a-z0-9]+", "-", rep_id.casefold()).strip("-")[:_LETTERS].strip("-")
    digest = hashlib.sha256(rep_id.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{readable or 'rep'}-{digest}.html"


def write(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, readable by nobody else.

    Raises
    ------
    OutsideError
        ``cannot-write``.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".salesml-", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot(path, error) from None


def make_folder(folder: Path) -> None:
    """The folder, for nobody else to look into where it is new.

    Raises
    ------
    OutsideError
        ``cannot-write``.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot(folder, error) from None


def remove(folder: Path, name: str) -> bool:
    """Remove a file that an earlier list named; whether it was there."""
    path = folder / name
    if not _OURS.fullmatch(name) or not path.is_file():
        return False
    try:
        path.unlink()
    except OSError as error:
        raise _cannot(path, error) from None
    return True


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """The files that were written before, by rep; none where there is no list, or it is not ours."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    files = said.get("files") if isinstance(said, dict) and said.get("form") == FORM else None
    known = [each for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    return {
        each["rep_id"]: each
        for each in known
        if isinstance(each.get("rep_id"), str) and _OURS.fullmatch(str(each.get("file")))
    }


def write_manifest(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """List the files by rep, so that the next export knows which are its own."""
    said = {"form": FORM, "files": [files[rep] for rep in sorted(files)]}
    text = json.dumps(said, indent=1, ensure_ascii=False)
    write(folder / MANIFEST, text.encode("utf-8", "backslashreplace") + b"\n")


def _cannot(path: Path, error: OSError) -> OutsideError:
    return OutsideError(
        Fault(
            code="cannot-write",
            found=f"{path} cannot be written: {error.strerror or error}",
            do="Choose another folder with --out, or make room in this one",
        )
    )
