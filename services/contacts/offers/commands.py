"""Changing offers: create, change, publish, withdraw. Every change of a public offer is told in its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from infra.contracts.roles import COORDINATOR
from infra.contracts.territory import Territory
from infra.db import Transaction
from infra.errors import Conflict, NotFound, Stale, Text
from infra.ids import as_id, new_id, slugify
from infra.markup import to_html
from infra.outbox import record
from infra.web.identity import Identity
from services.contacts.dates import first_day, last_day
from services.contacts.directory.links import Links, links_of
from services.contacts.entry import PLATFORM
from services.contacts.facets import replace_rows, rows_of
from services.contacts.lookup import one
from services.contacts.offers.domain import (
    DRAFT,
    ENDED,
    PLANNED,
    PUBLISHED,
    WITHDRAWN,
    Draft,
    check,
    cleaned,
    status_on,
)
from services.contacts.offers.events import offer_published, offer_withdrawn
from services.contacts.offers.models import Offer, OfferFacet
from services.contacts.offers.queries import known_in, links_in, may_see, names_in
from services.contacts.offers.views import draft_of
from services.contacts.places.domain import common_region
from services.contacts.places.queries import territory
from services.contacts.rights import require_edit

_NOT_PUBLIC = Text("Dieses Angebot ist nicht veröffentlicht.", "This offer is not published.")
SLUG_LENGTH = 80
_LIFE = ("state", "status", "published_at", "withdrawn_at", "withdrawal_reason")


async def create(tx: Transaction, identity: Identity, draft: Draft, offer_id: UUID | None = None) -> Offer:
    """A new draft. Raises Forbidden (not one's own network), Invalid."""
    identity.require_role(COORDINATOR)
    draft = _with_stand(cleaned(draft))
    await _check(identity, draft, publish=False)
    row = Offer(id=offer_id or new_id(), state=DRAFT)
    tree = await territory()
    fill(row, draft, tree, _today())
    await _insert(tx, row)
    await _index(tx, row, tree)
    return row


async def change(
    tx: Transaction, identity: Identity, reference: str, changes: Mapping[str, Any], expected: int
) -> Offer:
    """Change some fields of an offer that is still in version `expected`.

    Raises:
        NotFound, Forbidden: what the person may not see or change, also for the network it would move to.
        Stale: somebody else was faster. Invalid: with every field that breaks a rule.
    """
    row = await _locked(tx, identity, reference, expected)
    before = draft_of(row)
    draft = cleaned(replace(before, **changes))
    if draft == before:
        return row
    draft = _with_stand(draft if "stand" in changes else replace(draft, stand=""))
    links = await _check(identity, draft, publish=row.state == PUBLISHED)
    tree = await territory()
    fill(row, draft, tree, _today())
    await _save(tx, row)
    await _tell(tx, row, links)
    await _index(tx, row, tree)
    return row


async def publish(tx: Transaction, identity: Identity, reference: str, expected: int | None = None) -> Offer:
    """Make an offer public; nothing happens when it is already. Raises Invalid when the public lacks something."""
    row = await _locked(tx, identity, reference, expected)
    if row.state == PUBLISHED:
        return row
    links = await _check(identity, draft_of(row), publish=True)
    row.state = PUBLISHED
    row.status = status_on(_today(), row.starts_on, row.ends_on)
    row.published_at = datetime.now(UTC)
    row.withdrawn_at = None
    row.withdrawal_reason = ""
    await _save(tx, row, _LIFE)
    await _tell(tx, row, links)
    return row


async def withdraw(
    tx: Transaction, identity: Identity, reference: str, reason: str, expected: int | None = None
) -> Offer:
    """Take a public offer back; nothing happens when it is already. Raises Conflict for a draft."""
    row = await _locked(tx, identity, reference, expected)
    if row.state == WITHDRAWN:
        return row
    if row.state != PUBLISHED:
        raise Conflict(_NOT_PUBLIC)
    row.state = WITHDRAWN
    row.withdrawn_at = datetime.now(UTC)
    row.withdrawal_reason = " ".join(reason.split())
    await _save(tx, row, _LIFE)
    await record(tx, offer_withdrawn(row))
    return row


async def follow_calendar(tx: Transaction, today: date) -> int:
    """Bring the status of public offers in line with their dates; returns how many changed.

    Offers that only an import has written keep the status their source gave them.
    """
    rows = Offer.filter(state=PUBLISHED, origin=PLATFORM).using_db(tx.connection).select_for_update()
    ended = await rows.filter(ends_on__lt=today).exclude(status=ENDED)
    begun = await rows.filter(status=PLANNED, starts_on__lte=today)
    due = {row.id: row for row in [*ended, *begun]}
    for row in due.values():
        row.status = status_on(today, row.starts_on, row.ends_on)
        await _save(tx, row, _LIFE)
        await _tell(tx, row, await links_of([row]))
    return len(due)


def fill(row: Offer, draft: Draft, tree: Territory, today: date) -> None:
    """Put what people entered into the row, with everything that follows from it."""
    for item in fields(Draft):
        if item.name != "title":
            setattr(row, item.name, getattr(draft, item.name))
    row.name = draft.title
    row.sort_key = slugify(draft.title, 120)
    row.description_html = to_html(draft.description)
    row.description_en_html = to_html(draft.description_en)
    row.region = common_region(draft.districts, tree)
    row.starts_on, row.ends_on = first_day(draft.valid_from), last_day(draft.valid_to)
    row.status = status_on(today, row.starts_on, row.ends_on)
    row.origin = PLATFORM


def facet_rows(row: Offer, tree: Territory) -> list[OfferFacet]:
    """The index rows of an offer."""
    values = {
        "district": row.districts,
        "stage": row.stages,
        "target_group": row.target_groups,
        "topic": row.topics,
        "language": row.languages,
    }
    return rows_of(OfferFacet, row.id, values, tree)


async def _check(identity: Identity, draft: Draft, *, publish: bool) -> Links:
    """Raises what speaks against the draft; else the links of what it refers to."""
    names = await names_in(draft)
    known = await known_in(names)
    if not known.missing("networks", [draft.network]):
        require_edit(identity, draft.network)
    check(draft, known, publish=publish)
    return links_in(names)


async def _locked(tx: Transaction, identity: Identity, reference: str, expected: int | None) -> Offer:
    """The offer, locked until the end of the transaction, if the person may change it and it is as they read it."""
    row = await one(Offer.all().using_db(tx.connection).select_for_update(), reference)
    if row is None or not may_see(identity, row):
        raise NotFound
    require_edit(identity, row.network)
    if expected is not None and row.version != expected:
        raise Stale
    return row


async def _save(tx: Transaction, row: Offer, changed: Sequence[str] | None = None) -> None:
    """Write the row, or what `changed` of it, in its next version."""
    row.version += 1
    await row.save(using_db=tx.connection, update_fields=changed and [*changed, "version", "updated_at"])


async def _tell(tx: Transaction, row: Offer, links: Links) -> None:
    """Tell of an offer as it stands now, if it is public."""
    if row.state == PUBLISHED:
        await record(tx, offer_published(row, links))


async def _index(tx: Transaction, row: Offer, tree: Territory) -> None:
    await replace_rows(tx, OfferFacet, row.id, facet_rows(row, tree))


async def _insert(tx: Transaction, row: Offer) -> None:
    """Insert under a slug made of the title; the end of the id keeps apart what has the same title.

    Of two created at the same moment the second insert does nothing and is made anew.
    """
    base = slugify(row.name, SLUG_LENGTH) or "angebot"
    row.slug = base
    if as_id(base) is None:
        await Offer.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
        if await Offer.filter(id=row.id).using_db(tx.connection).exists():
            return
    row.slug = f"{base}-{row.id.hex[-8:]}"
    await row.save(using_db=tx.connection, force_create=True)


def _with_stand(draft: Draft) -> Draft:
    """An entry always says as of when it holds: today, unless the person said otherwise."""
    return draft if draft.stand else replace(draft, stand=_today().isoformat())


def _today() -> date:
    return datetime.now(UTC).date()
