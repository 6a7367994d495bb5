"""A wire between a client and a server that a test can hold or cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"amqp": 5672, "postgresql": 5432}


class Wire:
    """Forwards bytes between a port of its own and a server, whose address `target` tells (or raises OSError)."""

    def __init__(self, target: Callable[[], tuple[str, int]]) -> None:
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self) -> None:
        """Pass nothing on, but keep the connections, as a broker does that blocks its publishers."""
        self._flowing.clear()

    def cut(self) -> None:
        """End all connections and take no new ones."""
        self._whole = False
        for end in self._ends:
            end.close()

    def mend(self) -> None:
        """Work again."""
        self._whole = True
        self._flowing.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        if not self._whole:
            writer.close()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target())
        except OSError:
            writer.close()
            return
        self._ends |= {writer, server_writer}
        for source, sink in ((reader, server_writer), (server_reader, writer)):
            task = asyncio.create_task(self._forward(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
            await self._flowing.wait()  # nor does anybody hear that the other side has gone
        except OSError:
            pass
        finally:
            self._ends.discard(sink)
            sink.close()

    async def close(self) -> None:
        """End everything."""
        self.cut()
        self._flowing.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def open_wire(target: Callable[[], tuple[str, int]], port: int = 0) -> AsyncIterator[tuple[Wire, int]]:
    """A wire on a local port (a free one when not said); yields it with the port."""
    wire = Wire(target)
    server = await asyncio.start_server(wire.accept, "127.0.0.1", port)
    try:
        yield wire, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await wire.close()


@asynccontextmanager
async def wire_to(url: str, port: int) -> AsyncIterator[tuple[Wire, str]]:
    """A wire on local `port` to the server that `url` names; yields it with the URL that goes over it."""
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    over = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{port}"))
    target = (parts.hostname or "127.0.0.1", parts.port or _PORTS[parts.scheme])
    async with open_wire(lambda: target, port) as (wire, _):
        yield wire, over
