"""A small SMTP server for tests: takes mails, and refuses, delays or hangs up where a script says so.

    async with Sink(refusing("gmx.example")).listening() as sink: … sink.received …

Speaks TLS, STARTTLS, PIPELINING and SMTPUTF8 where asked to. The misfortunes of real servers stand at the end:
`busy` (4xx for everybody), `dropping_in_data`, `late`, `refusing` (one domain), and `first_of` to combine them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[[str, str], "str | asyncio.Event | None"]

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
    """Answers each step by `script(step, argument)`: a reply line, `DROP` to hang up, `SILENCE` to leave the client
    waiting, an event to give the usual answer once it is set, or None for the usual one.

    Steps are HELO, AUTH, MAIL, RCPT, DATA and END (after the final dot; the argument is the recipient). With `tls`
    every connection is encrypted at once, or (`starttls`) when the client asks for it.
    """

    script: Script = lambda _step, _argument: None
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    received: list[Received] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    connections: int = 0
    encrypted: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Where to find it."""
        return f"smtp://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[Sink]:
        """The server, up inside the block."""
        at_once = None if self.starttls else self.tls
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=LONGEST, ssl=at_once)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
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
            answer = await self._answer(step, argument)
            if answer == DROP:
                return
            if answer == SILENCE:
                continue
            if step == "MAIL":
                sender, recipient = _inside(argument), ""
            if step == "RCPT" and answer is None:
                recipient = _inside(argument)
            writer.write(f"{answer or self._usual(step)}\r\n".encode())
            if step == "STARTTLS" and self.tls is not None:
                await writer.start_tls(self.tls)
                self.encrypted += 1
            if step == "DATA" and answer is None and not await self._take(reader, writer, sender, recipient):
                return

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, recipient: str
    ) -> bool:
        """Reads a content and answers it; False = hung up instead."""
        content = await reader.readuntil(b"\r\n.\r\n")
        end = await self._answer("END", recipient) if recipient else "554 5.5.1 no valid recipients"
        if end is None:
            self.received.append(Received(sender, recipient, content[:-3].replace(b"\r\n..", b"\r\n.")))
        if end not in (DROP, SILENCE):
            writer.write(f"{end or '250 2.0.0 taken'}\r\n".encode())
        return end != DROP

    async def _answer(self, step: str, argument: str) -> str | None:
        answer = self.script(step, argument)
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return None
        return answer

    def _usual(self, step: str) -> str:
        if step == "HELO":
            offered = ("sink", *self.extensions, *(["STARTTLS"] if self.starttls else []))
            return "\r\n".join([f"250-{name}" for name in offered] + ["250 8BITMIME"])
        usual = {"DATA": "354 go on", "AUTH": "235 2.7.0 welcome", "STARTTLS": "220 go on"}
        return usual.get(step, "250 2.0.0 fine")


def _inside(argument: str) -> str:
    return argument[argument.find("<") + 1 : argument.find(">")]


def busy(reply: str = "451 4.3.2 try again later", step: str = "RCPT") -> Script:
    """Takes nothing for now; change the sink's `script` when its hour is over."""
    return lambda asked, _argument: reply if asked == step else None


def dropping_in_data(drops: Callable[[str], bool] = lambda _recipient: True) -> Script:
    """Hangs up after the content of mails to the recipients for whom `drops` holds, and answers nothing."""
    return lambda step, recipient: DROP if step == "END" and drops(recipient) else None


def late(until: asyncio.Event, step: str = "END", concerns: Callable[[str], bool] = lambda _argument: True) -> Script:
    """Answers a step as usual, but only once `until` is set; `concerns` looks at the argument (END: the recipient)."""
    return lambda asked, argument: until if asked == step and concerns(argument) else None


def refusing(domain: str, reply: str = "550 5.7.1 we take nothing from you") -> Script:
    """Refuses the recipients of one domain."""
    return lambda step, argument: reply if step == "RCPT" and _inside(argument).endswith(f"@{domain}") else None


def first_of(*scripts: Script) -> Script:
    """The first answer that one of the scripts has."""

    def script(step: str, argument: str) -> str | asyncio.Event | None:
        answers = (each(step, argument) for each in scripts)
        return next((answer for answer in answers if answer is not None), None)

    return script
