"""A table of postings as a service's jobs see it: put a mail into it, send what waits, take up what was left, forget.

alerts = Round("contacts", AlertMail, current, mail_of)
await alerts.send()
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from infra.db import Transaction
from infra.ids import new_id
from infra.mail import Mail
from infra.mail.office import Office
from infra.mail.posting.commands import post_all_due, release_expired
from infra.mail.posting.domain import OPEN
from infra.mail.posting.models import Posting
from infra.mail.return_path import bounce_address

P = TypeVar("P", bound=Posting)


def new_posting(model: type[P], office: Office, now: datetime, mail_id: UUID | None = None, **values: Any) -> P:
    """A row, not stored yet, for a mail that may go out at `now`; its Message-ID follows from its id."""
    row_id = mail_id or new_id()
    message_id = f"<{row_id}@{office.mail_domain}>"
    return model(id=row_id, message_id=message_id, next_at=now, created_at=now, changed_at=now, **values)


async def forget_settled(tx: Transaction, model: type[Posting], before: datetime) -> int:
    """Delete the rows of mails that were dealt with before a moment, never those still to be sent; returns how many."""
    settled = model.filter(changed_at__lt=before).using_db(tx.connection)
    return await settled.exclude(status__in=OPEN).delete()


async def _nothing() -> None:
    """What most services do with what came of a round."""


@dataclass(frozen=True)
class Round(Generic[P]):
    """The mails of one table. `office` is there while the service is hosted, `compose` says what mail a row is.

    `noted` is called when a round is over, for services that write down elsewhere what came of their mails.
    """

    service: str
    model: type[P]
    office: Callable[[], Office]
    compose: Callable[[P], Awaitable[Mail | None]]
    noted: Callable[[], Awaitable[object]] = _nothing

    async def send(self) -> None:
        """Send what waits."""
        await post_all_due(self.service, self.model, self.office().mailer, self._mail)
        await self.noted()

    async def find_due(self) -> None:
        """Take up again what was left: expired leases, and retries that are due."""
        await release_expired(self.model, datetime.now(UTC))
        await self.send()

    async def _mail(self, row: P) -> Mail | None:
        """The mail of a row; what comes back of it goes to an address that says which one it was."""
        mail = await self.compose(row)
        return mail and replace(mail, envelope_sender=bounce_address(self.office().settings, self.service, row.id))
