"""Makes and reads the tokens that these mails carry."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.errors import FieldError, Invalid
from infra.tokens import make_token, read_token
from services.contacts.access.domain import LIFETIMES, SPENT, Form
from services.contacts.access.models import AccessMail
from services.contacts.accounts.models import Account
from services.contacts.context import current


def token_of(mail: AccessMail) -> str:
    """What the link in a mail carries."""
    return make_token(current().key(mail.form), mail.id, datetime.now(UTC))


async def mail_behind(form: Form, token: str) -> AccessMail:
    """The mail whose link is opened. Raises Invalid: forged, for another purpose, too old, or used already."""
    now = datetime.now(UTC)
    claims = read_token(current().key(form), token, now)
    mail = await AccessMail.get_or_none(id=claims.subject, form=form, used_at=None)
    if mail is None or now - claims.made_at > LIFETIMES[form]:
        raise spent()
    return mail


async def account_of(mail: AccessMail) -> Account | None:
    """The account that a mail is about: named by it, or else whose address it goes to. None when nobody has it."""
    if mail.account_id is not None:
        return await Account.get_or_none(id=mail.account_id, active=True)
    return await Account.get_or_none(email=mail.address, active=True)


def spent() -> Invalid:
    """The error for a link that can do nothing any more."""
    return Invalid(SPENT, [FieldError("token", SPENT)])
