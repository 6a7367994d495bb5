"""Signing up, confirming, choosing and leaving; each step leaves a line in the consent ledger.

Rows are locked in one order: the mailbox first where a form causes a mail, then the subscription, then the suppression.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from infra.db import Transaction
from infra.errors import FieldError, Invalid, NotFound, Text
from infra.mail.posting.rounds import new_posting
from services.newsletter.context import current
from services.newsletter.directory.queries import choice_errors
from services.newsletter.jobs import SEND_SERVICE_MAILS, jobs
from services.newsletter.subscribers.counting import count, has_room, locked_inbox
from services.newsletter.subscribers.domain import (
    ACTIVE,
    ASKED,
    BOUNCED,
    CHANGED,
    CONFIRMED,
    CONSENT_TEXTS,
    CONSENT_VERSION,
    LONGEST_PAUSE,
    OWN_REASONS,
    PENDING,
    UNSUBSCRIBED,
    Purpose,
    is_stronger,
    may_mail,
)
from services.newsletter.subscribers.ledger import write_ledger
from services.newsletter.subscribers.models import AddressMove, AlertAddress, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import (
    NOT_SUBSCRIBED,
    hash_of,
    may_be_written_to,
    read_address,
    subscriber_of,
)
from services.newsletter.subscribers.schemas import PreferencesRequest, SubscriptionRequest

_NO_TEXT = Text(
    "Diese Fassung des Einwilligungstextes gibt es nicht. Bitte laden Sie das Formular neu.",
    "There is no such version of the consent text. Please reload the form.",
)
_PAUSE = Text(
    "Bitte geben Sie einen Tag in den nächsten zwei Jahren an.",
    "Please give a day within the next two years.",
)


async def subscribe(tx: Transaction, request: SubscriptionRequest, shown_in: str = "") -> ServiceMail | None:
    """Take a sign-up made in the language `shown_in`; returns the mail it causes, None when none may go out.

    An active subscription is never changed this way, since anybody can type anybody's address: its owner gets a
    link to the preferences instead. Where no mail may go out, nothing is kept of a newcomer either. Raises Invalid with
    every wrong field.
    """
    address = await _checked(request)
    now = datetime.now(UTC)
    if not await may_be_written_to(hash_of(address), now):
        return None
    entry = await locked_inbox(tx, address, now)
    subscriber = await _signing_up(tx, entry, address, _choice(request), now)
    if subscriber is None:
        return None
    room = has_room(entry, known=subscriber.status == ACTIVE, now=now)
    if not room or not may_mail(subscriber.status, subscriber.mails, subscriber.last_mail_at, now):
        return None
    await _update(tx, subscriber, mails=subscriber.mails + 1, last_mail_at=now)
    await count(tx, entry, now)
    pending = subscriber.status == PENDING
    mail = await queue_mail(tx, "confirm" if pending else "already", subscriber.id, now, language=subscriber.language)
    if pending:
        version = request.text_version or CONSENT_VERSION
        proof = {"message_id": mail.message_id, "form": request.form, "text_version": version}
        await write_ledger(tx, subscriber, ASKED, "form", at=now, language=shown_in, **proof)
    return mail


async def confirm(tx: Transaction, token: str) -> Subscriber:
    """Start a subscription by the token of its confirmation mail; confirming twice changes nothing.

    Raises Invalid (bad token), NotFound (deleted meanwhile).
    """
    subscriber = await locked(tx, subscriber_of(Purpose.CONFIRM, token))
    if subscriber.status == PENDING:
        await _update(tx, subscriber, status=ACTIVE, confirmed_at=datetime.now(UTC))
        await write_ledger(tx, subscriber, CONFIRMED, "link-and-button")
        await lift_own(tx, subscriber.address_hash)
    return subscriber


async def change_preferences(tx: Transaction, request: PreferencesRequest) -> Subscriber:
    """Replace what a subscriber gets. Raises Invalid (bad token or choice), NotFound."""
    subscriber = await locked(tx, subscriber_of(Purpose.PREFERENCES, request.token))
    if subscriber.status != ACTIVE:
        raise NotFound(NOT_SUBSCRIBED)
    errors = await choice_errors(request.districts, request.topics)
    today, until = datetime.now(UTC).date(), request.paused_until
    if until is not None and not today < until <= today + LONGEST_PAUSE:
        errors.append(FieldError("paused_until", _PAUSE))
    if errors:
        raise Invalid(fields=errors)
    await _update(tx, subscriber, **_choice(request), paused_until=until)
    await write_ledger(tx, subscriber, CHANGED, "page")
    return subscriber


async def unsubscribe(tx: Transaction, token: str, way: str) -> None:
    """End a subscription: the address goes, its keyed hash stays. Nothing happens when it has ended before.

    Raises Invalid (bad token).
    """
    subscriber = await find_locked(tx, subscriber_of(Purpose.UNSUBSCRIBE, token))
    if subscriber is not None:
        await end(tx, subscriber, UNSUBSCRIBED, way)


async def end(
    tx: Transaction, subscriber: Subscriber, act: str, way: str, *, reason: str = UNSUBSCRIBED, note: str = ""
) -> None:
    """End a subscription (its row must be locked): a line in the ledger, the suppression, and the address goes."""
    await write_ledger(tx, subscriber, act, way, note=note)
    await suppress(tx, subscriber.address_hash, reason)
    await AddressMove.filter(subscriber_id=subscriber.id).using_db(tx.connection).delete()
    await subscriber.delete(using_db=tx.connection)


async def suppress(tx: Transaction, address_hash: str, reason: str) -> None:
    """Forbid mail to an address; a reason takes the place of weaker ones only (`domain.REASONS`)."""
    now = datetime.now(UTC)
    row = Suppression(address_hash=address_hash, reason=reason, at=now)
    await Suppression.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
    same = Suppression.filter(address_hash=address_hash).using_db(tx.connection)
    stored = await same.select_for_update().get()
    if is_stronger(reason, stored.reason):
        await same.update(reason=reason, at=now)


async def lift_own(tx: Transaction, address_hash: str) -> None:
    """Somebody confirmed anew by mail: that ends the suppression of having left, and of a bounce, as it arrived."""
    lifted = Suppression.filter(address_hash=address_hash, reason__in=(*OWN_REASONS, BOUNCED))
    await lifted.using_db(tx.connection).delete()


async def queue_mail(
    tx: Transaction, kind: str, subject: UUID, now: datetime, *, language: str, address: str = ""
) -> ServiceMail:
    """Put a mail about a subscription into the post (kinds, `subject` and `address`: see `models.ServiceMail`)."""
    values: dict[str, Any] = {"kind": kind, "subscriber_id": subject, "language": language, "address": address}
    mail = new_posting(ServiceMail, current(), now, **values)
    await mail.save(using_db=tx.connection, force_create=True)
    tx.after_commit(jobs.later(SEND_SERVICE_MAILS))
    return mail


async def locked(tx: Transaction, subscriber_id: UUID) -> Subscriber:
    """The subscription, locked. Raises NotFound."""
    subscriber = await find_locked(tx, subscriber_id)
    if subscriber is None:
        raise NotFound(NOT_SUBSCRIBED)
    return subscriber


async def find_locked(tx: Transaction, subscriber_id: UUID) -> Subscriber | None:
    """The subscription, locked, or None."""
    return await Subscriber.filter(id=subscriber_id).using_db(tx.connection).select_for_update().first()


async def _signing_up(
    tx: Transaction, entry: AlertAddress, address: str, choice: dict[str, Any], now: datetime
) -> Subscriber | None:
    """The subscription at an address, locked; made if there is none and a mail may go out. Before confirming, the last
    choice counts.
    """
    hashed = hash_of(address)
    same = Subscriber.filter(address_hash=hashed).using_db(tx.connection).select_for_update()
    subscriber = await same.first()
    if subscriber is None and has_room(entry, known=False, now=now):
        newcomer = Subscriber(address=address, address_hash=hashed, asked_at=now, **choice)
        await Subscriber.bulk_create([newcomer], ignore_conflicts=True, using_db=tx.connection)  # a list may be faster
        return await same.get()
    if subscriber is not None and subscriber.status == PENDING:
        await _update(tx, subscriber, **choice)
    return subscriber


def _choice(request: SubscriptionRequest | PreferencesRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("districts", "topics", "language", "frequency")}


async def _checked(request: SubscriptionRequest) -> str:
    """The address to write to, its domain in ASCII (IDNA 2008). Raises Invalid with every wrong field."""
    address, errors = read_address(request.email)
    errors += await choice_errors(request.districts, request.topics)
    if request.text_version and request.text_version not in CONSENT_TEXTS:
        errors.append(FieldError("text_version", _NO_TEXT))
    if errors:
        raise Invalid(fields=errors)
    return address


async def _update(tx: Transaction, subscriber: Subscriber, **values: object) -> None:
    subscriber.update_from_dict(values)
    await subscriber.save(using_db=tx.connection, update_fields=list(values))
