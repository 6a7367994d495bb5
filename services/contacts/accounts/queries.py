"""Reading accounts and sessions. A token is looked up by its SHA-256; the token itself is nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from infra.contracts.roles import ADMIN, COORDINATOR
from infra.errors import Unauthenticated
from services.contacts.accounts.domain import IDLE, MAX_EMAIL, fold_email, is_live
from services.contacts.accounts.models import Account, Membership, Session
from services.contacts.accounts.schemas import AccountView, SessionItem


def token_hash(token: str) -> str:
    """What is stored of a token. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def account_by_email(email: str) -> Account | None:
    """The active account with this address."""
    folded = fold_email(email)  # folding may lengthen: ß becomes ss
    return await Account.get_or_none(email=folded, active=True) if len(folded) <= MAX_EMAIL else None


async def own_account(account_id: str) -> Account:
    """The active account of who asks. Raises Unauthenticated for a visitor, and when it was closed a moment ago."""
    account = await Account.get_or_none(id=account_id, active=True) if account_id else None
    if account is None:
        raise Unauthenticated
    return account


async def networks_of(account_id: UUID) -> list[str]:
    """Slugs of the networks that an account belongs to."""
    rows = await Membership.filter(account_id=account_id).order_by("network").values_list("network", flat=True)
    return [str(slug) for slug in rows]


async def view_of(account: Account) -> AccountView:
    """The account as its owner sees it."""
    return AccountView(
        id=str(account.id),
        name=account.name,
        email=account.email,
        roles=list(account.roles),
        networks=await networks_of(account.id),
        language=account.language,
        mail=mail_state(account),
    )


def mail_state(account: Account) -> str:
    """How mail to the account stands: ok, unconfirmed, or why none goes there any more (bounced, complained)."""
    return account.mail_trouble or ("ok" if account.email_confirmed else "unconfirmed")


async def live_session(token: str) -> Session | None:
    """The session of this token with its account, unless it has expired or the account was closed."""
    session = await Session.get_or_none(token_hash=token_hash(token)).select_related("account")
    if session is None or not session.account.active:
        return None
    return session if is_live(session.seen_at, session.expires_at, datetime.now(UTC)) else None


async def sessions_of(account_id: str) -> list[SessionItem]:
    """All live sessions of an account, the one used last first."""
    now = datetime.now(UTC)
    rows = await Session.filter(account_id=account_id, expires_at__gt=now, seen_at__gt=now - IDLE).order_by("-seen_at")
    return [
        SessionItem(str(row.id), row.created_at.isoformat(), row.seen_at.isoformat(), row.expires_at.isoformat())
        for row in rows
    ]


async def coordinators_of(network: str) -> list[Account]:
    """Those who look after a network, by name."""
    rows = await Membership.filter(network=network, account__active=True).select_related("account")
    return sorted((row.account for row in rows if COORDINATOR in row.account.roles), key=lambda account: account.name)


async def holders_of(role: str) -> list[Account]:
    """The active accounts with a role; where nobody has it the administrators, who may do everything."""
    active = await Account.filter(active=True)
    return [a for a in active if role in a.roles] or [a for a in active if ADMIN in a.roles]


async def all_with_networks(accounts: Iterable[Account]) -> list[tuple[Account, list[str]]]:
    """Accounts with the slugs of their networks, in one statement."""
    by_account: dict[UUID, list[str]] = {account.id: [] for account in accounts}
    for row in await Membership.filter(account_id__in=list(by_account)):
        by_account[row.account_id].append(row.network)
    return [(account, by_account[account.id]) for account in accounts]
