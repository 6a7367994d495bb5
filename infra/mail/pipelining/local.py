"""Carries mails into the local mailbox, where no server is set."""

from __future__ import annotations

from infra.mail.mailbox import Mailbox
from infra.mail.message import Outcome
from infra.mail.pipelining.errands import Errand


class MailboxCarrier:
    """A `Carrier` that keeps everything on this machine."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def carry(self, errand: Errand, expected: int) -> Outcome | None:
        """See Carrier."""
        while await errand.more():
            while (parcel := errand.next()) is not None:
                errand.begun(parcel)
                errand.done(parcel, await self._mailbox.keep(parcel.content))
        return None
