"""Offers as events."""

from __future__ import annotations

from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.markup import to_text
from services.contacts.dates import first_day, last_day
from services.contacts.directory.links import Links
from services.contacts.offers.models import Offer


def offer_published(row: Offer, links: Links) -> OfferPublished:
    """A published offer as it stands now.

    Dates known only by month or year are told as first and last day; `source` only when it is a source document.
    """
    begin, end = first_day(row.valid_from), last_day(row.valid_to)
    return OfferPublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        name=row.name,
        title=row.name,
        short=row.short,
        aliases=list(row.aliases),
        kind=row.kind,
        region=row.region,
        districts=list(row.districts),
        topics=list(row.topics),
        description=to_text(row.description_html),
        website=row.website,
        source=row.source if links.of(row.source).kind == "source" else "",
        stand=row.stand,
        summary=row.summary,
        title_en=row.title_en,
        summary_en=row.summary_en,
        network=row.network,
        network_name=links.name(row.network),
        provider=row.provider,
        provider_name=links.name(row.provider),
        partner_names=[links.name(slug) for slug in row.partners],
        stages=list(row.stages),
        target_groups=list(row.target_groups),
        languages=list(row.languages),
        format=row.format,
        valid_from=begin.isoformat() if begin else "",
        valid_to=end.isoformat() if end else "",
        published_at=row.published_at.isoformat() if row.published_at else "",
        status=row.status,
        description_en=to_text(row.description_en_html),
        language_level_from=row.language_level_from,
        language_level_to=row.language_level_to,
        part_time=row.part_time,
        childcare=row.childcare,
        open_entry=row.open_entry,
        accessibility=row.accessibility,
        costs=row.costs,
    )


def offer_withdrawn(row: Offer) -> OfferWithdrawn:
    """An offer that is no longer public."""
    return OfferWithdrawn(
        id=str(row.id), version=row.version, slug=row.slug, network=row.network, reason=row.withdrawal_reason
    )
