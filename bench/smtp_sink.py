"""A mail server that takes everything and keeps nothing: `python -m bench.smtp_sink [LOG]` prints its port.

It speaks just enough SMTP with PIPELINING for a sender to be the slower side (aiosmtpd takes 80 to 550 mails/s). With
a LOG each mail is a line "recipient message-id", written before it is answered. It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TextIO, cast

import uvloop

_END = b"\r\n.\r\n"
_HEAD = 4096
_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE | re.IGNORECASE)
_HELLO = b"250-sink\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
_ANSWERS = {b"EHLO": _HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_FINE = b"250 2.0.0 fine\r\n"


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self, log: TextIO | None) -> None:
        self._log = log
        self._rest = b""
        self._content = False
        self._head = b""
        self._recipient = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._rest += data
        answers: list[bytes] = []
        while self._take(answers):
            pass
        if answers:
            self._transport.write(b"".join(answers))

    def _take(self, answers: list[bytes]) -> bool:
        """Deal with a content or a command that is there as a whole; False when neither is."""
        if self._content:
            end = self._rest.find(_END)
            if self._log is not None and len(self._head) < _HEAD:
                self._head += self._rest[:_HEAD]
            if end < 0:
                self._rest = self._rest[-len(_END) :]
                return False
            self._rest, self._content = self._rest[end + len(_END) :], False
            self._note()
            answers.append(_FINE)
            return True
        line, found, rest = self._rest.partition(b"\r\n")
        if not found:
            return False
        self._rest, verb = rest, line[:4].upper()
        self._content = verb == b"DATA"
        if verb == b"RCPT":
            self._recipient = line[line.find(b"<") + 1 : line.rfind(b">")]
        answers.append(_ANSWERS.get(verb, _FINE))
        return True

    def _note(self) -> None:
        if self._log is not None:
            found = _MESSAGE_ID.search(self._head)
            self._log.write(f"{self._recipient.decode()} {found[1].decode() if found else '-'}\n")
            self._log.flush()
        self._head = b""


async def main(log: TextIO | None) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(log), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            uvloop.run(main(file))
    else:
        uvloop.run(main(None))
