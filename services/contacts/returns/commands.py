"""Notes at accounts that mail does not reach them, so that they are asked for another address when they sign in."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.contracts.newsletter import MailBounced
from infra.db import Transaction
from infra.ids import as_id
from infra.mail.posting.domain import FAILED
from infra.mail.posting.models import Posting
from infra.mail.verdicts import Verdict, judge
from services.contacts.accounts.commands import note_mail_trouble
from services.contacts.accounts.domain import BOUNCED, COMPLAINED
from services.contacts.jobs import SERVICE
from services.contacts.returns.queries import TABLES, posting, recipient

# What is only soft (a full mailbox, a server that wants to see us later) says nothing about the address.
_TROUBLES = {"hard": BOUNCED, "complaint": COMPLAINED}
# How far back refusals are looked for: longer than workers are away, shorter than rows are kept.
LATELY = timedelta(days=1)


async def take_bounce(tx: Transaction, bounced: MailBounced) -> None:
    """Note what came back of a mail of ours: the newsletter takes in the returns of all services."""
    mail_id = as_id(bounced.id)
    if bounced.service == SERVICE and bounced.kind in _TROUBLES and mail_id is not None:
        mail = await posting(mail_id)
        if mail is not None:
            await _note(tx, mail, _TROUBLES[bounced.kind])


async def note_refusals(tx: Transaction, now: datetime) -> None:
    """Note what mail servers refused at once, saying that there is no such address."""
    for table in TABLES:
        refused = table.filter(status=FAILED, changed_at__gte=now - LATELY).using_db(tx.connection)
        for mail in await refused.order_by("id"):
            if judge(code=mail.reply_code, text=mail.reply) is Verdict.HARD:
                await _note(tx, mail, BOUNCED)


async def _note(tx: Transaction, mail: Posting, trouble: str) -> None:
    account = await recipient(mail)
    if account is not None:
        await note_mail_trouble(tx, account, trouble, mail.created_at)
