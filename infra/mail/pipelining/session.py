"""One SMTP conversation: signing in, and mail after mail, pipelined where the server offers it.

Each mail is at one place at a time: offered (its envelope is out), ready (the server waits for its content), begun
(its content is out and not answered). When the connection ends, that place decides: begun is unsure, the others go
back.
"""

from __future__ import annotations

import base64
import socket

from infra import metrics
from infra.mail.message import Outcome, Result
from infra.mail.pipelining.errands import Errand, Parcel
from infra.mail.pipelining.replies import GO_ON, SERVICE_CLOSING, Reply
from infra.mail.pipelining.wire import Wire
from infra.mail.servers import Server, tls_context

# How long a server may think about a content before it answers (RFC 5321, 4.5.3.2.6), in time limits of one step.
# Giving up sooner leaves mails unsure that were taken.
PATIENCE_AT_END = 20
GOODBYE_SECONDS = 1.0
_NEEDS_UTF8 = Outcome(Result.PERMANENT, 0, "not sent: the address needs SMTPUTF8, which the mail server does not offer")


class Broken(Exception):
    """The connection is of no more use; `in_content`: it ended while the server had a content."""

    def __init__(self, outcome: Outcome, *, in_content: bool = False) -> None:
        self.outcome = outcome
        self.in_content = in_content
        super().__init__(outcome.reply)


class Session:
    """A connection to a server; `answered` counts the mails that got an answer, be it yes or no."""

    def __init__(self, server: Server) -> None:
        self.answered = 0
        self._server = server
        self._wire = Wire()
        self._pipelined = False
        self._utf8 = False
        self._offered: Parcel | None = None
        self._ready: Parcel | None = None
        self._begun: Parcel | None = None
        self._unclean = False

    async def open(self) -> None:
        """Connect and sign in. Raises Broken."""
        offers = await _Greeting(self._server, self._wire).exchange()
        self._pipelined = "PIPELINING" in offers
        self._utf8 = "SMTPUTF8" in offers

    async def run(self, errand: Errand) -> None:
        """Hand over what the errand gives, until it gives nothing more. Raises Broken."""
        try:
            while await self._turn(errand):
                pass
        finally:
            self._let_go(errand)

    async def close(self) -> None:
        """Say goodbye."""
        self._wire.write(b"QUIT\r\n")
        await self._wire.replies(1, GOODBYE_SECONDS)
        self._wire.close()

    async def _turn(self, errand: Errand) -> bool:
        """Send the content of the mail that is ready together with the envelope of the next; False at the end."""
        self._offered = self._next(errand)
        if self._ready is None and self._offered is None:
            return await errand.more()
        if self._ready is not None:
            errand.begun(self._ready)
        self._begun, self._ready = self._ready, None
        out: list[bytes] = []
        if self._begun is not None:
            out += [_wired(self._begun), b".\r\n"]
        if self._offered is not None and self._pipelined:
            out += self._envelope(self._offered)
        self._wire.write(*out)
        if self._begun is not None:
            await self._hear_end(errand, self._begun)
        if self._offered is not None:
            await self._hear_envelope(errand, self._offered)
        return True

    def _next(self, errand: Errand) -> Parcel | None:
        """The errand's next mail that this server can take; others fail here."""
        while (parcel := errand.next()) is not None and parcel.utf8 and not self._utf8:
            errand.done(parcel, _NEEDS_UTF8)
        return parcel

    def _envelope(self, parcel: Parcel) -> list[bytes]:
        """The commands before a content, with what cleans up after a refused one."""
        utf8 = " SMTPUTF8" if parcel.utf8 else ""
        mail = f"MAIL FROM:<{parcel.sender}>{utf8}\r\n".encode()
        commands = [mail, f"RCPT TO:<{parcel.recipient}>\r\n".encode(), b"DATA\r\n"]
        return [b"RSET\r\n", *commands] if self._unclean else commands

    async def _hear_end(self, errand: Errand, parcel: Parcel) -> None:
        replies = await self._wire.replies(1, PATIENCE_AT_END * self._server.timeout)
        if not replies:
            raise Broken(_lost(self._wire.over), in_content=True)
        self._begun = None
        self._tell(errand, parcel, replies[0].outcome())

    def _tell(self, errand: Errand, parcel: Parcel, outcome: Outcome) -> None:
        """What the server said of a mail."""
        errand.done(parcel, outcome)
        if outcome.server_fault:
            raise Broken(outcome)
        self.answered += 1
        metrics.MAIL_ANSWERS.labels(self._server.name, outcome.result.value).inc()

    async def _hear_envelope(self, errand: Errand, parcel: Parcel) -> None:
        cleaned, mail, recipient, data = await self._answers(self._envelope(parcel))
        if not cleaned.good or not mail.good:
            raise Broken(mail.outcome(server_fault=True))
        self._offered = None
        if recipient.good and data.code == GO_ON:
            self._ready, self._unclean = parcel, False
            return
        if data.code == GO_ON:  # a server that lets a mail without recipients begin gets an empty one (RFC 2920, 3.1)
            self._wire.write(b"\r\n.\r\n")
            await self._reply()
        self._unclean = True
        self._tell(errand, parcel, (data if recipient.good else recipient).outcome())

    async def _answers(self, commands: list[bytes]) -> list[Reply]:
        """The replies to RSET (a good one where none was sent), MAIL, RCPT and DATA.

        Where the server does not take them together, each command waits for its answer, and none is sent in vain.
        """
        replies = [] if self._unclean else [Reply(250, b"")]
        for command in commands:
            if self._pipelined:
                replies.append(await self._reply())
            elif all(reply.good for reply in replies):
                self._wire.write(command)
                replies.append(await self._reply())
            else:
                replies.append(replies[-1])
        return replies

    async def _reply(self) -> Reply:
        replies = await self._wire.replies(1, self._server.timeout)
        if not replies:
            raise Broken(_lost(self._wire.over))
        if replies[0].code == SERVICE_CLOSING:
            raise Broken(replies[0].outcome())
        return replies[0]

    def _let_go(self, errand: Errand) -> None:
        if self._begun is not None:
            errand.unsure(self._begun, self._wire.over or "interrupted")
        for parcel in (self._ready, self._offered):
            if parcel is not None:
                errand.back(parcel)
        self._begun = self._ready = self._offered = None


class _Greeting:
    """What is said before the first mail."""

    def __init__(self, server: Server, wire: Wire) -> None:
        self.server = server
        self.wire = wire

    async def exchange(self) -> frozenset[str]:
        """Connect, greet, change to TLS and sign in as the server's address asks; what the server offers then."""
        server = self.server
        try:
            context = tls_context() if server.scheme == "smtps" else None
            await self.wire.connect(server.host, server.port, context, server.timeout)
            await self._expect(None)
            offers = await self._hello()
            if server.scheme == "smtp+starttls":  # refused where the server offers none: never in clear then
                await self._expect(b"STARTTLS")
                await self.wire.start_tls(tls_context(), server.host, server.timeout)
                offers = await self._hello()
            if server.user:
                await self._sign_in(offers)
        except OSError as error:
            self.wire.close()
            reply = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise Broken(_lost(reply)) from error
        return frozenset(offers)

    async def _hello(self) -> dict[str, str]:
        """The server's extensions with their parameters; none for one that knows only HELO (RFC 5321, 3.2)."""
        name = _own_name()
        self.wire.write(f"EHLO {name}\r\n".encode())
        reply = await self._heard()
        if not reply.good:
            await self._expect(f"HELO {name}".encode())
            return {}
        lines = reply.text.decode("ascii", "replace").upper().splitlines()[1:]
        return {word: rest for word, _, rest in (line.partition(" ") for line in lines)}

    async def _sign_in(self, offers: dict[str, str]) -> None:
        """RFC 4954, with the two ways that servers offer under TLS."""
        ways, server = offers.get("AUTH", "").split(), self.server
        if "LOGIN" in ways and "PLAIN" not in ways:
            await self._expect(b"AUTH LOGIN", 3)
            await self._expect(base64.b64encode(server.user.encode()), 3)
            await self._expect(base64.b64encode(server.password.encode()))
        else:
            secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode())
            await self._expect(b"AUTH PLAIN " + secret)

    async def _expect(self, command: bytes | None, kind: int = 2) -> None:
        """Send a command (None: only listen) whose reply must be of a `kind`, the first digit. Raises Broken."""
        if command is not None:
            self.wire.write(command, b"\r\n")
        reply = await self._heard()
        if reply.code // 100 != kind:
            self.wire.close()
            raise Broken(reply.outcome(server_fault=True))

    async def _heard(self) -> Reply:
        replies = await self.wire.replies(1, self.server.timeout)
        if not replies:
            raise Broken(_lost(self.wire.over))
        return replies[0]


def _lost(reason: str) -> Outcome:
    return Outcome(Result.TEMPORARY, 0, reason, server_fault=True)


def _wired(parcel: Parcel) -> bytes:
    """The content with dots doubled at the beginning of lines (RFC 5321, 4.5.2)."""
    if parcel.dotless:
        return parcel.content
    stuffed = parcel.content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _own_name() -> str:
    """How this machine calls itself: a name with a domain, else an address literal (RFC 5321, 4.1.4)."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
