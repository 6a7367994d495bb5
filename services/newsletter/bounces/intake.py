"""Takes in what came by one of the ways: LMTP, HTTP or a mailbox. When it returns, all of it has been committed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence

from infra.settings import Settings
from services.newsletter.bounces.commands import settle
from services.newsletter.bounces.domain import Kind
from services.newsletter.bounces.reading import Incoming, Reading, read
from services.newsletter.context import current

log = logging.getLogger(__name__)


async def take(incoming: Sequence[Incoming]) -> None:
    """Read and settle some mails, at most a batch of them. What was taken before changes nothing."""
    readings = await asyncio.to_thread(_read_all, current().settings, incoming)
    await settle(readings)


def _read_all(settings: Settings, incoming: Sequence[Incoming]) -> list[Reading]:
    return [read_safely(settings, item) for item in incoming]


def read_safely(settings: Settings, item: Incoming) -> Reading:
    """What came in; `unreadable` where no program can make sense of it."""
    try:
        return read(settings, item)
    except Exception:  # the border of the consumer: what trips the library must not come back for ever
        log.exception("a mail could not be read", extra={"way": item.way, "bytes": item.size})
        return Reading(hashlib.sha256(item.start).hexdigest(), item.way, Kind.UNREADABLE)
