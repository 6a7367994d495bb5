"""Reads subscriptions, by the tokens that were mailed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.errors import NotFound, Text
from infra.settings import Settings
from infra.tokens import make_token, read_token
from services.newsletter.context import current, key_for
from services.newsletter.subscribers.domain import ACTIVE, LIFETIMES, Purpose, address_hash, mask
from services.newsletter.subscribers.models import Subscriber
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


def preferences_view(subscriber: Subscriber, token: str) -> PreferencesView:
    """What a subscriber gets. `token` opens it again: the one that led here, so that it is not renewed by looking."""
    return PreferencesView(
        address=mask(subscriber.address),
        districts=subscriber.districts,
        topics=subscriber.topics,
        language="en" if subscriber.language == "en" else "de",
        preferences_token=token,
        unsubscribe_token=token_for(Purpose.UNSUBSCRIBE, subscriber.id),
    )
