"""Reading the directory. Every list costs the same number of statements, whatever it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from services.contacts.accounts.queries import coordinators_of
from services.contacts.directory import views
from services.contacts.directory.links import Links, links_of
from services.contacts.directory.models import (
    ContactPoint,
    ContactPointFacet,
    Document,
    Event,
    Network,
    Organisation,
    Source,
)
from services.contacts.directory.schemas import (
    ContactPointCard,
    ContactPointQuery,
    DirectoryQuery,
    DocumentCard,
    EventCard,
    EventQuery,
    Link,
    NetworkCard,
    NetworkView,
    OrganisationCard,
    OrganisationView,
    PlainQuery,
    SourceItem,
)
from services.contacts.entry import Described, Entry
from services.contacts.facets import concerning, having
from services.contacts.lookup import find
from services.contacts.paging import BY_NAME, Day, Order, Page, PageQuery, page_of
from services.contacts.places.queries import territory_with

E = TypeVar("E", bound=Entry)
D = TypeVar("D", bound=Described)
C = TypeVar("C")
BY_DAY = Order("date_start", Day)


async def listed(rows: QuerySet[E], query: PageQuery, card: Callable[[E, Links], C], order: Order = BY_NAME) -> Page[C]:
    """One page of `rows`, each shown by `card`."""
    part = await page_of(rows, query, order)
    links = await links_of(part.rows)
    return Page([card(row, links) for row in part.rows], part.total, part.next)


async def _filtered(model: type[D], query: DirectoryQuery) -> QuerySet[D]:
    rows = model.all()
    if query.region:
        tree = await territory_with("region", query.region)
        rows = rows.filter(region__in=tree.concerning(query.region))
    return rows.filter(kind__in=query.kind) if query.kind else rows


async def organisations(query: DirectoryQuery) -> Page[OrganisationCard]:
    """A page of organisations."""
    return await listed(await _filtered(Organisation, query), query, views.organisation_card)


async def organisation(reference: str) -> OrganisationView:
    """One organisation. Raises NotFound."""
    row = await find(Organisation, reference)
    members = await Network.all().order_by("sort_key").values_list("slug", "name", "lead", "members")
    networks = [Link(slug, name, "network") for slug, name, lead, slugs in members if row.slug in (lead, *slugs)]
    return views.organisation_view(row, await links_of([row]), networks)


async def networks(query: DirectoryQuery) -> Page[NetworkCard]:
    """A page of networks."""
    return await listed(await _filtered(Network, query), query, views.network_card)


async def network(reference: str) -> NetworkView:
    """One network. Raises NotFound."""
    row = await find(Network, reference)
    coordinators = [account.name for account in await coordinators_of(row.slug)]
    return views.network_view(row, await links_of([row]), coordinators)


async def contact_points(query: ContactPointQuery) -> Page[ContactPointCard]:
    """A page of contact points."""
    rows = ContactPoint.all()
    if query.district:
        tree = await territory_with("district", query.district)
        rows = rows.filter(concerning(ContactPointFacet, query.district, tree))
    for facet, values in (("language", query.language), ("topic", query.topic)):
        if values:
            rows = rows.filter(having(ContactPointFacet, facet, values))
    if query.kind:
        rows = rows.filter(kind__in=query.kind)
    if query.network:
        rows = rows.filter(network=query.network)
    return await listed(rows, query, views.contact_point)


async def contact_point(reference: str) -> ContactPointCard:
    """One contact point. Raises NotFound."""
    row = await find(ContactPoint, reference)
    return views.contact_point(row, await links_of([row]))


async def documents(query: DirectoryQuery) -> Page[DocumentCard]:
    """A page of documents."""
    return await listed(await _filtered(Document, query), query, views.document)


async def document(reference: str) -> DocumentCard:
    """One document. Raises NotFound."""
    row = await find(Document, reference)
    return views.document(row, await links_of([row]))


async def events(query: EventQuery) -> Page[EventCard]:
    """A page of dates. Those without a day count as neither before nor after one."""
    rows = await _filtered(Event, query)
    if query.after:
        rows = rows.filter(Q(date_start__gte=query.after) | Q(date_end__gte=query.after))
    if query.before:
        rows = rows.filter(date_start__lte=query.before).exclude(date_start="")
    return await listed(rows, query, views.event, BY_DAY)


async def event(reference: str) -> EventCard:
    """One date. Raises NotFound."""
    row = await find(Event, reference)
    return views.event(row, await links_of([row]))


async def sources(query: PlainQuery) -> Page[SourceItem]:
    """A page of source documents."""
    return await listed(Source.all(), query, views.source)
