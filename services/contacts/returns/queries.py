"""Which account a mail of contacts went to."""

from __future__ import annotations

from uuid import UUID

from infra.mail.posting.models import Posting
from services.contacts.access.models import AccessMail
from services.contacts.accounts.models import Account
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.notices.models import NoticeMail

TABLES: tuple[type[Posting], ...] = (NoticeMail, AlertMail, AccessMail)


async def posting(mail_id: UUID) -> Posting | None:
    """The mail with this id, whichever table it stands in; None when it is forgotten."""
    for table in TABLES:
        found = await table.get_or_none(id=mail_id)
        if found is not None:
            return found
    return None


async def recipient(mail: Posting) -> UUID | None:
    """The account that a mail went to; None for one to an address that is no account's (any more)."""
    if isinstance(mail, NoticeMail):
        return mail.account_id
    if isinstance(mail, AlertMail):
        alert = await AccountAlert.get_or_none(saved_search=mail.saved_search)
        return alert.account_id if alert else None
    account = await Account.get_or_none(email=mail.address) if isinstance(mail, AccessMail) else None
    return account.id if account else None
