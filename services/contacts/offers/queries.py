"""Reading offers, and who may see and change which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tortoise.expressions import Q

from infra.contracts.roles import COORDINATOR
from infra.errors import NotFound
from infra.web.identity import Identity
from services.contacts.directory.links import KINDS, Links, links_from, links_of
from services.contacts.directory.models import ContactPoint
from services.contacts.entry import Entry
from services.contacts.facets import concerning, having
from services.contacts.known import Known
from services.contacts.lookup import find, named
from services.contacts.offers import views
from services.contacts.offers.domain import PUBLISHED, REFERENCES, Draft, values_of
from services.contacts.offers.models import Offer, OfferFacet
from services.contacts.offers.schemas import OfferCard, OfferQuery, OfferView
from services.contacts.paging import BY_CHANGE, BY_NAME, Page, page_of
from services.contacts.places.queries import territory_with
from services.contacts.rights import may_edit
from services.contacts.vocabulary.queries import known_terms

_CONTACT_POINT = "contact_point"
_REFERRED: dict[str, type[Entry]] = {**KINDS, _CONTACT_POINT: ContactPoint}


def may_see(identity: Identity, row: Offer) -> bool:
    """Whether a person may know of an offer: drafts and withdrawn ones only who may edit them."""
    return row.state == PUBLISHED or may_edit(identity, row.network)


async def offer(reference: str, identity: Identity) -> OfferView:
    """One offer by slug or id. Raises NotFound, also for what the person may not see."""
    row = await find(Offer, reference)
    if not may_see(identity, row):
        raise NotFound
    return await view_of(row, identity)


async def view_of(row: Offer, identity: Identity) -> OfferView:
    """An offer with the names it refers to."""
    names = await names_in(views.draft_of(row))
    point = names[_CONTACT_POINT].get(row.contact_point, row.contact_point)
    can_edit = may_edit(identity, row.network)
    return views.view(row, links_in(names), contact_point_name=point, can_edit=can_edit)


async def offers(query: OfferQuery, identity: Identity) -> Page[OfferCard]:
    """A page of offers. `mine` needs a coordinator or administrator."""
    if query.mine:
        identity.require_role(COORDINATOR)
    rows = Offer.filter(_visible(query, identity), *_columns(query))
    if query.district:
        tree = await territory_with("district", query.district)
        rows = rows.filter(concerning(OfferFacet, query.district, tree))
    facets = (
        ("stage", query.stage),
        ("target_group", query.target_group),
        ("topic", query.topic),
        ("language", query.language),
    )
    rows = rows.filter(*(having(OfferFacet, facet, values) for facet, values in facets if values))
    by_change = query.sort == "changed" or (query.mine and not query.sort)
    part = await page_of(rows, query, BY_CHANGE if by_change else BY_NAME)
    links = await links_of(part.rows)
    return Page([views.card(row, links) for row in part.rows], part.total, part.next)


def _visible(query: OfferQuery, identity: Identity) -> Q:
    """What the person may see, of what was asked for."""
    if not query.mine and query.state in ("", PUBLISHED):
        return Q(state=PUBLISHED)
    own = Q() if identity.is_admin else Q(network__in=sorted(identity.networks))
    if COORDINATOR not in identity.roles and not identity.is_admin:
        own = Q(state=PUBLISHED)
    return own & Q(state=query.state) if query.state else own


def _columns(query: OfferQuery) -> Iterable[Q]:
    several: dict[str, Any] = {
        "network__in": query.network,
        "kind__in": query.kind,
        "format__in": query.format,
        "status__in": query.status,
        "provider": query.provider,
    }
    return [Q(**{name: value}) for name, value in several.items() if value]


async def names_in(draft: Draft) -> dict[str, dict[str, str]]:
    """The names of everything that `draft` refers to, by kind of entry and slug; one statement."""
    slugs = {draft.source, *(slug for name in REFERENCES for slug in values_of(draft, name))}
    return await named(_REFERRED, slugs)


def links_in(names: Mapping[str, Mapping[str, str]]) -> Links:
    """The links of what a draft refers to (`names_in`)."""
    return links_from({kind: names[kind] for kind in KINDS})


async def known_in(names: Mapping[str, Mapping[str, str]]) -> Known:
    """Which slugs exist, of those in a draft (`names_in`) and in all vocabularies."""
    bodies = {"networks": names["network"], "organisations": names["organisation"]}
    return Known(
        await known_terms()
        | bodies
        | {
            "partners": {*names["network"], *names["organisation"]},
            "contact_points": names[_CONTACT_POINT],
            "regions": names["region"],
        }
    )
