"""A small SMTP server for tests: takes mails, and refuses, delays or hangs up where a script says so."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

DROP = "drop"
SILENCE = "silence"
LONGEST = 16 * 1024 * 1024


@dataclass
class Received:
    """An accepted mail as it came over the wire (dots undone)."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Sink:
    """Answers each step by `script(step, argument)`: a reply line, `DROP` to hang up,
    `SILENCE` to leave the client waiting, or None for the usual one.

    Steps are HELO, AUTH, MAIL, RCPT, DATA and END (after the final dot; the argument is the recipient).
    """

    script: Callable[[str, str], str | None] = lambda _step, _argument: None
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Where to find it."""
        return f"smtp://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[Sink]:
        """The server, up inside the block."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=LONGEST)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = ""
        writer.write(b"220 sink ready\r\n")
        while line := (await reader.readline()).decode():
            verb, _, argument = line.strip().partition(" ")
            step = {"EHLO": "HELO"}.get(verb.upper(), verb.upper())
            self.steps.append(step)
            if step == "QUIT":
                return
            answer = self.script(step, argument)
            if answer == DROP:
                return
            if answer == SILENCE:
                continue
            if step == "MAIL":
                sender = argument[argument.find("<") + 1 : argument.find(">")]
            if step == "RCPT":
                recipient = argument[argument.find("<") + 1 : argument.find(">")]
            writer.write(f"{answer or self._usual(step)}\r\n".encode())
            if step == "DATA" and answer is None:
                content = await reader.readuntil(b"\r\n.\r\n")
                end = self.script("END", recipient)
                if end == DROP:
                    return
                if end is None:
                    self.received.append(Received(sender, recipient, content[:-3].replace(b"\r\n..", b"\r\n.")))
                writer.write(f"{end or '250 2.0.0 taken'}\r\n".encode())

    def _usual(self, step: str) -> str:
        if step == "HELO":
            return "\r\n".join([f"250-{name}" for name in ("sink", *self.extensions)] + ["250 8BITMIME"])
        return {"DATA": "354 go on", "AUTH": "235 2.7.0 welcome"}.get(step, "250 2.0.0 fine")
