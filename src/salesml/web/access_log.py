"""A line for each request, where a company wants that: who asked for what, and how long it took."""

from __future__ import annotations

import json
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.store.moments import now

log = logging.getLogger("salesml.web.access")


class AccessLog:
    """Tells each request, as a JSON object, without what was searched for or written."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        finally:
            log.info("%s", _line(scope, status, time.perf_counter() - begun))


def _line(scope: Scope, status: int, seconds: float) -> str:
    person = scope.get("state", {}).get("person")
    line = {
        "at": now().isoformat(timespec="milliseconds"),
        "who": person.login if person else None,
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path", None),
        "of": scope.get("path_params") or None,
        "status": status,
        "ms": round(1000 * seconds, 1),
    }
    return json.dumps(line, ensure_ascii=False, default=str)
