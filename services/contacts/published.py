"""Everything contacts makes public, in the order others need it: each table with the event that tells a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from infra.contracts.registry import Event as Contract
from services.contacts.almanac.events import glossary_term_published, state_profile_published
from services.contacts.almanac.models import GlossaryTerm, StateProfile
from services.contacts.directory.events import (
    contact_point_published,
    document_published,
    event_published,
    network_published,
    organisation_published,
)
from services.contacts.directory.links import Links, links_of
from services.contacts.directory.models import ContactPoint, Document, Event, Network, Organisation
from services.contacts.entry import Versioned
from services.contacts.offers.domain import PUBLISHED
from services.contacts.offers.events import offer_published
from services.contacts.offers.models import Offer
from services.contacts.places.events import region_published
from services.contacts.places.models import Region
from services.contacts.vocabulary.events import vocabulary_published
from services.contacts.vocabulary.models import Vocabulary


@dataclass(frozen=True)
class Published:
    """One table and how its rows are told. `where` limits it to what is public; `linked` rows refer to others."""

    model: type[Versioned]
    tell: Callable[[Any, Links], Contract]
    linked: bool = False
    where: tuple[tuple[str, str], ...] = ()


TABLES = (
    Published(Vocabulary, lambda row, _links: vocabulary_published(row)),
    Published(Region, lambda row, _links: region_published(row)),
    Published(Organisation, organisation_published),
    Published(Network, network_published, linked=True),
    Published(ContactPoint, contact_point_published, linked=True),
    Published(Offer, offer_published, linked=True, where=(("state", PUBLISHED),)),
    Published(Document, document_published, linked=True),
    Published(Event, event_published, linked=True),
    Published(StateProfile, lambda row, _links: state_profile_published(row)),
    Published(GlossaryTerm, lambda row, _links: glossary_term_published(row)),
)


async def events_of(table: Published, rows: Iterable[Any]) -> list[Contract]:
    """The events that tell `rows` of one table as they stand now."""
    several = list(rows)
    links = await links_of(several) if table.linked and several else Links({})
    return [table.tell(row, links) for row in several]
