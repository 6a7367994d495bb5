"""A mailbox in the data folder, for trying Lotse out: takes every mail and shows it, nothing leaves the machine.

One `.eml` file a mail, named by a time-ordered id, so that the folder is its own index: the newest mails are the
last names and nothing else can disagree with the files.
"""

from __future__ import annotations

import asyncio
import email
from dataclasses import dataclass, field
from email import policy
from pathlib import Path

from infra.ids import new_id
from infra.mail.message import Mail, Outcome, Result, build


@dataclass(frozen=True)
class Part:
    """One readable part of a mail: its media type and decoded text."""

    type: str
    content: str


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

    async def newest(self, limit: int = 100) -> list[StoredMail]:
        """The last `limit` mails, newest first, with all headers and parts."""
        return await asyncio.to_thread(self._newest, limit)

    async def find(self, mail_id: str) -> StoredMail | None:
        """One mail by the id it has in `newest`, or None."""
        return await asyncio.to_thread(self._find, mail_id)

    def _write(self, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{new_id()}.eml"
        partial = target.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(target)  # a reader never sees half a mail

    def _newest(self, limit: int) -> list[StoredMail]:
        names = sorted((path.name for path in self.folder.glob("*.eml")), reverse=True)
        return [_read(self.folder / name) for name in names[:limit]]

    def _find(self, mail_id: str) -> StoredMail | None:
        known = {path.stem for path in self.folder.glob("*.eml")}  # never build a path from what somebody typed
        return _read(self.folder / f"{mail_id}.eml") if mail_id in known else None


def _read(path: Path) -> StoredMail:
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    parts = [Part(leaf.get_content_type(), leaf.get_content().replace("\r\n", "\n")) for leaf in leaves]
    return StoredMail(
        id=path.stem,
        subject=str(message["Subject"]),
        sender=str(message["From"]),
        recipient=str(message["To"]),
        date=str(message["Date"]),
        headers=[(name, str(value)) for name, value in message.items()],
        parts=parts,
    )
