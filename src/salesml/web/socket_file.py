"""A file by which programs of one machine reach the server, in place of an address and a port."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from salesml.errors import Fault, UsageError


def make_way(path: str) -> None:
    """Remove what a server that was killed left of a socket file, and make sure that one can be made there.

    Raises
    ------
    UsageError
        ``bad-socket``: another server listens there, something else has that name, or it cannot be made.
    """
    try:
        if _is_left_over(path):
            Path(path).unlink()
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path)
        Path(path).unlink()
    except OSError as error:
        raise UsageError(
            Fault(
                code="bad-socket",
                found=f"The socket file {path} cannot be made: {error.strerror or error}",
                allowed="A new name in a folder that this user may write to, about 100 letters at most",
                do="Name another file, or stop the server that listens there",
            )
        ) from None


def _is_left_over(path: str) -> bool:
    """Whether it is a socket file at which nobody listens."""
    with socket.socket(socket.AF_UNIX) as one, contextlib.suppress(FileNotFoundError):
        try:
            one.connect(path)
        except ConnectionRefusedError:
            return Path(path).is_socket()
    return False
