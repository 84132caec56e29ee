"""Asking a site twelve thousand times: in one thread, without a client's own memory and ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import anyio.to_thread
import httpx2
import pytest
from fastapi import FastAPI

HERE: Final = "http://testserver"


class Asker:
    """Hands requests to an app and brings its answers.

    What the app does in threads beside is done here, one after the other: handing over costs more than most
    answers. No cookie is kept from one request to the next.

    Parameters
    ----------
    app : FastAPI
    address : str
        Of the machine that asks.
    """

    def __init__(self, app: FastAPI, address: str = "testclient") -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._patch = pytest.MonkeyPatch()
        self._transport = self._of(address)

    def __enter__(self) -> Asker:
        self._patch.setattr(anyio.to_thread, "run_sync", _at_once)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
        self._loop.close()

    def request(self, method: str, url: str, *, address: str = "", **parts: Any) -> httpx2.Response:
        """The answer to a request, as it is: no redirect is followed."""
        transport = self._of(address) if address else self._transport
        return self._loop.run_until_complete(_answer(transport, httpx2.Request(method, HERE + url, **parts)))

    def get(self, url: str, **parts: Any) -> httpx2.Response:
        return self.request("GET", url, **parts)

    def _of(self, address: str) -> httpx2.ASGITransport:
        return httpx2.ASGITransport(app=self._app, client=(address, 50_000))


async def _answer(transport: httpx2.ASGITransport, request: httpx2.Request) -> httpx2.Response:
    answer = await transport.handle_async_request(request)
    await answer.aread()
    return answer


async def _at_once(work: Callable[..., Any], *given: Any, **_: Any) -> Any:
    return work(*given)
