"""Reads the tokens that were mailed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.tokens import make_token, read_token
from services.contacts.alerts.domain import STOP
from services.contacts.context import current


def stop_token(saved_search: UUID) -> str:
    """A token that lets its holder stop the mails about one saved search."""
    return make_token(current().key(STOP), saved_search, datetime.now(UTC))


def search_of(token: str) -> UUID:
    """The saved search that a token stops. Raises Invalid."""
    return read_token(current().key(STOP), token, datetime.now(UTC)).subject
