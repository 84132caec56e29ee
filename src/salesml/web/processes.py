"""One process that listens, or several at one port, until they are told to end."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess


def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM; requests that are being answered end."""
    try:
        if config.workers > 1:
            Processes(config, sockets=[config.bind_socket()]).run()
            return
        config.load_app()
        server = Server(config)
        with contextlib.suppress(KeyboardInterrupt):  # which it sends on when it has ended
            server.run()
    finally:
        if config.uds:
            Path(config.uds).unlink(missing_ok=True)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


class Processes(Multiprocess):
    """Uvicorn's, but the first process stops listening when the others do.

    Else new requests are taken by nobody until the last of the old ones has ended, and their senders wait.
    """

    def terminate_all(self) -> None:
        for each in self.sockets:
            each.close()
        super().terminate_all()
