"""A mailbox in the data folder, for trying Lotse out: takes every mail and shows it, nothing leaves the machine.

One `.eml` file a mail, named by a time-ordered id, so that the folder is its own index: the newest mails are the
last names. For looking through tens of thousands there is a table of contents beside them (`infra.mail.contents`),
made from the files whenever somebody looks.
"""

from __future__ import annotations

import asyncio
import email
import re
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from infra.ids import new_id
from infra.mail.contents import Contents, Shelf, decoded
from infra.mail.message import Mail, Outcome, Result, build

_NAME = re.compile(r"[\w-]{1,100}")  # never build a path from anything else that somebody typed


@dataclass(frozen=True)
class Part:
    """One part of a mail: its media type, the decoded text of a readable one ("" else), its file name and size."""

    type: str
    content: str
    name: str = ""
    size: int = 0


@dataclass(frozen=True)
class StoredMail:
    """A mail as it lies in the mailbox; `headers` in their order, decoded."""

    id: str
    subject: str
    sender: str
    recipient: str
    date: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    language: str = ""


class Mailbox:
    """The mails in one folder; a `Mailer`, so that it stands in for a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, mail: Mail) -> Outcome:
        """Keep a mail; always accepted. Raises InvalidMail as building it does."""
        return await self.keep(build(mail).as_bytes())

    async def keep(self, content: bytes) -> Outcome:
        """Keep a mail that is built already."""
        await asyncio.to_thread(self._write, content)
        return Outcome(Result.ACCEPTED, 250, "2.0.0 kept in the local mailbox")

    async def close(self) -> None:
        """Nothing to let go of."""

    async def shelf(self, number: int = 1, query: str = "") -> Shelf:
        """Page `number` (from 1) of the mails whose recipient, sender or subject hold `query`, the newest first."""
        return await asyncio.to_thread(Contents(self.folder).shelf, number, query)

    async def newest(self, limit: int = 100) -> list[StoredMail]:
        """The last `limit` mails, newest first, with all headers and parts."""
        return await asyncio.to_thread(self._newest, limit)

    async def find(self, mail_id: str) -> StoredMail | None:
        """One mail by its id, or None."""
        content = await self.source(mail_id)
        return None if content is None else _read(mail_id, content)

    async def source(self, mail_id: str) -> bytes | None:
        """A mail as it would have gone over the wire, or None."""
        if not _NAME.fullmatch(mail_id):
            return None
        return await asyncio.to_thread(_content, self.folder / f"{mail_id}.eml")

    def _write(self, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{new_id()}.eml"
        partial = target.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(target)  # a reader never sees half a mail

    def _newest(self, limit: int) -> list[StoredMail]:
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)
        contents = ((name, _content(self.folder / f"{name}.eml")) for name in names[:limit])
        return [_read(name, content) for name, content in contents if content is not None]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # somebody tidied up meanwhile
        return None


def _read(mail_id: str, content: bytes) -> StoredMail:
    # the older parser: the newer one falls over headers that are broken enough
    message = email.message_from_bytes(content)
    headers = [(name, decoded(value.encode("utf-8", "surrogateescape"))) for name, value in message.raw_items()]
    first = {name.lower(): value for name, value in reversed(headers)}
    return StoredMail(
        id=mail_id,
        subject=first.get("subject", ""),
        sender=first.get("from", ""),
        recipient=first.get("to", ""),
        date=first.get("date", ""),
        headers=headers,
        language=first.get("content-language", ""),
        parts=[_part(part) for part in message.walk() if not part.is_multipart()],
    )


def _part(part: Message) -> Part:
    data = part.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else b""
    kind, name = part.get_content_type(), part.get_filename() or ""
    if part.get_content_maintype() != "text" or name:
        return Part(kind, "", name, len(raw))
    try:
        text = raw.decode(str(part.get_content_charset("utf-8")), "replace")
    except LookupError:  # a character set that nobody knows
        text = raw.decode("utf-8", "replace")
    return Part(kind, text.replace("\r\n", "\n"), "", len(raw))
