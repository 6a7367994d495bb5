"""Moving a subscription to another address, which the new one confirms and the old one is told."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import Transaction
from infra.errors import FieldError, Invalid, NotFound, Text
from services.newsletter.subscribers.commands import end, find_locked, lift_own, locked, queue_mail, suppress
from services.newsletter.subscribers.counting import count, has_room, locked_inbox
from services.newsletter.subscribers.domain import ACTIVE, ENDED, MOVE_ASKED, MOVED, UNSUBSCRIBED, Purpose
from services.newsletter.subscribers.ledger import write_ledger
from services.newsletter.subscribers.models import AddressMove, Subscriber
from services.newsletter.subscribers.queries import (
    NOT_SUBSCRIBED,
    by_owner_token,
    hash_of,
    may_be_written_to,
    read_address,
    subscriber_of,
)
from services.newsletter.subscribers.schemas import MoveRequest

_SAME = Text("Das ist schon Ihre Adresse.", "This is your address already.")


async def ask(tx: Transaction, request: MoveRequest) -> None:
    """Mail a link to a new address, which confirms it; until then nothing changes.

    Nothing says whether the new address is known here, or may be written to. A later wish takes the place of an
    earlier one. Raises Invalid (bad token or address), NotFound.
    """
    subscriber = await by_owner_token(request.token)
    address, errors = read_address(request.email)
    hashed = hash_of(address)
    if hashed == subscriber.address_hash:
        errors = [FieldError("email", _SAME)]
    if errors:
        raise Invalid(fields=errors)
    now = datetime.now(UTC)
    entry = await locked_inbox(tx, address, now)
    subscriber = await locked(tx, subscriber.id)
    if not has_room(entry, known=False, now=now) or not await may_be_written_to(hashed, now):
        return
    await AddressMove.filter(subscriber_id=subscriber.id).using_db(tx.connection).delete()
    await AddressMove.create(subscriber_id=subscriber.id, address=address, asked_at=now, using_db=tx.connection)
    await count(tx, entry, now)
    mail = await queue_mail(tx, "move", subscriber.id, now, language=subscriber.language, address=address)
    await write_ledger(tx, subscriber, MOVE_ASKED, "page", at=now, message_id=mail.message_id)


async def confirm(tx: Transaction, token: str) -> Subscriber:
    """Move by the token that was mailed to the new address, and tell the old one; a second time changes nothing.

    What was subscribed under the new address before ends: the choice that moves is the newer one. The old address stays
    suppressed as one that left, so that no import brings it back. Raises Invalid (bad token), NotFound.
    """
    move = await AddressMove.filter(id=subscriber_of(Purpose.MOVE, token)).using_db(tx.connection).first()
    subscriber = await find_locked(tx, move.subscriber_id) if move else None
    if move is None or subscriber is None or subscriber.status != ACTIVE:
        raise NotFound(NOT_SUBSCRIBED)
    if not await AddressMove.filter(id=move.id).using_db(tx.connection).delete():  # another click was faster
        raise NotFound(NOT_SUBSCRIBED)
    now, old, hashed = datetime.now(UTC), subscriber.address, hash_of(move.address)
    await locked_inbox(tx, move.address, now)  # a sign-up of the new address waits
    await suppress(tx, subscriber.address_hash, UNSUBSCRIBED)
    other = await Subscriber.filter(address_hash=hashed).using_db(tx.connection).select_for_update().first()
    if other is not None:
        await end(tx, other, ENDED, "moved-here")
    await lift_own(tx, hashed)
    subscriber.update_from_dict({"address": move.address, "address_hash": hashed})
    await subscriber.save(using_db=tx.connection, update_fields=["address", "address_hash"])
    await write_ledger(tx, subscriber, MOVED, "link-and-button", at=now)
    await queue_mail(tx, "moved", subscriber.id, now, language=subscriber.language, address=old)
    return subscriber
