"""The operator's own verbs: the first accounts of an installation without a demo."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from infra.db import transaction
from services.contacts.access.commands import ask_confirmation
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.domain import check_new_account
from services.contacts.accounts.passwords import hashed
from services.contacts.directory.models import Network
from services.contacts.known import Known
from services.contacts.lookup import existing


async def add_account(email: str, name: str, roles: Sequence[str], networks: Sequence[str] = ()) -> str:
    """Create an account with its roles and networks (slugs); returns its password, told only here.

    A mail goes to the address, by which its holder confirms it.

    Raises:
        Invalid: with every field that is wrong. Conflict: the address has an account.
    """
    check_new_account(email, name, roles, networks, Known({"networks": await existing(Network, networks)}))
    password = secrets.token_urlsafe(12)
    password_hash = await hashed(password)
    async with transaction("contacts") as tx:
        account = await create_account(
            tx, email=email, name=name, password_hash=password_hash, roles=roles, networks=networks
        )
        await ask_confirmation(tx, account)
    return password
