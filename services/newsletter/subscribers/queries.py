"""Reads subscriptions, by the tokens that were mailed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.errors import FieldError, NotFound, Text
from infra.settings import Settings
from infra.tokens import make_token, read_token
from services.newsletter.context import current, key_for
from services.newsletter.subscribers.addresses import address_hash, address_problem, mask, writable_address
from services.newsletter.subscribers.domain import ACTIVE, EVERY, LIFETIMES, Purpose, forbids
from services.newsletter.subscribers.models import Subscriber, Suppression
from services.newsletter.subscribers.schemas import PreferencesView

NOT_SUBSCRIBED = Text(
    "Diese Anmeldung gibt es nicht mehr. Sie können sich jederzeit neu anmelden.",
    "This subscription no longer exists. You can sign up again at any time.",
)


def token_for(purpose: Purpose, subscriber_id: UUID) -> str:
    """A fresh token that lets its holder do one thing for one subscriber."""
    return make_token(current().key(purpose), subscriber_id, datetime.now(UTC))


def subscriber_of(purpose: Purpose, token: str) -> UUID:
    """Whose token this is. Raises Invalid unless it was made for `purpose`."""
    return read_token(current().key(purpose), token, datetime.now(UTC), LIFETIMES.get(purpose)).subject


def hash_of(address: str) -> str:
    """The keyed hash under which an address is known here."""
    return address_hash(current().key("address"), address)


def read_address(typed: str) -> tuple[str, list[FieldError]]:
    """The address to write to, its domain in ASCII (IDNA 2008), and what is wrong with it at the field `email`."""
    settings = current().settings
    problem = address_problem(typed, demo=settings.demo, disposable=settings.newsletter_disposable)
    address = writable_address(typed, demo=settings.demo)
    return address, [FieldError("email", problem)] if problem else []


async def may_be_written_to(address_hash: str, now: datetime) -> bool:
    """Whether a form may cause a mail to this address: no complaint, recent bounce or editor forbids it.

    Having left the newsletter is another matter: who left may come back, and may have alerts.
    """
    row = await Suppression.get_or_none(address_hash=address_hash)
    return row is None or not forbids(row.reason, row.at, now)


async def secret_fits(settings: Settings) -> bool:
    """Whether the address that came last was hashed under this LOTSE_SECRET; also when there is none."""
    newest = await Subscriber.all().order_by("-asked_at").first()
    return newest is None or newest.address_hash == address_hash(key_for(settings, "address"), newest.address)


async def by_preferences_token(token: str) -> Subscriber:
    """The confirmed subscriber who holds a preferences token. Raises Invalid, NotFound."""
    subscriber = await Subscriber.get_or_none(id=subscriber_of(Purpose.PREFERENCES, token), status=ACTIVE)
    if subscriber is None:
        raise NotFound(NOT_SUBSCRIBED)
    return subscriber


def owned(address_hash_prefix: UUID) -> dict[str, str]:
    """The filter for rows of one address, by what an owner's token names of it (`domain.owner_of`)."""
    prefix = address_hash_prefix.hex
    return {"address_hash__gte": prefix, "address_hash__lt": prefix + "g"}  # a range, which every index can follow


async def by_owner_token(token: str) -> Subscriber:
    """The confirmed subscriber at the address of an owner's token. Raises Invalid, NotFound."""
    subscriber = await Subscriber.filter(**owned(subscriber_of(Purpose.OWNER, token)), status=ACTIVE).first()
    if subscriber is None:
        raise NotFound(NOT_SUBSCRIBED)
    return subscriber


def preferences_view(subscriber: Subscriber, token: str) -> PreferencesView:
    """What a subscriber gets. `token` opens it again: the one that led here, so that it is not renewed by looking."""
    return PreferencesView(
        address=mask(subscriber.address),
        districts=subscriber.districts,
        topics=subscriber.topics,
        language="en" if subscriber.language == "en" else "de",
        frequency="every" if subscriber.frequency == EVERY else "news",
        paused_until=subscriber.paused_until,
        preferences_token=token,
        unsubscribe_token=token_for(Purpose.UNSUBSCRIBE, subscriber.id),
    )
