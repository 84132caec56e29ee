"""What a job has done so far, line by line, each on disk before the next step begins."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesml.scoring.batch.durable import _write, sync_folder

Entry = Mapping[str, Any]


class Journal:
    """Lines of JSON that are only ever added.

    A line that a killed process left unfinished is cut off when the journal is opened again.

    Parameters
    ----------
    path : Path
        Made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.entries: list[Entry] = []
        new = not path.exists()
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._lock = threading.Lock()
        if new:
            sync_folder(path.parent)
        whole = self._read(path)
        os.ftruncate(self._handle, whole)
        os.lseek(self._handle, whole, os.SEEK_SET)

    def _read(self, path: Path) -> int:
        """Take the whole lines; where they end."""
        end = 0
        for line in path.read_bytes().splitlines(keepends=True):
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                entry = None
            if not isinstance(entry, dict):
                break
            self.entries.append(entry)
            end += len(line)
        return end

    def add(self, entry: Entry) -> None:
        """Write a line and wait until it is on disk; threads may call it."""
        line = json.dumps(dict(entry), sort_keys=True).encode() + b"\n"
        with self._lock:
            _write(self._handle, line)
            os.fsync(self._handle)
            self.entries.append(entry)

    def last(self, event: str) -> Entry | None:
        """The newest line of a kind."""
        return next((entry for entry in reversed(self.entries) if entry.get("event") == event), None)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)
