"""Keys and passwords in a file are not for everybody on the machine."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from salesml.store.engine import Store

OTHERS: Final = 0o007

BESIDE: Final = ("-wal", "-shm")
"""Files that SQLite keeps beside its own; new ones have the rights of that."""


def keep_private(store: Store) -> None:
    """Take the rights of others off the file of what people write.

    Whoever uses a store needs to write to that file, which others hardly ever may; only reading was left.
    """
    for file in store.address.files[1:]:
        for path in (file, *(file.with_name(file.name + end) for end in BESIDE)):
            # It may be somebody else's, who sees to it; and what is beside it comes and goes.
            with suppress(PermissionError, FileNotFoundError):
                mode = path.stat().st_mode
                path.chmod(mode & ~OTHERS)
