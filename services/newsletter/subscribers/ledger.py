"""The consent ledger: a line for each step of a person's agreement, with what proves it; lines are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from infra.db import Transaction
from services.newsletter.subscribers.domain import CONSENT_VERSION
from services.newsletter.subscribers.models import Consent


class Consenting(Protocol):
    """Whoever agrees to get mail, as the ledger names them."""

    @property
    def id(self) -> UUID:
        """Of the subscription."""

    @property
    def address_hash(self) -> str:
        """The keyed hash of the address."""

    @property
    def language(self) -> str:
        """In which the person gets mail."""


@dataclass(frozen=True)
class Named:
    """Who has no subscription, but a line in the ledger."""

    id: UUID
    address_hash: str
    language: str = "de"


async def write_ledger(
    tx: Transaction,
    person: Consenting,
    act: str,
    way: str,
    *,
    message_id: str = "",
    at: datetime | None = None,
    text_version: str = CONSENT_VERSION,
    about: str = "",
    language: str = "",
    form: str = "",
    note: str = "",
) -> None:
    """Add a line (see `models.Consent`); `at` is now unless it is said, `language` the person's."""
    await Consent.create(
        subscriber_id=person.id,
        address_hash=person.address_hash,
        act=act,
        at=at or datetime.now(UTC),
        way=way,
        text_version=text_version,
        language=language or person.language,
        message_id=message_id,
        about=about,
        form=form,
        note=note[:400],
        using_db=tx.connection,
    )
