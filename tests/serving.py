"""A server of the pages, in processes of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    store: str, *options: str, port: int | None = None, program: Sequence[str] = ("-m", "salesml.cli")
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`salesml serve` over a store, and its address; killed at the end.

    Parameters
    ----------
    program : sequence of str
        What Python runs in place of this version's command.
    """
    port = port or free_port()
    command = [sys.executable, *program, "serve", "--store", store, "--port", str(port), *options]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.communicate(timeout=60)


def status_of(address: str) -> int:
    """The status of a page, once somebody listens."""
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < until
            time.sleep(0.1)
