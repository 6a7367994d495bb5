"""The mails about a subscription itself and about one's own data. No advertising in any of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from infra.mail import Mail
from infra.mail.letters import Letter
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.rendering.notices import notice, notice_mail
from services.newsletter.rendering.wording import EVERYTHING, NAME, NOTICES
from services.newsletter.subscribers.addresses import mask
from services.newsletter.subscribers.domain import PENDING, Purpose
from services.newsletter.subscribers.models import AddressMove, ServiceMail, Subscriber
from services.newsletter.subscribers.queries import token_for
from services.newsletter.subscribers.wording import LINK, MOVE, MOVED


async def service_mail(row: ServiceMail) -> Mail | None:
    """The mail that a row stands for; None when the person has gone, or has done meanwhile what it asks for."""
    content = await _COMPOSE[row.kind](row)
    if content is None:
        return None
    letter, recipient = content
    return notice_mail(letter, recipient=recipient, sender_name=NAME, message_id=row.message_id)


async def _confirm(row: ServiceMail) -> tuple[Letter, str] | None:
    reader = await Subscriber.get_or_none(id=row.subscriber_id, status=PENDING)
    return (await _about(row, reader, Purpose.CONFIRM, "subscription_confirm"), reader.address) if reader else None


async def _already(row: ServiceMail) -> tuple[Letter, str] | None:
    reader = await Subscriber.get_or_none(id=row.subscriber_id)
    page = "subscription_preferences"
    return (await _about(row, reader, Purpose.PREFERENCES, page), reader.address) if reader else None


async def _about(row: ServiceMail, reader: Subscriber, purpose: Purpose, page: str) -> Letter:
    """What the reader chose, and where to go from there."""
    language = reader.language
    names = await directory.region_names(reader.districts)
    labels = await directory.topic_labels(language)
    everything = EVERYTHING.get(language)
    return notice(
        NOTICES[row.kind],
        current().url(page, token_for(purpose, reader.id), language),
        language,
        districts=", ".join(names.get(slug, slug) for slug in reader.districts) or everything,
        topics=", ".join(labels.get(slug, slug) for slug in reader.topics) or everything,
    )


async def _link(row: ServiceMail) -> tuple[Letter, str] | None:
    """The fresh way to one's own data: `subscriber_id` is here the subject of the token."""
    url = current().url("subscription_data", token_for(Purpose.OWNER, row.subscriber_id), row.language)
    return notice(LINK, url, row.language), row.address


async def _move(row: ServiceMail) -> tuple[Letter, str] | None:
    move = await AddressMove.get_or_none(subscriber_id=row.subscriber_id, address=row.address)
    if move is None:
        return None
    url = current().url("subscription_move", token_for(Purpose.MOVE, move.id), row.language)
    return notice(MOVE, url, row.language), row.address


async def _moved(row: ServiceMail) -> tuple[Letter, str] | None:
    reader = await Subscriber.get_or_none(id=row.subscriber_id)
    if reader is None:
        return None
    url = current().url("subscription_unsubscribe", token_for(Purpose.UNSUBSCRIBE, reader.id), row.language)
    return notice(MOVED, url, row.language, address=mask(reader.address)), row.address


_COMPOSE: dict[str, Callable[[ServiceMail], Awaitable[tuple[Letter, str] | None]]] = {
    "confirm": _confirm,
    "already": _already,
    "link": _link,
    "move": _move,
    "moved": _moved,
}
