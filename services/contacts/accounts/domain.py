"""Rules of accounts and sessions: roles, what a new account needs, how long a session lives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from infra.contracts.roles import ROLES
from infra.errors import FieldError, Invalid, Text
from services.contacts.known import Known

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
MAX_EMAIL = 254
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


def fold_email(text: str) -> str:
    """The form in which addresses are kept and compared."""
    return text.strip().casefold()


def is_live(seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a session may still be used: used within the idle limit and not past its absolute end."""
    return now < expires_at and now - seen_at < IDLE


def check_new_account(email: str, name: str, roles: Iterable[str], networks: Sequence[str], known: Known) -> None:
    """Raises Invalid with everything that is wrong with a new account; its password is made, not chosen."""
    problems = [
        FieldError(field, text)
        for well, field, text in (
            (
                len(email) <= MAX_EMAIL and _EMAIL.fullmatch(email),
                "email",
                Text("Das ist keine E-Mail-Adresse.", "This is not an e-mail address."),
            ),
            (
                2 <= len(name) <= 100 and name.isprintable(),
                "name",
                Text("Zwischen 2 und 100 Zeichen.", "Between 2 and 100 characters."),
            ),
            (
                set(roles) <= set(ROLES),
                "roles",
                Text(f"Bekannt sind: {', '.join(ROLES)}.", f"Known are: {', '.join(ROLES)}."),
            ),
        )
        if not well
    ]
    problems += known.problems("networks", "networks", networks)
    if problems:
        raise Invalid(fields=problems)
