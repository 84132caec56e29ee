"""Connections of the server that send what is written at once."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol


class PromptProtocol(H11Protocol):
    """HTTP without Nagle's algorithm.

    A page is written as its head and its body. With that algorithm the body waits until the client has
    acknowledged the head, which clients put off for 40 ms. asyncio turns it off, but not on the socket that
    the processes of a server share: that one is made without naming TCP as its protocol.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a connection."""
        super().connection_made(cast(asyncio.Transport, transport))  # type: ignore[override, unused-ignore]
        there = transport.get_extra_info("socket")
        if there is not None and there.family in (socket.AF_INET, socket.AF_INET6):
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
