"""Signing up, confirming, choosing and leaving; each step leaves a line in the consent ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from infra.db import Transaction
from infra.errors import FieldError, Invalid, NotFound
from infra.ids import new_id
from services.newsletter.context import current
from services.newsletter.directory.queries import choice_errors
from services.newsletter.jobs import SEND_SERVICE_MAILS, jobs
from services.newsletter.subscribers.domain import (
    ACTIVE,
    ASKED,
    BAD_ADDRESS,
    CHANGED,
    CONFIRMED,
    CONSENT_VERSION,
    PENDING,
    UNCONFIRMED_DAYS,
    UNSUBSCRIBED,
    Purpose,
    may_mail,
    writable_address,
)
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import NOT_SUBSCRIBED, hash_of, subscriber_of
from services.newsletter.subscribers.schemas import PreferencesRequest, SubscriptionRequest


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
        """In which the wording was shown."""


async def subscribe(tx: Transaction, request: SubscriptionRequest) -> ServiceMail | None:
    """Take a sign-up; returns the mail it causes, None when this address had one lately.

    An active subscription is never changed this way, since anybody can type anybody's address: its owner gets a
    link to the preferences instead. Raises Invalid with every wrong field.
    """
    address = await _checked(request)
    now, hashed = datetime.now(UTC), hash_of(address)
    choice = {"districts": request.districts, "topics": request.topics, "language": request.language}
    newcomer = Subscriber(address=address, address_hash=hashed, asked_at=now, **choice)
    await Subscriber.bulk_create([newcomer], ignore_conflicts=True, using_db=tx.connection)
    same = Subscriber.filter(address_hash=hashed).using_db(tx.connection).select_for_update()
    subscriber = await same.get()
    if subscriber.status == PENDING:
        await _update(tx, subscriber, **choice)
    if not may_mail(subscriber.status, subscriber.mails, subscriber.last_mail_at, now):
        return None
    await _update(tx, subscriber, mails=subscriber.mails + 1, last_mail_at=now)
    mail = await _queue_mail(tx, subscriber, now)
    if subscriber.status == PENDING:
        await write_ledger(tx, subscriber, ASKED, "form", message_id=mail.message_id)
    return mail


async def confirm(tx: Transaction, token: str) -> Subscriber:
    """Start a subscription by the token of its confirmation mail; confirming twice changes nothing.

    Raises Invalid (bad token), NotFound (deleted meanwhile).
    """
    subscriber = await _locked(tx, subscriber_of(Purpose.CONFIRM, token))
    if subscriber.status == PENDING:
        await _update(tx, subscriber, status=ACTIVE, confirmed_at=datetime.now(UTC))
        await write_ledger(tx, subscriber, CONFIRMED, "link-and-button")
        # Who confirms anew wants mail again: the suppression of an earlier leaving ends, one for other reasons stays.
        await (
            Suppression.filter(address_hash=subscriber.address_hash, reason=UNSUBSCRIBED)
            .using_db(tx.connection)
            .delete()
        )
    return subscriber


async def change_preferences(tx: Transaction, request: PreferencesRequest) -> Subscriber:
    """Replace what a subscriber gets. Raises Invalid (bad token or choice), NotFound."""
    subscriber = await _locked(tx, subscriber_of(Purpose.PREFERENCES, request.token))
    if subscriber.status != ACTIVE:
        raise NotFound(NOT_SUBSCRIBED)
    errors = await choice_errors(request.districts, request.topics)
    if errors:
        raise Invalid(fields=errors)
    await _update(tx, subscriber, districts=request.districts, topics=request.topics, language=request.language)
    await write_ledger(tx, subscriber, CHANGED, "page")
    return subscriber


async def unsubscribe(tx: Transaction, token: str, way: str) -> None:
    """End a subscription: the address goes, its keyed hash stays. Nothing happens when it has ended before.

    Raises Invalid (bad token).
    """
    subscriber = await _find_locked(tx, subscriber_of(Purpose.UNSUBSCRIBE, token))
    if subscriber is None:
        return
    now = datetime.now(UTC)
    await write_ledger(tx, subscriber, UNSUBSCRIBED, way)
    suppression = Suppression(address_hash=subscriber.address_hash, reason=UNSUBSCRIBED, at=now)
    await Suppression.bulk_create([suppression], ignore_conflicts=True, using_db=tx.connection)
    await subscriber.delete(using_db=tx.connection)


async def delete_unconfirmed(tx: Transaction, now: datetime) -> int:
    """Delete sign-ups that nobody confirmed in time, with all that was kept about them; returns how many."""
    limit = now - timedelta(days=UNCONFIRMED_DAYS)
    old = Subscriber.filter(status=PENDING, asked_at__lt=limit).using_db(tx.connection)
    ids = list(await old.values_list("id", flat=True))
    await Consent.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
    await ServiceMail.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
    return await Subscriber.filter(id__in=ids, status=PENDING).using_db(tx.connection).delete()


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
) -> None:
    """Add a line to the consent ledger; `at` is now unless it is said, `about` what it is besides the newsletter."""
    await Consent.create(
        subscriber_id=person.id,
        address_hash=person.address_hash,
        act=act,
        at=at or datetime.now(UTC),
        way=way,
        text_version=text_version,
        language=person.language,
        message_id=message_id,
        about=about,
        using_db=tx.connection,
    )


async def _checked(request: SubscriptionRequest) -> str:
    """The address to write to, its domain in ASCII (IDNA 2008). Raises Invalid with every wrong field."""
    errors = await choice_errors(request.districts, request.topics)
    address = writable_address(request.email, demo=current().settings.demo)
    if not address:
        errors.insert(0, FieldError("email", BAD_ADDRESS))
    if errors:
        raise Invalid(fields=errors)
    return address


async def _locked(tx: Transaction, subscriber_id: UUID) -> Subscriber:
    subscriber = await _find_locked(tx, subscriber_id)
    if subscriber is None:
        raise NotFound(NOT_SUBSCRIBED)
    return subscriber


async def _find_locked(tx: Transaction, subscriber_id: UUID) -> Subscriber | None:
    return await Subscriber.filter(id=subscriber_id).using_db(tx.connection).select_for_update().first()


async def _update(tx: Transaction, subscriber: Subscriber, **values: object) -> None:
    subscriber.update_from_dict(values)
    await subscriber.save(using_db=tx.connection, update_fields=list(values))


async def _queue_mail(tx: Transaction, subscriber: Subscriber, now: datetime) -> ServiceMail:
    """Put the confirmation (or, for who is subscribed already, the link to the preferences) into the post."""
    pending = subscriber.status == PENDING
    mail_id = new_id()
    mail = await ServiceMail.create(
        id=mail_id,
        kind="confirm" if pending else "already",
        subscriber_id=subscriber.id,
        message_id=f"<{mail_id}@{current().mail_domain}>",
        next_at=now,
        created_at=now,
        changed_at=now,
        using_db=tx.connection,
    )
    tx.after_commit(jobs.later(SEND_SERVICE_MAILS))
    return mail
