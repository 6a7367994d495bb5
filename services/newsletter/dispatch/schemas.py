"""Answers of the dispatch report, for editors only."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from services.newsletter.deliveries.schemas import Counts

DeliveryStatus = Literal["waiting", "claimed", "sent", "failed", "suppressed", "uncertain"]


class ResendRequest(msgspec.Struct, forbid_unknown_fields=True):
    """To whom an issue goes once more: those with whom it failed, or those with whom it is uncertain."""

    status: Literal["failed", "uncertain"]


class DomainCounts(msgspec.Struct):
    """The accounts of the recipients of one domain; "" are those who have left since, and all smaller domains."""

    domain: str
    counts: Counts


class DispatchView(msgspec.Struct):
    """How a dispatch went. `frozen_at` is when its audience was last frozen (ISO 8601, "" before).

    `domains` are those with most recipients, then one for all others; `newcomers` have confirmed since.
    """

    counts: Counts
    frozen_at: str
    domains: list[DomainCounts]
    newcomers: int


class DeliveryQuery(msgspec.Struct):
    """A page of recipients, all or those in one status."""

    status: DeliveryStatus | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    cursor: str = ""


class DeliveryView(msgspec.Struct):
    """One recipient: `address` is "" once the person has unsubscribed, `reply` is the mail server's last answer.

    `at` is the time of the last change, `next_at` when a waiting one is tried again (ISO 8601).
    """

    id: str
    address: str
    language: str
    districts: list[str]
    topics: list[str]
    status: DeliveryStatus
    attempts: int
    reply_code: int
    reply: str
    message_id: str
    at: str
    next_at: str


class DeliveryPage(msgspec.Struct):
    """Recipients in the order of their rows, with the accounts of the whole dispatch."""

    items: list[DeliveryView]
    total: int
    counts: Counts
    next: str | None = None
