"""Changing accounts and sessions."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from tortoise.expressions import Q

from infra.db import Transaction
from infra.errors import Conflict, FieldError, NotFound, Text
from infra.ids import new_id
from infra.outbox import record
from services.contacts.accounts.domain import ABSOLUTE, IDLE, SEEN_EVERY, fold_email
from services.contacts.accounts.events import account_changed
from services.contacts.accounts.models import Account, Membership, Session
from services.contacts.accounts.queries import token_hash

TAKEN = Text("Diese Adresse hat schon ein Konto.", "This address already has an account.")


async def create_account(
    tx: Transaction,
    *,
    email: str,
    name: str,
    password_hash: str,
    roles: Iterable[str],
    networks: Iterable[str] = (),
    account_id: UUID | None = None,
    confirmed: bool = False,
) -> Account:
    """Create an account (input checked by the domain before). Raises Conflict when the address is taken.

    `confirmed`: it is known that mail to the address arrives at the person.
    """
    if await Account.filter(email=fold_email(email)).using_db(tx.connection).exists():
        raise Conflict(TAKEN, [FieldError("email", TAKEN)])
    account = await Account.create(
        id=account_id or new_id(),
        email=fold_email(email),
        name=name,
        password_hash=password_hash,
        roles=sorted(set(roles)),
        email_confirmed=confirmed,
        using_db=tx.connection,
    )
    slugs = sorted(set(networks))
    await Membership.bulk_create([Membership(account=account, network=slug) for slug in slugs], using_db=tx.connection)
    await record(tx, account_changed(account, slugs))
    return account


async def open_session(tx: Transaction, account: Account, replaces: str = "") -> tuple[str, Session]:
    """Open a session under a new random token, ending the one it replaces; returns the token, told only once."""
    if replaces:
        await end_session(tx, replaces)
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    session = await Session.create(
        account=account,
        token_hash=token_hash(token),
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
        using_db=tx.connection,
    )
    return token, session


async def renew_hash(tx: Transaction, account: Account, password_hash: str) -> None:
    """Store the same password hashed with today's settings; nothing that others see changes."""
    await Account.filter(id=account.id).using_db(tx.connection).update(password_hash=password_hash)


async def take_address(tx: Transaction, account: Account, email: str, now: datetime) -> None:
    """Write to the account at `email` from now on: somebody who has it has just confirmed that.

    Raises:
        Conflict: another account has it.
    """
    if await Account.filter(email=email).exclude(id=account.id).using_db(tx.connection).exists():
        raise Conflict(TAKEN, [FieldError("email", TAKEN)])
    values = {"email": email, "email_confirmed": True, "email_since": now, "mail_trouble": ""}
    await Account.filter(id=account.id).using_db(tx.connection).update(**values)


async def set_password(tx: Transaction, account: Account, password_hash: str) -> None:
    """A new password; whoever was signed in with the old one is signed out."""
    await Account.filter(id=account.id).using_db(tx.connection).update(password_hash=password_hash)
    await Session.filter(account_id=account.id).using_db(tx.connection).delete()


async def note_mail_trouble(tx: Transaction, account_id: UUID, trouble: str, mailed_at: datetime) -> None:
    """Write no more to an account's address; not for what came back of a mail to the address it had before."""
    same = Account.filter(Q(email_since__isnull=True) | Q(email_since__lt=mailed_at), id=account_id)
    await same.using_db(tx.connection).update(mail_trouble=trouble)


def needs_touch(session: Session) -> bool:
    """Whether the last use of a session is so long ago that it is worth a write."""
    return datetime.now(UTC) - session.seen_at > SEEN_EVERY


async def touch(tx: Transaction, session: Session) -> None:
    """Note that a session is in use."""
    await Session.filter(id=session.id).using_db(tx.connection).update(seen_at=datetime.now(UTC))


async def end_session(tx: Transaction, token: str) -> None:
    """End the session of a token; nothing happens when there is none."""
    await Session.filter(token_hash=token_hash(token)).using_db(tx.connection).delete()


async def revoke_session(tx: Transaction, account_id: str, session_id: UUID) -> None:
    """End one of the person's own sessions. Raises NotFound for any other."""
    ended = await Session.filter(id=session_id, account_id=account_id).using_db(tx.connection).delete()
    if not ended:
        raise NotFound


async def forget_expired(tx: Transaction) -> int:
    """Delete sessions that can no longer be used; returns how many."""
    now = datetime.now(UTC)
    expired = await Session.filter(expires_at__lte=now).using_db(tx.connection).delete()
    return expired + await Session.filter(seen_at__lte=now - IDLE).using_db(tx.connection).delete()
