"""Makes mails of what is due and sends them, as the jobs of contacts see it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from infra.db.retry import transact
from infra.mail.posting.rounds import Round
from services.contacts.context import current
from services.contacts.jobs import SERVICE
from services.contacts.notices.commands import gather
from services.contacts.notices.mails import mail_of
from services.contacts.notices.models import NoticeMail

notice_mails = Round(SERVICE, NoticeMail, current, mail_of)


async def gather_due() -> None:
    """Put into mails whatever is due by now."""
    while await transact(SERVICE, partial(gather, now=datetime.now(UTC))):
        pass
