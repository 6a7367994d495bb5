"""The operator's own verbs: the first accounts of an installation without a demo."""

from __future__ import annotations

import secrets

from infra.db import transaction
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.domain import check_new_account
from services.contacts.accounts.passwords import hashed


async def add_account(email: str, name: str, role: str, *networks: str) -> str:
    """Create an account with one role and some networks (slugs); returns its password, told only here.

    Raises:
        Invalid: with every field that is wrong. Conflict: the address has an account.
    """
    password = secrets.token_urlsafe(12)
    check_new_account(email, name, password, [role])
    password_hash = await hashed(password)
    async with transaction("contacts") as tx:
        await create_account(tx, email=email, name=name, password_hash=password_hash, roles=[role], networks=networks)
    return password
