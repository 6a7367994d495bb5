"""Takes mails from a mail server next door by LMTP (RFC 2033): 250 means that a mail and what follows are committed.

aiosmtpd speaks the protocol. Only how content is taken is our own: the library keeps each line as an object, so that
30 MB of empty lines, which anybody can mail, would take more than 1 GB; here at most a megabyte is kept of any mail.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session, syntax

from infra.settings import Settings, SettingsError
from infra.settings.bounces import is_private
from services.newsletter.bounces.domain import MOST_BYTES, READ_BYTES
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.reading import Incoming

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's own, which names everybody's addresses

_END = b"\r\n.\r\n"
_CHUNK = 64 * 1024
_PATIENCE_SECONDS = 120.0
_CLOSING_SECONDS = 10.0


class Receiver:
    """What is done with the mails of all connections: one at a time, so that a thousand at once cost no more memory."""

    def __init__(self, settings: Settings) -> None:
        self._domains = {
            address.rpartition("@")[2].lower() for address in (settings.bounce_address, settings.mail_from)
        }
        self._turn = asyncio.Lock()
        self.connections: set[Connection] = set()

    async def handle_RCPT(
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """One recipient at a time: what comes back to us has one, and LMTP answers for each."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        if address.rpartition("@")[2].lower() not in self._domains:
            return "550 5.7.1 Not a domain of ours"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_exception(self, error: Exception) -> str:
        """What we could not store comes again: the server keeps it and tries later."""
        log.error("a mail could not be taken in, the server will bring it again", exc_info=error)
        return "451 4.3.0 Not stored, please try again later"

    async def deliver(self, envelope: Envelope, start: bytes, size: int) -> str:
        """Take one mail; the answer for its recipient."""
        # aiosmtpd has "<>" for the empty sender, so that it can tell it from none
        sender = (envelope.mail_from or "").strip("<>")
        async with self._turn:
            await take([Incoming("lmtp", start, size, tuple(envelope.rcpt_tos), sender)])
        return "250 2.0.0 Taken"

    async def finish(self) -> None:
        """Let the mail in hand be committed, then hang up on everybody; what was not answered comes again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._turn.acquire()
        for connection in list(self.connections):
            connection.hang_up()


class Connection(LMTP):
    """One conversation."""

    def __init__(self, receiver: Receiver, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            receiver,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="lotse",
            ident="LMTP",
            timeout=_PATIENCE_SECONDS,
            loop=loop,
        )
        self._receiver = receiver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        super().connection_made(transport)
        self._receiver.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio."""
        self._receiver.connections.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """End the conversation."""
        if self.transport is not None:
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """The content of a mail; see this module for why it is not aiosmtpd's own."""
        envelope: Any = self.envelope
        if arg or not envelope.rcpt_tos:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Need RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        start, size = await self._content()
        if size > MOST_BYTES:
            answer = "552 5.3.4 Message too big"
        else:
            answer = await self._receiver.deliver(envelope, start, size)
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # the library's own
        await self.push(answer)

    async def _content(self) -> tuple[bytes, int]:
        """The beginning of the content and the size of all of it.

        Raises ConnectionResetError for whoever ends before the final dot, or says more without waiting for an answer.
        """
        kept, size, tail = bytearray(), 0, b"\r\n"  # a mail without any line ends with its first
        while True:
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                raise ConnectionResetError
            seen = tail + chunk
            end = seen.find(_END)
            if end >= 0 and end + len(_END) < len(seen):
                raise ConnectionResetError
            size += len(chunk)
            if len(kept) < READ_BYTES + len(_END):
                kept += chunk
            if end >= 0:
                content = b"\r\n" + kept[: size - len(_END) + 2]
                return content.replace(b"\r\n..", b"\r\n.")[2 : READ_BYTES + 2], size - 3
            tail = seen[-(len(_END) - 1) :]


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[None]:
    """Inside, the address of LOTSE_LMTP_LISTEN takes mails; without one nothing does."""
    if not settings.lmtp_listen:
        yield
        return
    receiver = Receiver(settings)
    server = await _bound(settings.lmtp_listen, receiver)
    log.info("takes mails by LMTP", extra={"address": settings.lmtp_listen})
    try:
        yield
    finally:
        server.close()
        await receiver.finish()


async def _bound(listen: str, receiver: Receiver) -> asyncio.Server:
    """The server on the address. Raises SettingsError when there is none."""
    loop = asyncio.get_running_loop()
    address, port = await _private_address(listen)
    # Two processes of one service may stand side by side while one takes the other's place; both may take mails.
    together = hasattr(socket, "SO_REUSEPORT")
    try:
        return await loop.create_server(lambda: Connection(receiver, loop), address, port, reuse_port=together or None)
    except OSError as error:
        raise SettingsError([f"LOTSE_LMTP_LISTEN: {listen} cannot be listened on ({error.strerror})."]) from error


async def _private_address(listen: str) -> tuple[str, int]:
    """The address that a host's name stands for. Raises SettingsError unless it is one of a private network."""
    host, _, port = listen.rpartition(":")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except OSError as error:
        raise SettingsError([f"LOTSE_LMTP_LISTEN: the name of {listen} cannot be looked up."]) from error
    address = str(found[0][4][0])
    if not is_private(address):
        raise SettingsError([f"LOTSE_LMTP_LISTEN: {listen} is an address that strangers may reach."])
    return address, int(port)
