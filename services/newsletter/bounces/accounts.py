"""A mailbox on a server, read by IMAP (RFC 9051, 3501) or POP3 (RFC 1939). All of it blocks, so it runs in a thread.

A mail is marked for removal only when its caller says so; what was read and not removed is simply there next time.
"""

from __future__ import annotations

import imaplib
import poplib
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.settings.bounces import MailAccount
from services.newsletter.bounces.domain import MOST_BYTES, READ_BYTES

BATCH = 50  # mails that are held at once, a megabyte each at the most
_TIMEOUT_SECONDS = 30.0
# One mail with a longer line than the library's 2,048 characters would keep all others in the mailbox for ever.
poplib._MAXLINE = MOST_BYTES  # type: ignore[attr-defined]  # there is no other way to say it
_TOP_LINES = 2000  # of a large mail, by POP3
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """The mailbox cannot be used: no connection, sign-in refused, folder missing. The text names no person."""


@dataclass(frozen=True)
class Fetched:
    """A mail in the mailbox: its number there, its beginning and the size of all of it."""

    number: str
    start: bytes
    size: int


class Box(Protocol):
    """An open mailbox. What is done with it raises MailboxError."""

    def fetch(self) -> list[Fetched]:
        """The next mails that have not been fetched in this session, a batch at the most."""
        ...

    def remove(self, mails: Sequence[Fetched]) -> None:
        """Take these away, or move them to where the settings say."""
        ...

    def close(self) -> bool:
        """Say goodbye, and whether that was heard: by POP3 it is only then that removed mails go. Never raises."""
        ...


def open_box(account: MailAccount) -> Box:
    """Sign in. Raises MailboxError."""
    try:
        return _Imap(account) if account.protocol == "imap" else _Pop(account)
    except _FAULTS as error:
        raise _fault("cannot be opened", error) from error


class _Imap:
    """A folder by IMAP. Only uses what RFC 3501 has, and MOVE and UIDPLUS where they are offered."""

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._last = 0
        context = ssl.create_default_context()
        if account.security == "tls":
            self._server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                account.host, account.port, ssl_context=context, timeout=_TIMEOUT_SECONDS
            )
        else:
            self._server = imaplib.IMAP4(account.host, account.port, timeout=_TIMEOUT_SECONDS)
        if account.security == "starttls":
            self._server.starttls(context)
        self._server.login(account.user, account.password)
        self._checked(self._server.select(_quoted(account.folder)))
        if account.move_to:
            self._server.create(_quoted(account.move_to))  # says no where it is there already

    def fetch(self) -> list[Fetched]:
        """See Box."""
        try:
            found = self._checked(self._server.uid("SEARCH", f"UID {self._last + 1}:*", "UNDELETED"))
            # "n:*" names the last mail even where its number is below n
            numbers = sorted(number for number in map(int, (found[0] or b"").split()) if number > self._last)[:BATCH]
            if not numbers:
                return []
            self._last = numbers[-1]
            wanted = f"(UID RFC822.SIZE BODY.PEEK[]<0.{READ_BYTES}>)"
            answer = self._checked(self._server.uid("FETCH", _listed(numbers), wanted))
        except _FAULTS as error:
            raise _fault("cannot be read", error) from error
        return [mail for mail in map(_fetched, answer, (*answer[1:], b"")) if mail is not None]

    def remove(self, mails: Sequence[Fetched]) -> None:
        """See Box."""
        numbers, folder = _listed([int(mail.number) for mail in mails]), _quoted(self._account.move_to)
        try:
            if self._account.move_to and "MOVE" in self._server.capabilities:
                self._checked(self._server.uid("MOVE", numbers, folder))
                return
            if self._account.move_to:
                self._checked(self._server.uid("COPY", numbers, folder))
            self._checked(self._server.uid("STORE", numbers, "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in self._server.capabilities:
                self._checked(self._server.uid("EXPUNGE", numbers))
            else:
                self._checked(self._server.expunge())
        except _FAULTS as error:
            raise _fault("does not let mails be removed", error) from error

    def close(self) -> bool:
        """See Box."""
        try:
            self._server.logout()
        except _FAULTS:
            return False
        return True

    def _checked(self, answer: tuple[str, list[Any]]) -> list[Any]:
        if answer[0] != "OK":
            raise imaplib.IMAP4.error("refused")
        return answer[1]


class _Pop:
    """The one folder there is by POP3."""

    def __init__(self, account: MailAccount) -> None:
        context = ssl.create_default_context()
        if account.security == "tls":
            self._server: poplib.POP3 = poplib.POP3_SSL(
                account.host, account.port, context=context, timeout=_TIMEOUT_SECONDS
            )
        else:
            self._server = poplib.POP3(account.host, account.port, timeout=_TIMEOUT_SECONDS)
        if account.security == "starttls":
            self._server.stls(context)
        self._server.user(account.user)
        self._server.pass_(account.password)
        pairs = (line.split() for line in self._server.list()[1])
        self._waiting = [(number.decode(), int(size)) for number, size, *_ in pairs]

    def fetch(self) -> list[Fetched]:
        """See Box."""
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        try:
            return [Fetched(number, self._start(number, size), size) for number, size in batch]
        except _FAULTS as error:
            raise _fault("cannot be read", error) from error

    def remove(self, mails: Sequence[Fetched]) -> None:
        """See Box."""
        try:
            for mail in mails:
                self._server.dele(int(mail.number))
        except _FAULTS as error:
            raise _fault("does not let mails be removed", error) from error

    def close(self) -> bool:
        """See Box."""
        try:
            self._server.quit()
        except _FAULTS:
            return False
        return True

    def _start(self, number: str, size: int) -> bytes:
        """Large mails are not fetched whole: the library keeps each line as an object of its own."""
        lines = _TOP_LINES if size <= MOST_BYTES else 0
        answer = self._server.retr(int(number)) if size <= READ_BYTES else self._server.top(int(number), lines)
        return b"\r\n".join(answer[1])[:READ_BYTES]


_FAULTS = (imaplib.IMAP4.error, poplib.error_proto, OSError, ValueError, IndexError)


def _fault(what: str, error: Exception) -> MailboxError:
    return MailboxError(f"the mailbox {what} ({type(error).__name__})")


def _fetched(item: Any, following: Any) -> Fetched | None:
    """A mail of a FETCH answer, in which a pair is what stands before the content and the content."""
    if not isinstance(item, tuple):
        return None
    told = item[0] + (following if isinstance(following, bytes) else b"")
    number, size = _UID.search(told), _SIZE.search(told)
    if number is None:
        return None
    return Fetched(number[1].decode(), item[1], int(size[1]) if size else len(item[1]))


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", r"\\").replace('"', r"\"") + '"'
