"""Reading state profiles and the glossary, with links to whatever they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.contacts.almanac.models import GlossaryTerm, StateProfile
from services.contacts.almanac.schemas import (
    GlossaryItem,
    GlossaryQuery,
    ProfileQuery,
    ProfileSection,
    StateProfileCard,
    StateProfileView,
)
from services.contacts.directory.links import Links, resolve
from services.contacts.directory.models import Document, Event, Network, Organisation, Source
from services.contacts.directory.views import head
from services.contacts.entry import Entry
from services.contacts.lookup import find
from services.contacts.offers.models import Offer
from services.contacts.paging import Page, page_of
from services.contacts.places.models import Region
from services.contacts.places.queries import territory_with

_KINDS: dict[str, type[Entry]] = {
    "source": Source,  # first: where a source is also a document of the directory, the link leads there
    "organisation": Organisation,
    "network": Network,
    "offer": Offer,
    "document": Document,
    "event": Event,
    "region": Region,
}
# The lists of references in a section, in the order they are shown.
REFERENCES = ("offers", "organisations", "networks", "documents", "events")


async def profiles(query: ProfileQuery) -> Page[StateProfileCard]:
    """A page of state profiles; `region` also takes a district and then finds the profile of its Land."""
    rows = StateProfile.all()
    if query.region:
        tree = await territory_with("region", query.region)
        rows = rows.filter(region__in=tree.concerning(query.region))
    part = await page_of(rows, query)
    links = await _links(slug for row in part.rows for slug in (row.region, row.source))
    return Page([StateProfileCard(**_card(row, links)) for row in part.rows], part.total, part.next)


async def profile(reference: str) -> StateProfileView:
    """One state profile. Raises NotFound."""
    row = await find(StateProfile, reference)
    mentioned = [slug for section in row.sections for slug in _mentioned(section)]
    links = await _links([row.region, row.source, row.strategy.get("document", ""), *mentioned])
    sections = [
        ProfileSection(section["number"], section["title"], section["bullets"], links.all(_mentioned(section)))
        for section in row.sections
    ]
    return StateProfileView(
        **_card(row, links), strategy=row.strategy, sections=sections, planned_changes=row.planned_changes
    )


async def glossary(query: GlossaryQuery) -> Page[GlossaryItem]:
    """A page of the glossary, by abbreviation."""
    part = await page_of(GlossaryTerm.all(), query)
    links = await _links(slug for row in part.rows for slug in (row.ref, row.source))
    items = [
        GlossaryItem(
            **head(row, links),
            abbr=row.name,
            long=row.long,
            basis=row.basis,
            note=row.note,
            ref=links.maybe(row.ref),
        )
        for row in part.rows
    ]
    return Page(items, part.total, part.next)


async def _links(slugs: Iterable[str]) -> Links:
    return await resolve(slugs, _KINDS)


def _mentioned(section: dict[str, Any]) -> list[str]:
    return [slug for name in REFERENCES for slug in section.get(name, ())]


def _card(row: StateProfile, links: Links) -> dict[str, Any]:
    return head(row, links) | {"name": row.name, "region": row.region, "region_name": links.name(row.region)}
