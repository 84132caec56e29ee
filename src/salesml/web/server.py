"""Running a site: one process, or several that share the store and a port."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from fastapi import FastAPI

from salesml.store.engine import Store
from salesml.store.migrate import existing
from salesml.web.app import create_app
from salesml.web.metrics import TOGETHER
from salesml.web.provider.settings import Provider
from salesml.web.settings import Settings
from salesml.web.settings_checks import check
from salesml.web.socket_file import make_way

GIVEN: Final = "SALESML_SITE"
"""The variable by which the first process tells the others how the site is set up."""

PAUSES: Final = (0.2, 0.5, 1.0)
"""Seconds between tries while the store is away: a page says so rather than waits."""

COLLECTED: Final = (20_000, 20, 20)
"""How many objects more than went there must be until garbage is looked for, and how often among the old."""

TURN: Final = 0.001
"""Seconds that a thread has the interpreter while others wait; 0.005 unless told otherwise."""

ENDING: Final = 20
"""Seconds that requests have to end when the server is stopped."""


def serve(
    store: str, settings: Settings, *, host: str, port: int, workers: int = 1, socket_file: str | None = None
) -> None:
    """Serve a site until SIGINT or SIGTERM, which let requests that are being answered end.

    Parameters
    ----------
    store : str
        The store's address.
    host, port
        Where to listen.
    workers : int
        Processes.
    socket_file : str, optional
        Where to listen instead. Whoever may enter its folder may connect.

    Raises
    ------
    UsageError
        When settings would let the wrong people in, or nobody; ``bad-socket``.
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away``.
    """
    from uvicorn import Config

    from salesml.web.processes import run
    from salesml.web.prompt import PromptProtocol

    check(settings)
    with Store(store) as there:
        existing(there)
    if socket_file:
        make_way(socket_file)
    os.environ[GIVEN] = json.dumps({"store": store, "settings": asdict(settings)})
    with _ends_in_order(), _counting_together(workers):
        run(
            Config(
                "salesml.web.server:app", factory=True, host=host, port=port, workers=workers,
                uds=socket_file, proxy_headers=False, server_header=False, access_log=False,
                log_level="warning", http=PromptProtocol,
                timeout_graceful_shutdown=ENDING,
            )
        )  # fmt: skip


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Uvicorn sends SIGTERM on when it has ended all requests: that is the end asked for, and no failure."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _counting_together(workers: int) -> Iterator[None]:
    """A folder in which several processes keep what they count, so that each can tell what all did."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="salesml-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[TOGETHER] = folder
        try:
            yield
        finally:
            del os.environ[TOGETHER]


def app() -> FastAPI:
    """The site as the first process said that it is set up; what each process of a server calls."""
    _end_with(multiprocessing.parent_process())
    given = json.loads(os.environ[GIVEN])
    site = create_app(Store(given["store"], pauses=PAUSES), _settings(given["settings"]))
    _answer_evenly()
    return site


def _answer_evenly() -> None:
    """Keep the slowest pages from waiting for what has nothing to do with them.

    What was loaded at the start is never garbage, and looking through it stops all threads for long. A page
    goes from thread to thread some times, and each time may wait for another's turn to end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    sys.setswitchinterval(TURN)


def _end_with(first: Any) -> None:
    """End in order when the first process is gone: nobody else would tell this one to."""

    def wait() -> None:
        first.join()
        os.kill(os.getpid(), signal.SIGTERM)

    if first is not None:
        threading.Thread(target=wait, daemon=True).start()


def _settings(given: dict[str, Any]) -> Settings:
    parts = {name: tuple(given[name]) for name in ("hosts", "proxies", "metrics_for")}
    provider = Provider(**given["provider"]) if given["provider"] else None
    return Settings(**(given | parts | {"provider": provider}))
