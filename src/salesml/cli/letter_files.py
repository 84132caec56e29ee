"""Letters as files: one for each rep, under a name that any file system takes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Final

from salesml.errors import Fault, UsageError
from salesml.web.export.files import make_folder, write

LIST: Final = "this-week.json"
"""Which file is whose; what it names of an earlier time, and nobody has now, is removed."""

SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")


class LetterFiles:
    """The files of a folder, each written whole or not at all, for nobody else to read.

    Raises
    ------
    UsageError
        ``not-a-folder``; ``not-ours`` when it holds other things.
    OutsideError
        ``cannot-write``.
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise UsageError(Fault(code="not-a-folder", found=f"{folder} is a file", do="Name a folder"))
        self.folder = folder
        self.before = self._named()
        if folder.exists() and not (folder / LIST).exists() and any(folder.iterdir()):
            raise UsageError(
                Fault(
                    code="not-ours",
                    found=f"{folder} holds other things than letters",
                    allowed="A new or empty folder, or one with letters of an earlier time",
                    do="Name another folder",
                )
            )
        make_folder(folder)
        self.written: dict[str, dict[str, str | None]] = {}

    def write(self, rep_id: str, to: str | None, subject: str, body: str) -> None:
        """A rep's letter, with the lines of an e-mail above it."""
        name = file_of(rep_id)
        head = f"To: {to}\n" if to else ""
        self._put(name, f"{head}Subject: {subject}\n\n{body}")
        self.written[name] = {"rep": rep_id, "to": to, "subject": subject}
        self._put(LIST, json.dumps(self._named() | self.written, ensure_ascii=False, indent=1) + "\n")

    def remove_others(self) -> None:
        """Remove letters of an earlier time: whoever has none now must not find an old one."""
        for name in self.before.keys() - self.written.keys():
            if name != LIST and file_of(str(self.before[name].get("rep"))) == name:
                (self.folder / name).unlink(missing_ok=True)
        self._put(LIST, json.dumps(self.written, ensure_ascii=False, indent=1) + "\n")

    def _named(self) -> dict[str, dict[str, str | None]]:
        try:
            found = json.loads((self.folder / LIST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}

    def _put(self, name: str, text: str) -> None:
        write(self.folder / name, text.encode("utf-8", "backslashreplace"))


def file_of(rep_id: str) -> str:
    """The name of a rep's file: the id where it is plain, with a digest where letters had to be left out.

    Ids that differ in capitals alone have different names, as some file systems take them for one.
    """
    plain = rep_id if SAFE.fullmatch(rep_id) and rep_id == rep_id.upper() else ""
    if plain:
        return f"{plain}.txt"
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", rep_id)[:40].strip("-")
    return f"{readable or 'rep'}.{hashlib.sha256(rep_id.encode()).hexdigest()[:16]}.txt"
