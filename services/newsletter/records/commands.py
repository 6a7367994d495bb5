"""The way to one's own data, erasing it, and what editors do for an address: end, block, allow again."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.db import Transaction
from infra.errors import NotFound, Text
from infra.web.identity import Identity
from services.newsletter.alerts.commands import end_all
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.bounces.models import Reply
from services.newsletter.deliveries.models import Delivery
from services.newsletter.issues.models import Issue
from services.newsletter.records.queries import address_of, typed_address
from services.newsletter.subscribers.commands import end, queue_mail, suppress
from services.newsletter.subscribers.counting import count, has_room, locked_inbox
from services.newsletter.subscribers.domain import ACTIVE, BLOCKED, ENDED, ERASED, LIFTED, Purpose, owner_of
from services.newsletter.subscribers.ledger import Named, write_ledger
from services.newsletter.subscribers.models import ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import by_preferences_token, hash_of, may_be_written_to, subscriber_of

_NOT_SUPPRESSED = Text("Diese Adresse ist nicht gesperrt.", "This address is not suppressed.")
_NOT_SUBSCRIBED = Text("Diese Adresse bekommt keinen Newsletter.", "This address does not receive the newsletter.")


async def ask_for_link(tx: Transaction, typed: str, language: str) -> None:
    """Mail the way to their own data to whoever owns an address, if it is stored here; else nothing happens.

    Only addresses that are stored get mail: who left is not written to again, whoever types the address.
    Raises Invalid.
    """
    address, now = typed_address(typed), datetime.now(UTC)
    hashed = hash_of(address)
    if not await may_be_written_to(hashed, now):
        return
    entry = await locked_inbox(tx, address, now)
    reader = await Subscriber.filter(address_hash=hashed).using_db(tx.connection).first()
    alerts = AlertSubscription.filter(address_hash=hashed).using_db(tx.connection)
    known = reader is not None and reader.status == ACTIVE
    known = known or await alerts.filter(status=ACTIVE).exists()
    stored = reader.address if reader else await alerts.first().values_list("address", flat=True)
    if not stored or not has_room(entry, known=known, now=now):
        return
    await count(tx, entry, now)
    await queue_mail(tx, "link", owner_of(hashed), now, language=language, address=str(stored))


async def ask_for_link_by_preferences(tx: Transaction, token: str, language: str) -> None:
    """The same from the page of the preferences: the mail goes to the subscriber, whoever is looking at it.

    Raises Invalid (bad token), NotFound.
    """
    await ask_for_link(tx, (await by_preferences_token(token)).address, language)


async def erase(tx: Transaction, token: str) -> None:
    """Delete all that is held about the address of an owner's token, its alerts too.

    What stays is proof without the address: the ledger under the keyed hash, with this as its last line, and the
    suppression that keeps imports from bringing the address back. Raises Invalid (bad token), NotFound.
    """
    owner = subscriber_of(Purpose.OWNER, token)
    address = await address_of(owner)
    hashed = hash_of(address)
    reader = await _locked(tx, hashed)
    if reader is None:
        await suppress(tx, hashed, ERASED)
    else:
        await _forget_mails(tx, reader.id)
        await end(tx, reader, ERASED, "page", reason=ERASED)
    await end_all(tx, hashed, ERASED, "page")
    await ServiceMail.filter(subscriber_id=owner).using_db(tx.connection).delete()
    await Reply.filter(sender__iexact=address).using_db(tx.connection).delete()


async def end_for(tx: Transaction, identity: Identity, typed: str, note: str) -> None:
    """End the subscription of somebody who asked by telephone or letter. Raises Invalid, NotFound."""
    reader = await _locked(tx, hash_of(typed_address(typed)))
    if reader is None:
        raise NotFound(_NOT_SUBSCRIBED)
    await end(tx, reader, ENDED, "desk", note=_signed(identity, note))


async def block(tx: Transaction, identity: Identity, typed: str, note: str) -> None:
    """Let no mail go to an address any more, whoever asks for it; what it gets ends. Raises Invalid."""
    hashed = hash_of(typed_address(typed))
    reader, signed = await _locked(tx, hashed), _signed(identity, note)
    if reader is None:
        await suppress(tx, hashed, BLOCKED)
        await write_ledger(tx, Named(owner_of(hashed), hashed), BLOCKED, "desk", text_version="", note=signed)
    else:
        await end(tx, reader, BLOCKED, "desk", reason=BLOCKED, note=signed)
    await end_all(tx, hashed, BLOCKED, "desk")


async def lift(tx: Transaction, identity: Identity, typed: str, note: str) -> None:
    """Allow mail to an address again, for whatever reason it was suppressed; it subscribes nobody.

    Raises Invalid, NotFound.
    """
    hashed = hash_of(typed_address(typed))
    if not await Suppression.filter(address_hash=hashed).using_db(tx.connection).delete():
        raise NotFound(_NOT_SUPPRESSED)
    person = Named(owner_of(hashed), hashed)
    await write_ledger(tx, person, LIFTED, "desk", text_version="", note=_signed(identity, note))


async def _locked(tx: Transaction, address_hash: str) -> Subscriber | None:
    return await Subscriber.filter(address_hash=address_hash).using_db(tx.connection).select_for_update().first()


async def _forget_mails(tx: Transaction, subscriber_id: UUID) -> None:
    """Mails about the subscription go; of issues the account stays, without what servers said: it may name somebody."""
    await ServiceMail.filter(subscriber_id=subscriber_id).using_db(tx.connection).delete()
    issues = await Issue.all().using_db(tx.connection).values_list("id", flat=True)  # by which the rows are indexed
    of_reader = Delivery.filter(issue_id__in=list(issues), subscriber_id=subscriber_id)
    await of_reader.using_db(tx.connection).update(reply="")


def _signed(identity: Identity, note: str) -> str:
    """Why, and which account did it: names change, and stand elsewhere."""
    return f"{note} ({identity.account})"
