"""A bundle's folder: written whole or not at all, and checked before it is parsed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesml.errors import Fault, ModelError, OutsideError

BOOSTER = "booster.txt"
DOCUMENT = "bundle.json"
CACHE = ".cache"
"""A folder beside the files that may be filled and emptied at will; digests leave it out."""

AMOUNTS = ("hours.txt", "value.txt")
"""Texts that stand in a bundle only if its document says so."""

HAZARD = "hazard.txt"
"""Likewise, of the model of when accounts leave."""

LARGEST = {BOOSTER: 1 << 29, DOCUMENT: 1 << 26, **dict.fromkeys((*AMOUNTS, HAZARD), 1 << 29)}
"""Bytes above which a file is not even read."""

_OWN = re.compile(rb'^  "digest_of_this_file": "([0-9a-f]{64})",?$', re.MULTILINE)
_NONE = "0" * 64


def canonical(document: object) -> bytes:
    """JSON in one form only: keys sorted, no number that JSON lacks.

    Raises
    ------
    ModelError
        ``not-plain`` for what is not plain data.
    """
    try:
        text = json.dumps(document, sort_keys=True, allow_nan=False, indent=2, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ModelError(
            Fault(code="not-plain", found=f"The bundle holds what is not plain data: {error}")
        ) from error
    return text.encode() + b"\n"


def write(folder: Path, document: dict[str, Any], texts: Mapping[str, str]) -> Path:
    """Write all files aside and give the folder its name when they are on disk."""
    if folder.exists() or folder.is_symlink():
        raise ModelError(
            Fault(
                code="folder-exists",
                found=f"{folder} exists already",
                allowed="A bundle is never written over another one",
                do="Name a new folder, or remove this one first",
            )
        )
    files = {name: text.encode() for name, text in texts.items()}
    whole = {**document, "files": _digests(files), "digest_of_this_file": _NONE}
    own = _digest(canonical(whole))
    files[DOCUMENT] = canonical({**whole, "digest_of_this_file": own})
    aside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, data in files.items():
            _write_through(aside / name, data)
        aside.chmod(0o755)
        _sync(aside)
        aside.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The bundle could not be written to {folder}: {error.strerror or error}",
                do="Make room or choose another folder; nothing was left behind",
            )
        ) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
    return folder


def read(folder: Path, newest_format: int) -> tuple[dict[str, Any], dict[str, str]]:
    """The document and the texts, with every digest checked before anything of them is parsed."""
    data = _files(folder)
    own = _OWN.findall(data[DOCUMENT])
    if len(own) != 1:
        raise _changed(folder, DOCUMENT)
    blank = data[DOCUMENT].replace(own[0], _NONE.encode())
    if _digest(blank) != own[0].decode():
        raise _changed(folder, DOCUMENT)
    try:
        document = json.loads(data[DOCUMENT])
    except (ValueError, RecursionError):
        raise _changed(folder, DOCUMENT) from None
    if not isinstance(document, dict) or not isinstance(document.get("files"), dict):
        raise _changed(folder, DOCUMENT)
    _check_format(folder, document.get("format"), newest_format)
    if canonical(document) != data[DOCUMENT]:
        # The digest is right but the text has another form: a key stands twice, for one.
        raise _changed(folder, DOCUMENT)
    document.pop("digest_of_this_file")
    del data[DOCUMENT]
    _check_texts(folder, document.pop("files"), data)
    return document, {name: text.decode() for name, text in data.items()}


def _check_texts(folder: Path, listed: dict[str, object], data: Mapping[str, bytes]) -> None:
    """That the texts are those that the document lists, byte for byte."""
    lost, extra = sorted(set(listed) - set(data)), sorted(set(data) - set(listed))
    if lost or extra:
        raise ModelError([*(_lost(folder, name) for name in lost), *(_extra(folder, name) for name in extra)])
    for name, digest in _digests(data).items():
        if listed[name] != digest:
            raise _changed(folder, name)


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise ModelError(
            Fault(
                code="missing-file",
                found=f"{folder} is not a folder",
                allowed=f"A bundle is a folder with {BOOSTER} and {DOCUMENT}",
            )
        )
    there = {path.name for path in folder.iterdir()} - {CACHE}
    faults = [_lost(folder, name) for name in sorted({BOOSTER, DOCUMENT} - there)]
    faults += [_extra(folder, name) for name in sorted(there - LARGEST.keys())]
    if faults:
        raise ModelError(faults)
    return {name: _read(folder / name) for name in sorted(there)}


def _lost(folder: Path, name: str) -> Fault:
    return Fault(
        code="missing-file", found=f"The bundle {folder} lacks {name}", do="Take the whole folder again"
    )


def _extra(folder: Path, name: str) -> Fault:
    return Fault(
        code="extra-file",
        found=f"The bundle {folder} holds {name}, which does not belong to it",
        do="Remove it when you know where it comes from",
    )


def _read(path: Path) -> bytes:
    """A plain file's bytes: no link is followed, no device or pipe read, nothing beyond the limit."""
    most = LARGEST[path.name]
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _not_plain(path)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _not_plain(path)
            data = file.read(min(os.fstat(handle).st_size, most) + 1)
    except OSError as error:
        raise ModelError(
            Fault(code="missing-file", found=f"{path} cannot be read: {error.strerror or error}")
        ) from error
    if len(data) > most:
        raise ModelError(
            Fault(code="bad-bundle", found=f"{path} is too large", allowed=f"At most {most:,} bytes")
        )
    return data


def _not_plain(path: Path) -> ModelError:
    return ModelError(
        Fault(
            code="bad-bundle",
            found=f"{path} is a link, a device or a pipe",
            allowed="A bundle holds regular files only",
            do="Take the bundle again from where it was trained",
        )
    )


def _check_format(folder: Path, found: object, newest: int) -> None:
    if isinstance(found, int) and found > newest:
        raise ModelError(
            Fault(
                code="newer-format",
                found=f"The bundle {folder} has format {found}, made by a newer salesml",
                allowed=f"This salesml reads formats up to {newest}",
                do="Install the newer salesml, or train the model with this one",
            )
        )
    if not isinstance(found, int) or found < 1:
        raise ModelError(Fault(code="bad-bundle", found=f"The bundle {folder} states no format"))


def _changed(folder: Path, name: str) -> ModelError:
    return ModelError(
        Fault(
            code="changed-file",
            found=f"{name} of the bundle {folder} is not as it was written",
            allowed="Its digest must fit every byte",
            do="Take the bundle again from where it was trained",
        )
    )


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _digest(data) for name, data in files.items()}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
