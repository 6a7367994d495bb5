"""Looks into the mailbox of LOTSE_BOUNCE_MAILBOX and takes what is there; a mail goes away once it is committed."""

from __future__ import annotations

import asyncio
import logging

from infra import metrics
from services.newsletter.bounces.accounts import MailboxError, open_box
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.reading import Incoming
from services.newsletter.context import current

log = logging.getLogger(__name__)
FAILURES = metrics.counter(
    "lotse_bounce_mailbox_failures_total", "Times that the mailbox of bounces could not be read to its end"
)


async def poll() -> int:
    """Take all that is there; returns how many. What cannot be read now is left for the next time."""
    account = current().settings.bounce_account
    taken = 0
    if account is None:
        return taken
    try:
        box = await asyncio.to_thread(open_box, account)
        try:
            while mails := await asyncio.to_thread(box.fetch):
                await take([Incoming("mailbox", mail.start, mail.size) for mail in mails])
                await asyncio.to_thread(box.remove, mails)
                taken += len(mails)
        finally:
            heard = await asyncio.to_thread(box.close)
        if not heard:
            raise MailboxError("the mailbox broke off before the end; what was taken comes once more")
    except MailboxError as error:
        FAILURES.inc()
        log.warning("%s", error)
    return taken
