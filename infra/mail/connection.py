"""One conversation with one mail server: connecting, signing in, handing over a mail, and what each answer means.

What the server says decides: 4xx and a broken connection are worth another try, 5xx about this recipient or content
is final, and a refusal that would meet every mail (sign-in, sender, 421) is the server's fault. Blocks: belongs into
a thread.
"""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from infra.mail.message import Outcome, Result
from infra.mail.servers import Server, tls_context
from infra.mail.verdicts import as_kept

CONNECT_SECONDS = 10.0  # a server that is there answers at once; the mail may have another one to go to
# After the final dot the server may hand the mail on before it answers. Who gives up early sends twice: RFC 5321
# (4.5.3.2) asks for ten minutes, a lease allows for two.
END_FACTOR = 4.0
IDLE_SECONDS = 5.0  # after a longer rest the server may have closed the connection: ask before using it
QUIT_SECONDS = 2.0
NEEDS_UTF8 = "the mail server takes no addresses with such characters (SMTPUTF8)"


class Verdict(Enum):
    """What an answer says about the server: well, perhaps not (hung up within a content), no, or not for this mail."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    AT_FAULT = "at fault"
    UNFIT = "unfit"


@dataclass(frozen=True)
class Letter:
    """A mail in its envelope: addresses with ASCII domains, the content with lines that end with CRLF."""

    sender: str
    recipient: str
    content: bytes

    @property
    def needs_utf8(self) -> bool:
        """Whether an address has a local part beyond ASCII (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii())


@dataclass(frozen=True)
class Answer:
    """What came of a mail, and what that says about the server."""

    outcome: Outcome
    verdict: Verdict = Verdict.WELL


class _Refused(Exception):
    """A step of the conversation was answered with an error."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.outcome.reply)


class Connection:
    """A connection to `server`, opened with the first mail and after each break. Used by one thread at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    def send(self, letter: Letter) -> Answer:
        """Hand over one mail; never raises for what a server or network does."""
        try:
            return self._converse(self._connected(), letter)
        except _Refused as refused:
            if refused.answer.verdict is Verdict.AT_FAULT or self._smtp is None:
                self.close()
            else:
                _quietly(self._smtp.rset)
            return refused.answer
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
            reply = as_kept(f"{type(error).__name__}: {error}")
            return Answer(Outcome(Result.TEMPORARY, code, reply, server_fault=True), Verdict.AT_FAULT)

    def close(self) -> None:
        """Say goodbye to the server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            if smtp.sock is not None:
                smtp.sock.settimeout(QUIT_SECONDS)
            _quietly(smtp.quit)
            smtp.close()

    def abort(self) -> None:
        """Break off what another thread is doing with it; that one sees a lost connection."""
        smtp = self._smtp
        if smtp is not None and smtp.sock is not None:
            with suppress(OSError):  # it was lost already
                smtp.sock.shutdown(socket.SHUT_RDWR)

    def _converse(self, smtp: smtplib.SMTP, letter: Letter) -> Answer:
        options: tuple[str, ...] = ()
        if letter.needs_utf8:
            if not smtp.has_extn("smtputf8"):
                raise _Refused(Answer(Outcome(Result.PERMANENT, 0, NEEDS_UTF8), Verdict.UNFIT))
            options = ("SMTPUTF8", "BODY=8BITMIME")
        _expect(smtp.mail(letter.sender, options), server_fault=True)
        _expect(smtp.rcpt(letter.recipient))
        if smtp.sock is not None:
            smtp.sock.settimeout(self._server.timeout * END_FACTOR)
        try:
            code, reply = smtp.data(letter.content)
        except smtplib.SMTPDataError as error:
            raise _Refused(_answer(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPServerDisconnected, OSError):
            # Whether the mail went out is unknown. The next try bears the same Message-ID.
            self.close()
            lost = Outcome(Result.TEMPORARY, 0, "connection lost while sending the content")
            return Answer(lost, Verdict.DOUBTFUL)
        if smtp.sock is not None:
            smtp.sock.settimeout(self._server.timeout)
        answer = _answer(code, reply)
        if answer.outcome.result is not Result.ACCEPTED:
            raise _Refused(answer)
        return answer

    def _connected(self) -> smtplib.SMTP:
        """The open connection, made anew when the server has closed it meanwhile."""
        rested = time.monotonic() - self._used_at > IDLE_SECONDS
        if self._smtp is not None and rested and not _alive(self._smtp):
            self.close()
        if self._smtp is None:
            self._smtp = connect(self._server)
        self._used_at = time.monotonic()
        return self._smtp


def connect(server: Server) -> smtplib.SMTP:
    """A conversation that has come to where mail can be sent: TLS as asked for, signed in where there is a user.

    Raises:
        smtplib.SMTPException, OSError: it is not there, refuses, or offers no TLS where TLS is asked for.
    """
    patience = min(CONNECT_SECONDS, server.timeout)
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=patience, context=tls_context())
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=patience)
    try:
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=tls_context())  # raises where the server offers none: never in clear then
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError):
        smtp.close()
        raise
    if smtp.sock is not None:
        smtp.sock.settimeout(server.timeout)
    return smtp


def _alive(smtp: smtplib.SMTP) -> bool:
    try:
        return bool(smtp.noop()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False


def _quietly(command: Callable[[], object]) -> None:
    """Run a closing command whose failure changes nothing: the connection is given up then anyway."""
    try:
        command()
    except (smtplib.SMTPException, OSError):
        return


def _expect(answered: tuple[int, bytes], *, server_fault: bool = False) -> None:
    answer = _answer(*answered)
    outcome = answer.outcome
    if outcome.result is Result.ACCEPTED:
        return
    if server_fault:  # a refused sender says nothing about the recipient: keep the mail
        outcome = Outcome(Result.TEMPORARY, outcome.code, outcome.reply, server_fault=True)
        answer = Answer(outcome, Verdict.AT_FAULT)
    raise _Refused(answer)


def _answer(code: int, reply: bytes | str) -> Answer:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    kinds = {2: Result.ACCEPTED, 5: Result.PERMANENT}
    closing = code == 421  # the server is about to close the connection, every mail would meet that
    outcome = Outcome(kinds.get(code // 100, Result.TEMPORARY), code, as_kept(text), server_fault=closing)
    return Answer(outcome, Verdict.AT_FAULT if closing else Verdict.WELL)
