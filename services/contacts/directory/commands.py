"""Changing the directory: contact points, by who looks after a network."""

from __future__ import annotations

from uuid import UUID

from infra.db import Transaction
from infra.ids import new_id, slugify
from infra.outbox import record
from infra.web.identity import Identity
from services.contacts.directory.domain import ContactPointDraft, check
from services.contacts.directory.events import contact_point_published
from services.contacts.directory.links import links_of
from services.contacts.directory.models import ContactPoint, ContactPointFacet, Network, Organisation
from services.contacts.facets import replace_rows, rows_of
from services.contacts.known import Known
from services.contacts.lookup import existing
from services.contacts.places.domain import common_region
from services.contacts.places.models import Region
from services.contacts.places.queries import territory
from services.contacts.rights import require_edit
from services.contacts.vocabulary.queries import known_terms


async def add_contact_point(
    tx: Transaction, identity: Identity, draft: ContactPointDraft, point_id: UUID | None = None
) -> ContactPoint:
    """Add a contact point and tell it. Raises Forbidden (not one's own network), Invalid."""
    require_edit(identity, draft.network)
    check(draft, await _known(draft))
    tree = await territory()
    identifier = point_id or new_id()
    row = ContactPoint(**vars(draft), id=identifier, slug=f"{slugify(draft.name)}-{identifier.hex[-8:]}")
    row.sort_key = slugify(draft.name, 120)
    row.region = common_region(draft.districts, tree)
    await row.save(using_db=tx.connection, force_create=True)
    values = {"district": draft.districts, "language": draft.languages, "topic": draft.topics}
    await replace_rows(tx, ContactPointFacet, row.id, rows_of(ContactPointFacet, row.id, values, tree))
    await record(tx, contact_point_published(row, await links_of([row])))
    return row


async def _known(draft: ContactPointDraft) -> Known:
    return Known(
        {
            **await known_terms(),
            "networks": await existing(Network, [draft.network]),
            "organisations": await existing(Organisation, [draft.organisation]),
            "regions": await existing(Region, draft.districts),
        }
    )
