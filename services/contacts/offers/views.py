"""From rows of offers to what readers get."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from services.contacts.directory.links import Links
from services.contacts.offers.domain import Draft
from services.contacts.offers.models import Offer
from services.contacts.offers.schemas import OfferCard, OfferView


def draft_of(row: Offer) -> Draft:
    """What people have entered so far."""
    entered = {item.name: getattr(row, item.name) for item in fields(Draft) if item.name != "title"}
    return Draft(title=row.name, **entered)


def card(row: Offer, links: Links) -> OfferCard:
    """An offer in a list."""
    return OfferCard(
        id=str(row.id),
        slug=row.slug,
        title=row.name,
        title_en=row.title_en,
        summary=row.summary,
        summary_en=row.summary_en,
        kind=row.kind,
        state=row.state,
        status=row.status,
        network=row.network,
        network_name=links.name(row.network),
        provider=row.provider,
        provider_name=links.name(row.provider),
        region=row.region,
        region_note=row.region_note,
        districts=row.districts,
        stages=row.stages,
        target_groups=row.target_groups,
        topics=row.topics,
        languages=row.languages,
        language_level_from=row.language_level_from,
        language_level_to=row.language_level_to,
        format=row.format,
        part_time=row.part_time,
        childcare=row.childcare,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
        stand=row.stand,
        version=row.version,
        updated_at=row.updated_at.isoformat(),
        published_at=_moment(row.published_at),
    )


def view(row: Offer, links: Links, *, contact_point_name: str, can_edit: bool) -> OfferView:
    """One offer; only those who may edit it learn why it was withdrawn."""
    known_source = links.of(row.source)
    return OfferView(
        **vars(draft_of(row)),
        id=str(row.id),
        slug=row.slug,
        state=row.state,
        status=row.status,
        version=row.version,
        origin=row.origin,
        region=row.region,
        description_html=row.description_html,
        description_en_html=row.description_en_html,
        network_name=links.name(row.network),
        provider_name=links.name(row.provider),
        contact_point_name=contact_point_name,
        partner_links=links.all(row.partners),
        source_title=known_source.name if known_source.kind == "source" else "",
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
        published_at=_moment(row.published_at),
        withdrawn_at=_moment(row.withdrawn_at),
        withdrawal_reason=row.withdrawal_reason if can_edit else "",
        can_edit=can_edit,
    )


def _moment(value: datetime | None) -> str:
    return value.isoformat() if value else ""
