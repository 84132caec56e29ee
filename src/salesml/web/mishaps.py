"""What went wrong unforeseen: written down under a number, which is all that the page says of it."""

from __future__ import annotations

import logging
import secrets

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.web.refusals import said

log = logging.getLogger("salesml.web")


class Mishaps:
    """Answers in the place of a route that failed, inside everything that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception:
            number = secrets.token_hex(4)
            route = getattr(scope.get("route"), "path", "no route")
            log.exception("Mishap %s at %s %s", number, scope["method"], route)
            if begun:
                raise
            answer = said(Request(scope, receive), "errors.wrong", 500, number=number)
            await answer(scope, receive, send)
