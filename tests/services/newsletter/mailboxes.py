"""Small IMAP and POP3 servers for tests: one mailbox, real conversations, and what was asked is remembered."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "bounces", "geheim"
Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@dataclass
class MailboxServer:
    """Mails by their number. `capabilities` are IMAP's; `at` is called with each command before it is answered.

    With `tls` a connection is encrypted from the start, with `later` when the client asks for it.
    """

    mails: dict[int, bytes]
    capabilities: str = "IMAP4rev1 UIDPLUS MOVE"
    tls: ssl.SSLContext | None = None
    later: ssl.SSLContext | None = None
    at: Callable[[str], None] = lambda _command: None
    moved: dict[int, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    _deleted: set[int] = field(default_factory=set)

    @asynccontextmanager
    async def imap(self) -> AsyncIterator[MailboxServer]:
        """Speaks IMAP inside the block."""
        async with self._listening(self._imap):
            yield self

    @asynccontextmanager
    async def pop3(self) -> AsyncIterator[MailboxServer]:
        """Speaks POP3 inside the block."""
        async with self._listening(self._pop3):
            yield self

    @asynccontextmanager
    async def _listening(self, serve: Conversation) -> AsyncIterator[None]:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, command = line.partition(" ")
            self.commands.append(command)
            self.at(command)
            writer.write(self._imap_answer(command))
            refused = (command.startswith("LOGIN") and PASSWORD not in command) or "Nirgends" in command
            writer.write(f"{tag} {'NO' if refused else 'OK'} done\r\n".encode())
            await writer.drain()
            if command == "STARTTLS" and self.later:
                await writer.start_tls(self.later)
            if command == "LOGOUT":
                return

    def _imap_answer(self, command: str) -> bytes:
        words = command.removeprefix("UID ").split()
        if words[0] == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n".encode()
        if words[0] == "SEARCH":
            least = int(words[2].partition(":")[0])
            found = [n for n in sorted(self.mails) if n >= least] or sorted(self.mails)[-1:]
            return f"* SEARCH {' '.join(str(n) for n in found if n not in self._deleted)}\r\n".encode()
        numbers = [int(n) for n in words[1].split(",")] if len(words) > 1 and words[1][0].isdigit() else []
        if words[0] == "FETCH":
            most = int(re.findall(r"<0\.(\d+)>", command)[0])
            return b"".join(self._fetched(number, most) for number in numbers)
        if words[0] in ("MOVE", "COPY"):
            self.moved |= {number: self.mails[number] for number in numbers}
        if words[0] == "STORE":
            self._deleted |= set(numbers)
        if words[0] in ("MOVE", "EXPUNGE"):
            gone = set(numbers) or self._deleted
            self.mails = {number: raw for number, raw in self.mails.items() if number not in gone}
        return b""

    def _fetched(self, number: int, most: int) -> bytes:
        start = self.mails[number][:most]
        head = f"* {number} FETCH (UID {number} RFC822.SIZE {len(self.mails[number])} BODY[]<0> {{{len(start)}}}\r\n"
        return head.encode() + start + b")\r\n"

    async def _pop3(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            self.at(line)
            writer.write(self._pop3_answer(line))
            await writer.drain()
            if line == "STLS" and self.later:
                await writer.start_tls(self.later)
            if line == "QUIT":  # only now, and not when the line breaks (RFC 1939, 6)
                self.mails = {number: raw for number, raw in self.mails.items() if number not in self._deleted}
                return

    def _pop3_answer(self, line: str) -> bytes:
        name, *words = line.split()
        if name == "PASS" and words != [PASSWORD]:
            return b"-ERR no\r\n"
        if name == "CAPA":
            return b"+OK\r\nSTLS\r\n.\r\n"
        if name == "LIST":
            sizes = "".join(f"{number} {len(raw)}\r\n" for number, raw in self.mails.items())
            return f"+OK\r\n{sizes}.\r\n".encode()
        if name in ("RETR", "TOP"):
            lines = self.mails[int(words[0])].split(b"\r\n")
            shown = lines[: int(words[1])] if name == "TOP" else lines
            return b"+OK\r\n" + b"".join(b"." * each.startswith(b".") + each + b"\r\n" for each in shown) + b".\r\n"
        if name == "DELE":
            self._deleted.add(int(words[0]))
        return b"+OK\r\n"
