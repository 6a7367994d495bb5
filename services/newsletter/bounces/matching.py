"""Finds the mail of ours that something is about, and whom it went to: by signed address first, then by Message-ID.

What else a report says, an address in its text above all, is never asked: anybody can write that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from infra.db import Transaction
from infra.ids import as_id
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.bounces.reading import Reading
from services.newsletter.deliveries.models import Delivery
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.domain import MOVED
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber
from services.newsletter.subscribers.queries import hash_of

# How postings and dispatch make their Message-IDs: <id@domain>, <issue.subscriber@domain>.
_OF_ROW = re.compile(r"<([0-9a-f-]{36})@[^<>\s]+>")
_OF_ISSUE = re.compile(r"<([a-z0-9-]{1,40})\.([0-9a-f]{32})@[^<>\s]+>")
_SINGLE: tuple[type[ServiceMail] | type[AlertMail], ...] = (ServiceMail, AlertMail)
_TABLES: tuple[type[Delivery] | type[ServiceMail] | type[AlertMail], ...] = (Delivery, *_SINGLE)
_Row = Delivery | ServiceMail | AlertMail


@dataclass(frozen=True)
class Match:
    """A mail that went out. `address_hash` and `domain` are its recipient's, "" when that person is not known any more
    or has another address by now."""

    service: str
    posting_id: UUID
    issue_id: UUID | None = None
    address_hash: str = ""
    domain: str = ""


async def matched(tx: Transaction, readings: Sequence[Reading]) -> Mapping[str, Match]:
    """What readings are about, by their digest; those about nothing of ours are missing."""
    told = {
        each for reading in readings if reading.report and not reading.posting for each in reading.report.message_ids
    }
    rows = [*await _signed(tx, readings), *await _named(tx, told)]
    by_id, by_message_id = {row.id: row for row in rows}, {row.message_id: row for row in rows}
    recipients = await _recipients(tx, by_id.values())
    found: dict[str, Match] = {}
    for reading in readings:
        if reading.posting is not None and reading.posting[0] != SERVICE:
            found[reading.digest] = Match(*reading.posting)
        elif row := _row_of(reading, by_id, by_message_id):
            found[reading.digest] = recipients[row.id]
    return found


async def issues_answered(tx: Transaction, readings: Sequence[Reading]) -> Mapping[str, str]:
    """The slug of the issue that a person's mail answers, by digest, where its headers name a mail of that issue."""
    asked = {reading.digest: reading.letter.answers for reading in readings if reading.letter}
    rows = await _deliveries(tx, {each for several in asked.values() for each in several})
    slugs = {row.message_id: match[1] for row in rows if (match := _OF_ISSUE.fullmatch(row.message_id))}
    answered = {digest: [slugs[each] for each in several if each in slugs] for digest, several in asked.items()}
    return {digest: found[0] for digest, found in answered.items() if found}


def _row_of(reading: Reading, by_id: Mapping[UUID, _Row], by_message_id: Mapping[str, _Row]) -> _Row | None:
    """A signed address names its row; of Message-IDs only one that a row has word for word."""
    if reading.posting is not None:
        return by_id.get(reading.posting[1])
    told = reading.report.message_ids if reading.report else ()
    return next((by_message_id[each] for each in told if each in by_message_id), None)


async def _signed(tx: Transaction, readings: Sequence[Reading]) -> list[_Row]:
    """The rows that signed addresses name."""
    ids = {reading.posting[1] for reading in readings if reading.posting and reading.posting[0] == SERVICE}
    return [row for table in _TABLES if ids for row in await table.filter(id__in=ids).using_db(tx.connection)]


async def _named(tx: Transaction, message_ids: Iterable[str]) -> list[_Row]:
    """The rows that Message-IDs seem to name."""
    told = set(message_ids)
    ids = {row_id for each in told if (match := _OF_ROW.fullmatch(each)) and (row_id := as_id(match[1]))}
    singles: list[_Row] = [
        row for table in _SINGLE if ids for row in await table.filter(id__in=ids).using_db(tx.connection)
    ]
    return [*singles, *await _deliveries(tx, told)]


async def _deliveries(tx: Transaction, message_ids: Iterable[str]) -> list[Delivery]:
    """The mails of issues among them, by issue and reader: there is no index of Message-IDs."""
    pairs = {match.groups() for each in message_ids if (match := _OF_ISSUE.fullmatch(each))}
    if not pairs:
        return []
    issues = await Issue.filter(slug__in={slug for slug, _ in pairs}).using_db(tx.connection).only("id")
    readers = {UUID(reader) for _, reader in pairs}
    rows = Delivery.filter(issue_id__in=[issue.id for issue in issues], subscriber_id__in=readers)
    return await rows.using_db(tx.connection)


async def _recipients(tx: Transaction, rows: Iterable[_Row]) -> dict[UUID, Match]:
    """Whom each row went to, in as many questions as there are kinds of recipients."""
    several = list(rows)
    readers = await _readers(tx, {row.subscriber_id for row in several if not isinstance(row, AlertMail)})
    moved = await _moved(tx, readers)
    orders = {row.subscription_id for row in several if isinstance(row, AlertMail)}
    alerts = await AlertSubscription.filter(id__in=orders).using_db(tx.connection) if orders else []
    wanted = {row.id: row for row in alerts}
    matches: dict[UUID, Match] = {}
    for row in several:
        match = Match(SERVICE, row.id, row.issue_id if isinstance(row, Delivery) else None)
        if isinstance(row, ServiceMail) and row.address:
            matches[row.id] = _to(match, hash_of(row.address), row.address)
        elif isinstance(row, AlertMail):
            order = wanted.get(row.subscription_id)
            matches[row.id] = _to(match, order.address_hash, order.address) if order else match
        else:
            reader = readers.get(row.subscriber_id)
            same = reader is not None and moved.get(reader.id, row.created_at) <= row.created_at
            matches[row.id] = _to(match, reader.address_hash, reader.address) if reader and same else match
    return matches


async def _readers(tx: Transaction, ids: set[UUID]) -> dict[UUID, Subscriber]:
    return {row.id: row for row in await Subscriber.filter(id__in=ids).using_db(tx.connection)} if ids else {}


async def _moved(tx: Transaction, readers: Mapping[UUID, Subscriber]) -> dict[UUID, datetime]:
    """When subscribers last changed their address: what was sent before went to another one."""
    lines = Consent.filter(subscriber_id__in=list(readers), act=MOVED).using_db(tx.connection).order_by("at")
    return {line.subscriber_id: line.at for line in await lines} if readers else {}


def _to(match: Match, address_hash: str, address: str) -> Match:
    return replace(match, address_hash=address_hash, domain=address.rpartition("@")[2].lower()[:255])
