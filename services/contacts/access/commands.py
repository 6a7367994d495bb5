"""Asking for a link by mail, and doing what the link is for. Each link works once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from infra.db import Transaction
from infra.errors import FieldError, Invalid
from infra.mail.posting.rounds import forget_settled, new_posting
from services.contacts.access.domain import DAY, KEEP_MAILS, KEEP_RESETS, MOST_A_DAY, Form, mail_id
from services.contacts.access.models import AccessMail
from services.contacts.access.queries import account_of, spent
from services.contacts.accounts.commands import set_password, take_address
from services.contacts.accounts.domain import BAD_EMAIL, fold_email, is_email
from services.contacts.accounts.models import Account
from services.contacts.context import current
from services.contacts.jobs import SEND_ACCESS_MAILS, jobs


async def ask_reset(tx: Transaction, email: str, language: str) -> None:
    """Mail a link for a new password to the account of an address.

    Whether there is one is looked up when the mail is set: until then an unknown address makes no difference, not
    even in time. Raises Invalid for what is no address.
    """
    await _post_limited(tx, Form.RESET, _checked(email), language=language)


async def ask_confirmation(tx: Transaction, account: Account, email: str = "") -> None:
    """Mail a link to the account's address, or to the one it shall have, which its holder confirms with it.

    Whether the address is another account's is not told either; that one gets no mail. Raises Invalid.
    """
    address = _checked(email) if email else account.email
    if await _enough(tx, account_id=account.id, form=Form.CONFIRM):
        return
    await _post_limited(tx, Form.CONFIRM, address, **_holder(account))


async def confirm(tx: Transaction, mail: AccessMail) -> Account:
    """The account of a mail has the address that the mail went to, and mail arrives there.

    The address that it had before is told. Raises Invalid (the link is used up), Conflict (the address is taken).
    """
    account = await _spend(tx, mail, account_id=mail.account_id)
    before = account.email
    await take_address(tx, account, mail.address, datetime.now(UTC))
    if before != mail.address:
        await _post(tx, Form.CHANGED, before, **_holder(account))
    return account


async def reset(tx: Transaction, mail: AccessMail, password_hash: str) -> None:
    """Give the account of a mail a new password; whoever was signed in is signed out, and its holder is told.

    The mail has arrived, so its address is confirmed by that. A move to another address that was asked for with the old
    password ends: whoever had stolen it would come back that way. Raises Invalid (the link is used up).
    """
    account = await _spend(tx, mail, address=mail.address)
    await set_password(tx, account, password_hash)
    moves = AccessMail.filter(account_id=account.id, form=Form.CONFIRM, used_at=None).using_db(tx.connection)
    await moves.update(used_at=datetime.now(UTC))
    await take_address(tx, account, mail.address, datetime.now(UTC))
    await _post(tx, Form.RENEWED, mail.address, **_holder(account))


async def forget_mails(tx: Transaction, now: datetime) -> int:
    """Delete the rows of mails that are of no use any more; returns how many."""
    typed = AccessMail.filter(form=Form.RESET, created_at__lt=now - KEEP_RESETS).using_db(tx.connection)
    return await typed.delete() + await forget_settled(tx, AccessMail, now - KEEP_MAILS)


async def _spend(tx: Transaction, mail: AccessMail, **same: Any) -> Account:
    """Use up the link of a mail, and with it all others of its form for the same; the account it is about."""
    now = datetime.now(UTC)
    once = AccessMail.filter(id=mail.id, used_at=None).using_db(tx.connection)
    if not await once.update(used_at=now):
        raise spent()
    others = AccessMail.filter(form=mail.form, used_at=None, **same).using_db(tx.connection)
    await others.update(used_at=now)
    account = await account_of(mail)
    if account is None:
        raise spent()
    return account


async def _post_limited(tx: Transaction, form: Form, address: str, **values: Any) -> None:
    """Put a mail into the post, unless its address has got enough of them. Two at once are one: ids are by window."""
    if not await _enough(tx, address=address, form=form):
        row_id = mail_id(form, address, datetime.now(UTC))
        await _post(tx, form, address, row_id=row_id, **values)


async def _enough(tx: Transaction, **which: Any) -> bool:
    lately = AccessMail.filter(created_at__gt=datetime.now(UTC) - DAY, **which).using_db(tx.connection)
    return await lately.count() >= MOST_A_DAY


async def _post(tx: Transaction, form: Form, address: str, *, row_id: UUID | None = None, **values: Any) -> None:
    row = new_posting(AccessMail, current(), datetime.now(UTC), row_id, form=form, address=address, **values)
    await AccessMail.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
    tx.after_commit(jobs.later(SEND_ACCESS_MAILS))


def _checked(email: str) -> str:
    address = fold_email(email)
    if not is_email(address):
        raise Invalid(fields=[FieldError("email", BAD_EMAIL)])
    return address


def _holder(account: Account) -> dict[str, Any]:
    return {"account_id": account.id, "language": account.language}
