"""What others learn about an account: its public name and its rights, never its address."""

from __future__ import annotations

from collections.abc import Iterable

from infra.contracts.contacts import AccountChanged
from services.contacts.accounts.models import Account


def account_changed(account: Account, networks: Iterable[str]) -> AccountChanged:
    """The account as it stands now."""
    return AccountChanged(
        id=str(account.id),
        version=account.version,
        name=account.name,
        roles=list(account.roles),
        networks=sorted(networks),
        active=account.active,
    )
