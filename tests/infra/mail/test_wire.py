"""What a server may send that is no reply, and what must not be believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra.mail.pipelining.wire import Wire
from infra.mail.servers import tls_context

SECONDS = 5.0


@asynccontextmanager
async def greeted_with(greeting: bytes) -> AsyncIterator[Wire]:
    """A connection to a server that says just this."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        wire = Wire()
        await wire.connect("127.0.0.1", server.sockets[0].getsockname()[1], None, SECONDS)
        yield wire
        wire.close()


@pytest.mark.parametrize("greeting", [b"hello\r\n", b"x" * 70_000])
async def test_what_is_no_reply_ends_the_connection(greeting: bytes) -> None:
    async with greeted_with(greeting) as wire:
        assert await wire.replies(1, SECONDS) == []
        assert wire.over == "what came is no reply"
        wire.write(b"NOOP\r\n")
        with pytest.raises(ConnectionError, match=r"no reply|before TLS"):
            await wire.start_tls(tls_context(), "127.0.0.1", SECONDS)


async def test_what_was_said_before_tls_is_not_believed_under_it() -> None:
    async with greeted_with(b"220 ready\r\n250 said too early\r\n") as wire:
        (first,) = await wire.replies(1, SECONDS)
        assert first.code == 220
        with pytest.raises(ConnectionError, match="before TLS"):
            await wire.start_tls(tls_context(), "127.0.0.1", SECONDS)
