"""Running a site: one process, or several that share the store and a port."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Any, Final

from fastapi import FastAPI

from salesml.store.engine import Store
from salesml.store.migrate import existing
from salesml.web.app import create_app
from salesml.web.provider.settings import Provider
from salesml.web.settings import Settings
from salesml.web.settings_checks import check

GIVEN: Final = "SALESML_SITE"
"""The variable by which the first process tells the others how the site is set up."""

PAUSES: Final = (0.2, 0.5, 1.0)
"""Seconds between tries while the store is away: a page says so rather than waits."""

ENDING: Final = 20
"""Seconds that requests have to end when the server is stopped."""


def serve(store: str, settings: Settings, *, host: str, port: int, workers: int = 1) -> None:
    """Serve a site until SIGINT or SIGTERM, which let requests that are being answered end.

    Parameters
    ----------
    store : str
        The store's address.
    host, port
        Where to listen.
    workers : int
        Processes.

    Raises
    ------
    UsageError
        When settings would let the wrong people in, or nobody.
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away``.
    """
    import uvicorn

    check(settings)
    with Store(store) as there:
        existing(there)
    os.environ[GIVEN] = json.dumps({"store": store, "settings": asdict(settings)})
    uvicorn.run(
        "salesml.web.server:app", factory=True, host=host, port=port, workers=workers,
        proxy_headers=False, server_header=False, access_log=False, log_level="warning",
        timeout_graceful_shutdown=ENDING,
    )  # fmt: skip


def app() -> FastAPI:
    """The site as the first process said that it is set up; what each process of a server calls."""
    given = json.loads(os.environ[GIVEN])
    return create_app(Store(given["store"], pauses=PAUSES), _settings(given["settings"]))


def _settings(given: dict[str, Any]) -> Settings:
    parts = {name: tuple(given[name]) for name in ("hosts", "proxies")}
    provider = Provider(**given["provider"]) if given["provider"] else None
    return Settings(**(given | parts | {"provider": provider}))
