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

_ID_IN_MESSAGE_ID = re.compile(r"<([0-9a-f-]{36})@[^<>\s]+>")
_TABLES: tuple[type[Delivery] | type[ServiceMail] | type[AlertMail], ...] = (Delivery, ServiceMail, AlertMail)
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
    rows = await _rows(tx, _own_ids(readings))
    recipients = await _recipients(tx, rows.values())
    found: dict[str, Match] = {}
    for reading in readings:
        if reading.posting is not None and reading.posting[0] != SERVICE:
            found[reading.digest] = Match(*reading.posting)
        elif row := _row_of(reading, rows):
            found[reading.digest] = recipients[row.id]
    return found


async def issues_answered(tx: Transaction, readings: Sequence[Reading]) -> Mapping[str, str]:
    """The slug of the issue that a person's mail answers, by digest, where its headers name a mail of that issue."""
    asked = {reading.digest: _ids_in(reading.letter.answers) for reading in readings if reading.letter}
    ids = {each for several in asked.values() for each in several}
    if not ids:
        return {}
    issues = {row.id: row.issue_id for row in await Delivery.filter(id__in=ids).using_db(tx.connection)}
    slugs = await Issue.filter(id__in=set(issues.values())).using_db(tx.connection).values_list("id", "slug")
    names = dict(slugs)
    answered = {
        digest: [names[issues[each]] for each in several if each in issues] for digest, several in asked.items()
    }
    return {digest: found[0] for digest, found in answered.items() if found}


def _own_ids(readings: Sequence[Reading]) -> set[UUID]:
    ids: set[UUID] = set()
    for reading in readings:
        if reading.posting is None:
            ids |= _ids_in(reading.report.message_ids) if reading.report else set()
        elif reading.posting[0] == SERVICE:
            ids.add(reading.posting[1])
    return ids


def _ids_in(message_ids: Iterable[str]) -> set[UUID]:
    """The ids of rows that Message-IDs of ours name: `<id@domain>`."""
    found = (_ID_IN_MESSAGE_ID.fullmatch(each.lower()) for each in message_ids)
    return {row_id for match in found if match and (row_id := as_id(match[1]))}


def _row_of(reading: Reading, rows: Mapping[UUID, _Row]) -> _Row | None:
    """A signed address names its row; of Message-IDs only one that a row has word for word."""
    if reading.posting is not None:
        return rows.get(reading.posting[1])
    told = reading.report.message_ids if reading.report else ()
    known = (rows.get(row_id) for row_id in _ids_in(told))
    return next((row for row in known if row is not None and row.message_id in told), None)


async def _rows(tx: Transaction, ids: set[UUID]) -> dict[UUID, _Row]:
    rows: dict[UUID, _Row] = {}
    for table in _TABLES if ids else ():
        rows |= {row.id: row for row in await table.filter(id__in=ids).using_db(tx.connection)}
    return rows


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
