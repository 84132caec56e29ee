"""An open-loop load: requests are sent when they are due, whether or not those before were answered."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Request = tuple[str, str]
"""A path, and the header that says who asks."""


@dataclass(frozen=True)
class Measured:
    """What came of a run.

    Attributes
    ----------
    seconds : array
        From when a request was due to the end of its answer, for each.
    wrong : int
        Requests that were not answered with 200.
    """

    seconds: np.ndarray
    wrong: int

    def quantile(self, share: float) -> float:
        """Milliseconds within which that share of all requests was answered."""
        return float(1000 * np.quantile(self.seconds, share, method="higher"))


def load(port: int, requests: Sequence[Request], rate: float, seed: int) -> Measured:
    """Send requests at random moments, so many a second on average, as a Poisson process has them."""
    gaps = np.random.default_rng(seed).exponential(1 / rate, len(requests))
    return asyncio.run(_load(port, requests, np.cumsum(gaps)))


async def _load(port: int, requests: Sequence[Request], due: np.ndarray) -> Measured:
    connections = Connections(port)
    begun = time.perf_counter() + 0.1
    tasks = []
    for request, at in zip(requests, due, strict=True):
        await asyncio.sleep(max(0.0, begun + at - time.perf_counter()))
        tasks.append(asyncio.create_task(_one(connections, request, begun + at)))
    done = await asyncio.gather(*tasks)
    connections.close()
    return Measured(np.array([seconds for seconds, _ in done]), sum(status != 200 for _, status in done))


async def _one(connections: Connections, request: Request, due: float) -> tuple[float, int]:
    status, _ = await connections.get(*request)
    return time.perf_counter() - due, status


class Connections:
    """Connections that are kept, as a browser or a proxy keeps them; a new one where all are busy."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str, header: str = "") -> tuple[int, bytes]:
        """Status and body of a page."""
        while self.free:  # the server closes those that nobody used for some seconds
            try:
                return await self._ask(self.free.pop(), path, header)
            except (asyncio.IncompleteReadError, ConnectionError):
                continue
        return await self._ask(await self._open(), path, header)

    async def _ask(
        self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, header: str
    ) -> tuple[int, bytes]:
        reader, writer = connection
        lines = [f"GET {path} HTTP/1.1", f"host: 127.0.0.1:{self.port}", *([header] if header else [])]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length or b"0"))
        self.free.append((reader, writer))
        return int(answer.split(maxsplit=2)[1]), body

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    def close(self) -> None:
        for _, writer in self.free:
            writer.close()


def weight(port: int, path: str, header: str) -> tuple[int, int]:
    """Bytes of a page, and of the same packed by gzip."""

    async def ask() -> bytes:
        connections = Connections(port)
        _, body = await connections.get(path, header)
        connections.close()
        return body

    body = asyncio.run(ask())
    return len(body), len(gzip.compress(body, 6))


Choose = Callable[[np.random.Generator], Request]


def chosen(choose: Choose, count: int, seed: int) -> list[Request]:
    rng = np.random.default_rng(seed)
    return [choose(rng) for _ in range(count)]
