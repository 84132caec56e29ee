"""Answers leave at once."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from uvicorn.server import ServerState

from salesml.web.prompt import PromptProtocol


def test_nothing_waits_for_what_was_sent_before_on_a_socket_that_processes_share() -> None:
    async def app(_scope: object, _receive: object, _send: object) -> None: ...

    config = uvicorn.Config(app, lifespan="off", http=PromptProtocol)
    config.load()
    made: list[PromptProtocol] = []

    def protocol() -> PromptProtocol:
        made.append(PromptProtocol(config, ServerState(), {}))
        return made[-1]

    async def asked() -> int:
        shared = socket.socket(socket.AF_INET)  # as uvicorn makes it for several processes
        shared.bind(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(protocol, sock=shared)
        _, writer = await asyncio.open_connection(*shared.getsockname())
        while not made or made[0].transport is None:
            await asyncio.sleep(0)
        option: int = (
            made[0].transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        )
        writer.close()
        made[0].transport.close()
        server.close()
        await server.wait_closed()
        return option

    assert asyncio.run(asked()) == 1
