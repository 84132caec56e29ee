"""What stands around every route, from the outside inwards."""

from __future__ import annotations

from fastapi import FastAPI

from salesml.web.access_log import AccessLog
from salesml.web.guard import Guard
from salesml.web.headers import Headers
from salesml.web.metrics import Measured
from salesml.web.mishaps import Mishaps
from salesml.web.peers import Peers
from salesml.web.settings import Settings


def add_protection(app: FastAPI, settings: Settings) -> None:
    """Put it there; what is added last stands outermost."""
    app.add_middleware(Mishaps)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Headers, settings=settings)
    app.add_middleware(Measured)
    if settings.access_log:
        app.add_middleware(AccessLog)
    app.add_middleware(Peers, settings=settings)
