"""Spaces and members: kept in step with networks and accounts, and set up by those who manage them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from msgspec import UNSET
from tortoise.expressions import F

from infra.contracts.contacts import AccountChanged, NetworkPublished
from infra.db import Transaction
from infra.errors import Forbidden, Stale
from infra.ids import content_id
from infra.outbox import record, record_all
from infra.web.identity import Identity
from services.forum import queries
from services.forum.domain import NAME_MAX, manages
from services.forum.events import space_changed, topic_changed
from services.forum.models import Member, Membership, Space, Topic
from services.forum.schemas import SpaceSettings

_BATCH = 200


async def follow_network(tx: Transaction, event: NetworkPublished) -> None:
    """Open the network's space, or bring it up to date; an event not newer than the last one changes nothing."""
    unopened = Space(
        id=content_id("space", event.slug),
        slug=event.slug,
        network=event.slug,
        name=event.name,
        version=0,
        network_version=-1,
    )
    await Space.bulk_create([unopened], ignore_conflicts=True, using_db=tx.connection)
    space = await Space.filter(network=event.slug).using_db(tx.connection).select_for_update(no_key=True).get()
    if event.version <= space.network_version:
        return
    moved = space.version > 0 and (space.name, space.region) != (event.name, event.region)
    await _change(
        tx,
        space,
        name=event.name,
        description=event.description,
        region=event.region,
        network_version=event.version,
    )
    if moved:
        await _announce_topics(tx, space)


async def change_settings(
    tx: Transaction, identity: Identity, key: str, version: int, settings: SpaceSettings
) -> Space:
    """New settings of a space that is still in `version`; its topics are told anew when their readers change.

    Raises:
        NotFound, Forbidden: the person may not know of it, or does not manage it.
        Stale: somebody else has changed it since.
    """
    known = await queries.space_to_see(identity, key)
    if not manages(identity.roles, identity.networks, known.network):
        raise Forbidden
    space = await Space.filter(id=known.id).using_db(tx.connection).select_for_update(no_key=True).get()
    if space.version != version:
        raise Stale
    changes: dict[str, object] = {}
    if settings.access is not UNSET and settings.access != space.access:
        changes["access"] = settings.access
    if settings.offer_topics is not UNSET and settings.offer_topics != space.offer_topics:
        changes["offer_topics"] = settings.offer_topics
    if changes:
        await _change(tx, space, **changes)
    if "access" in changes:
        await _announce_topics(tx, space)
    return space


async def _change(tx: Transaction, space: Space, **changes: object) -> None:
    space.update_from_dict({**changes, "version": space.version + 1})
    await space.save(using_db=tx.connection, update_fields=[*changes, "version"])
    await record(tx, space_changed(space))


async def _announce_topics(tx: Transaction, space: Space) -> None:
    """Tell of all topics of a space again, because its name, region or readers changed."""
    visible = Topic.filter(space_id=space.id, deleted_at=None).using_db(tx.connection)
    await visible.update(version=F("version") + 1)
    after = UUID(int=0)
    while topics := await visible.filter(id__gt=after).order_by("id").limit(_BATCH).select_related("space"):
        await record_all(tx, [topic_changed(topic, await queries.topic_text(topic)) for topic in topics])
        after = topics[-1].id


async def follow_account(tx: Transaction, event: AccountChanged) -> None:
    """Take over a person's public name and networks; a closed account belongs to none."""
    account = UUID(event.id)
    unknown = Member(id=account, name=event.name[:NAME_MAX], version=-1, joined_at=datetime.now(UTC))
    await Member.bulk_create([unknown], ignore_conflicts=True, using_db=tx.connection)
    member = await Member.filter(id=account).using_db(tx.connection).select_for_update(no_key=True).get()
    if event.version <= member.version:
        return
    member.update_from_dict({"name": event.name[:NAME_MAX], "active": event.active, "version": event.version})
    await member.save(using_db=tx.connection, update_fields=["name", "active", "version"])
    networks = set(event.networks) if event.active else set()
    await Membership.filter(member_id=account, network__not_in=sorted(networks)).using_db(tx.connection).delete()
    rows = [Membership(member_id=account, network=network) for network in sorted(networks)]
    await Membership.bulk_create(rows, ignore_conflicts=True, using_db=tx.connection)
