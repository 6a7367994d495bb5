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
MIN_PASSWORD = 12  # OWASP ASVS 4.0.3, 2.1.1
MAX_PASSWORD = 1000
# Why no mail goes to an account's address any more: it does not exist, or its holder called our mail unwanted.
BOUNCED, COMPLAINED = "bounced", "complained"
BAD_EMAIL = Text("Das ist keine E-Mail-Adresse.", "This is not an e-mail address.")
_BAD_PASSWORD = Text(
    f"Bitte mindestens {MIN_PASSWORD} Zeichen, zum Beispiel vier Wörter, die nichts miteinander zu tun haben.",
    f"Please use at least {MIN_PASSWORD} characters, for example four words that have nothing to do with each other.",
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


def fold_email(text: str) -> str:
    """The form in which addresses are kept and compared.

    A domain is only lowered: "straße.example" is another one than "strasse.example" (IDNA 2008), whose owner would get
    the links for a new password.
    """
    local, at, domain = text.strip().rpartition("@")
    return local.casefold() + at + domain.lower()


def is_email(text: str) -> bool:
    """Whether `text` looks like one plain address that fits into its column."""
    return len(text) <= MAX_EMAIL and _EMAIL.fullmatch(text) is not None


def check_password(password: str) -> None:
    """Raises Invalid for a password that somebody chose and that is too short. What it holds is theirs alone."""
    if len(password) < MIN_PASSWORD:
        raise Invalid(fields=[FieldError("password", _BAD_PASSWORD)])


def is_live(seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a session may still be used: used within the idle limit and not past its absolute end."""
    return now < expires_at and now - seen_at < IDLE


def check_new_account(email: str, name: str, roles: Iterable[str], networks: Sequence[str], known: Known) -> None:
    """Raises Invalid with everything that is wrong with a new account; its password is made, not chosen."""
    problems = [
        FieldError(field, text)
        for well, field, text in (
            (
                is_email(email),
                "email",
                BAD_EMAIL,
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
