"""The rules of confirming an address and of setting a new password by mail.

The form for a lost password takes any address from anybody, so it says the same for every one, and how many mails
come of it is limited by address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from infra.errors import Text


class Form(StrEnum):
    """What a mail is; those with a link have a token of their own purpose."""

    CONFIRM = "address-confirm"
    RESET = "password-reset"
    CHANGED = "address-changed"
    RENEWED = "password-renewed"


LIFETIMES = {Form.CONFIRM: timedelta(days=2), Form.RESET: timedelta(hours=1)}
# Of each form an address gets one mail in ten minutes and five a day, whoever asks for them.
WINDOW = timedelta(minutes=10)
DAY = timedelta(days=1)
MOST_A_DAY = 5
# How long the rows of mails are kept: addresses that were typed into the form may be anybody's.
KEEP_RESETS = timedelta(days=1)
KEEP_MAILS = timedelta(days=30)
_MAILS = UUID("6b0d2f0a-9a3b-5a55-9d0c-0e2f4f6a7c11")  # a namespace of our own (RFC 9562, 5.5)

SPENT = Text(
    "Dieser Link ist abgelaufen oder schon benutzt. Bitte fordern Sie einen neuen an.",
    "This link has expired or has been used already. Please ask for a new one.",
)


def mail_id(form: Form, address: str, now: datetime) -> UUID:
    """The id of the one mail of a form that may go to an address in the present window."""
    window = int(now.timestamp() // WINDOW.total_seconds())
    return uuid5(_MAILS, f"{form}:{address}:{window}")
